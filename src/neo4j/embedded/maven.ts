import { execFile } from 'node:child_process';
import { basename, dirname } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';

import { SetupError } from '../setup-error.js';

const MAVEN_IMAGE = 'maven:3.9-eclipse-temurin-17';
/** 123 MB over a slow line. */
const FETCH_TIMEOUT_MS = 30 * 60_000;

/**
 * Copies Neo4j and all it needs, as the pom says, into the target folder: with the Maven of this machine, else with one
 * in docker. Throws `SetupError` when there is neither, or with the reason why it failed.
 */
export async function runMaven(
  pom: string,
  version: string,
  target: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const local = await run('mvn', mavenArguments(pom, target), signal);
  if (local !== 'not found') {
    refuseFailure(`Maven could not fetch Neo4j ${version}`, local);
    return;
  }
  const container = await run('docker', dockerArguments(pom, target), signal);
  if (container !== 'not found') {
    refuseFailure(`mvn is not on the PATH, and in docker it could not fetch Neo4j ${version}`, container);
    return;
  }
  throw new SetupError(
    `Neo4j ${version} is fetched by Maven, and neither mvn nor docker was found on the PATH. Install Maven ` +
      '(Debian: apt install maven; macOS: brew install maven), or set NEO4J_URI to a Neo4j that already runs.',
  );
}

/** Strict checksums: a jar that does not match what the repository says of it fails the fetch. */
function mavenArguments(pom: string, target: string): string[] {
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${target}`];
  return ['--quiet', '--batch-mode', '-Dstyle.color=never', '--strict-checksums', '--file', pom, ...goal];
}

function dockerArguments(pom: string, target: string): string[] {
  // The container writes as the user, so that the jars belong to them; that user has no home in the image.
  const user = typeof process.getuid === 'function' ? ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`] : [];
  const folders = ['--volume', `${dirname(pom)}:/weftline:ro`, '--volume', `${target}:/lib-out`];
  const maven = mavenArguments(`/weftline/${basename(pom)}`, '/lib-out');
  const home = ['--env', 'MAVEN_CONFIG=/tmp/.m2', '--env', 'HOME=/tmp'];
  return [
    'run',
    '--rm',
    ...user,
    ...home,
    ...folders,
    MAVEN_IMAGE,
    'mvn',
    '-Dmaven.repo.local=/tmp/.m2/repository',
    ...maven,
  ];
}

interface Outcome {
  /** What the program printed when it failed; null when it succeeded. */
  failure: string | null;
}

async function run(program: string, args: string[], signal: AbortSignal | undefined): Promise<Outcome | 'not found'> {
  try {
    await promisify(execFile)(program, args, { signal, timeout: FETCH_TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 });
    return { failure: null };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    if ('code' in error && error.code === 'ENOENT') return 'not found';
    const printed = ['stdout', 'stderr'].map((stream) => Reflect.get(error, stream) as unknown);
    return { failure: printed.filter((text) => typeof text === 'string').join('\n') || error.message };
  }
}

function refuseFailure(what: string, { failure }: Outcome): void {
  if (failure === null) return;
  // Both tools say first what is wrong, and then at length what to read about it.
  const first =
    stripVTControlCharacters(failure)
      .split('\n')
      .find((line) => line.trim() !== '') ?? 'it gave no reason';
  const reason = first.replace('[ERROR] ', '').trim().slice(0, 500);
  throw new SetupError(
    `${what}: ${reason}\nCheck the network and the settings of Maven and run this again, ` +
      'or set NEO4J_URI to a Neo4j that already runs.',
  );
}
