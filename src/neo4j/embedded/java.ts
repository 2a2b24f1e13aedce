import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { newestLineOn, type Neo4jLine } from './lines.js';
import { SetupError } from '../setup-error.js';

const OLDEST_JAVA = 17;
const FIX =
  'Install a Java 17 runtime (Debian: apt install openjdk-17-jre-headless; macOS: brew install openjdk@17), ' +
  'or set NEO4J_URI to a Neo4j that already runs.';

/** A Java, and the newest line of Neo4j that it can run. */
export interface FoundJava {
  /** The program: a path, or "java" for that of the PATH. */
  java: string;
  /** All that `java -version` says: the same for two only if they are the same build. */
  build: string;
  line: Neo4jLine;
}

/**
 * Finds the Java that runs the embedded Neo4j: the one of JAVA_HOME, else the first on the PATH.
 * Throws `SetupError` when there is none, or when it is older than Java 17.
 */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<FoundJava> {
  const home = environment['JAVA_HOME'];
  const java = home === undefined || home === '' ? 'java' : join(home, 'bin', 'java');
  const found = await readJavaVersion(java, environment);
  if (found === null) {
    const where =
      java === 'java' ? 'no java that runs was found on the PATH' : `JAVA_HOME names no java that runs (${java})`;
    throw new SetupError(`The embedded Neo4j needs Java ${OLDEST_JAVA} or later, and ${where}. ${FIX}`);
  }
  const { version, build } = found;
  const line = newestLineOn(version);
  if (line === null) {
    throw new SetupError(
      `The embedded Neo4j needs Java ${OLDEST_JAVA} or later, and ${java} is Java ${version}. ${FIX}`,
    );
  }
  return { java, build, line };
}

/** The major version of that java, 17, and 8 for "1.8.0_392", and its build; null when it does not run or does not say. */
async function readJavaVersion(
  java: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ version: number; build: string } | null> {
  try {
    const { stdout, stderr } = await promisify(execFile)(java, ['-version'], { env: environment, timeout: 60_000 });
    // Beside what it is asked for, it says which options it found in the environment.
    const build = (stderr + stdout).replace(/^Picked up .*$/gm, '').trim();
    const match = /version "(?:1\.)?(\d+)/.exec(build);
    return match?.[1] === undefined ? null : { version: Number(match[1]), build };
  } catch {
    return null; // not there, not executable, or the stub of a system without Java, which exits 1
  }
}
