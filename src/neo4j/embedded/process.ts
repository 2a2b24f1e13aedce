import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import type { ClassArchive } from './archive.js';
import type { EmbeddedHome } from './home.js';
import type { FoundJava } from './java.js';
import { pause } from '../pause.js';
import { identifyProcess, isAlive, type ProcessIdentity, seemsAlive } from './process-identity.js';
import { SetupError } from '../setup-error.js';

const KILL_AFTER_MS = 30_000;
const OPENED_PACKAGES = ['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent'];

interface SpawnOptions {
  lib: string;
  heapMegabytes: number;
  archive: ClassArchive;
}

/**
 * Starts Java, detached: in its own process group, so that Ctrl-C in the terminal reaches us and not the database
 * below us, and so that it outlives us when we are killed. It is not ready yet when this returns.
 */
export function spawnNeo4j(
  home: EmbeddedHome,
  { java, line, lib, heapMegabytes, archive }: FoundJava & SpawnOptions,
): ProcessIdentity {
  const opened = OPENED_PACKAGES.map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);
  // Out of memory, Neo4j would limp on; gone, it is started again.
  const memory = [`-Xmx${heapMegabytes}m`, '-XX:+ExitOnOutOfMemoryError'];
  const main = [line.entryClass, `--home-dir=${home.folder}`, `--config-dir=${home.configFolder}`];
  const log = openSync(home.consoleLog, 'w', 0o600);
  try {
    const child = spawn(java, [...memory, ...archive.options, ...opened, '-cp', join(lib, '*'), ...main], {
      cwd: home.folder,
      detached: true,
      env: javaEnvironment(),
      stdio: ['ignore', log, log],
    });
    child.on('error', () => undefined); // told below: a child that did not start has no pid
    child.unref();
    const identity = child.pid === undefined ? null : identifyProcess(child.pid);
    if (identity === null) throw new SetupError(`${java} could not be started: see ${home.consoleLog}.`);
    return identity;
  } finally {
    closeSync(log);
  }
}

/**
 * Asks the server to shut down and waits; after 30 seconds it is killed. Does nothing when it is gone already. Answers whether
 * it came to its end by itself.
 */
export async function stopNeo4j(server: ProcessIdentity): Promise<boolean> {
  const wasAlive = isAlive(server);
  signalIfAlive(server, 'SIGTERM');
  if (await hasEnded(server, KILL_AFTER_MS)) return wasAlive;
  signalIfAlive(server, 'SIGKILL');
  if (!(await hasEnded(server, KILL_AFTER_MS))) throw new Error(`Neo4j, process ${server.pid}, does not end.`);
  return false;
}

/** A port of 127.0.0.1 that nobody listens on at this moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('A listening TCP socket has no port.');
  return address.port;
}

/** The secrets in our environment are none of the database's business. */
function javaEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'JAVA_HOME', 'JAVA_TOOL_OPTIONS'];
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}

function signalIfAlive(server: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(server)) return;
  try {
    process.kill(server.pid, signal);
  } catch (error) {
    // It ended between the two lines.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

async function hasEnded(server: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  while (seemsAlive(server)) {
    if (Date.now() > deadline) return false;
    await pause(50);
  }
  return true;
}
