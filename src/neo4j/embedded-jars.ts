import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify, stripVTControlCharacters } from 'node:util';

import { withLock } from './file-lock.js';
import { SetupError } from './setup-error.js';

/** What the embedded server tells whoever started it, in words for a person. */
export type EventListener = (message: string, level: 'info' | 'warn' | 'error') => void;

// Two folders up from src/neo4j and from dist/neo4j alike.
const POM = fileURLToPath(new URL('../../neo4j/pom.xml', import.meta.url));
const MAVEN_IMAGE = 'maven:3.9-eclipse-temurin-17';
/** 123 MB over a slow line. */
const FETCH_TIMEOUT_MS = 30 * 60_000;
const ABANDONED_MS = 60 * 60_000;

/**
 * Answers the folder with Neo4j's jars, fetched by Maven the first time and kept per user and version.
 * Several processes may ask at once: one fetches, the others wait for it. Throws `SetupError` when they cannot be had.
 */
export async function ensureNeo4jJars(
  options: { onEvent?: EventListener | undefined; signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const version = readNeo4jVersion();
  const lib = join(cacheFolder(), `neo4j-${version}`, 'lib');
  if (existsSync(lib)) return lib;
  mkdirSync(dirname(lib), { recursive: true });
  const onWait = (): void => options.onEvent?.('Waiting for another process that fetches Neo4j.', 'info');
  await withLock(join(dirname(lib), 'fetch.lock'), () => fetchUnlessThere(lib, version, options), {
    ...options,
    onWait,
  });
  return lib;
}

/** The version that neo4j/pom.xml pins: "5.26.30". */
export function readNeo4jVersion(): string {
  const version = /<neo4j\.version>([\w.-]+)<\/neo4j\.version>/.exec(readFileSync(POM, 'utf8'))?.[1];
  if (version === undefined) throw new Error(`${POM} names no <neo4j.version>.`);
  return version;
}

function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  return join(configured === undefined || configured === '' ? join(homedir(), '.cache') : configured, 'weftline');
}

async function fetchUnlessThere(
  lib: string,
  version: string,
  { onEvent, signal }: { onEvent?: EventListener | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  if (existsSync(lib)) return;
  removeAbandonedFetches(dirname(lib));
  const startedAt = Date.now();
  onEvent?.(`Fetching Neo4j ${version} from Maven Central, 123 MB, once for this user.`, 'info');
  // Beside the final folder, hence on the same file system: the rename at the end is one step, done or not.
  const partial = mkdtempSync(join(dirname(lib), 'partial-'));
  try {
    await runMaven(version, partial, signal);
    refuseIncomplete(version, partial);
    renameSync(partial, lib);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  onEvent?.(`Fetched Neo4j ${version} into ${lib} in ${seconds} s.`, 'info');
}

/** A docker daemon on another machine writes into a folder there. */
function refuseIncomplete(version: string, folder: string): void {
  if (existsSync(join(folder, `neo4j-${version}.jar`))) return;
  throw new SetupError(`Neo4j ${version} was fetched, but not into ${folder}: install Maven on this machine.`);
}

function removeAbandonedFetches(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('partial-'))) {
    const path = join(folder, name);
    const modifiedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modifiedAt > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

async function runMaven(version: string, target: string, signal: AbortSignal | undefined): Promise<void> {
  const local = await run('mvn', mavenArguments(POM, target), signal);
  if (local !== 'not found') {
    refuseFailure(`Maven could not fetch Neo4j ${version}`, local);
    return;
  }
  const container = await run('docker', dockerArguments(target), signal);
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

function dockerArguments(target: string): string[] {
  // The container writes as the user, so that the jars belong to them; that user has no home in the image.
  const user = typeof process.getuid === 'function' ? ['--user', `${process.getuid()}:${process.getgid?.() ?? 0}`] : [];
  const folders = ['--volume', `${dirname(POM)}:/weftline:ro`, '--volume', `${target}:/lib-out`];
  const maven = mavenArguments(`/weftline/${basename(POM)}`, '/lib-out');
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
