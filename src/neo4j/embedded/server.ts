import { discardArchive, findArchive, keepArchive } from './archive.js';
import {
  ensurePassword,
  isLeased,
  readLogTail,
  readState,
  takeLease,
  returnLease,
  writeSettings,
  writeState,
  type EmbeddedHome,
  type ServerState,
} from './home.js';
import { ensureNeo4jJars } from './jars.js';
import type { EventListener } from '../event-listener.js';
import { findJava } from './java.js';
import { logIn } from './login.js';
import { findFreePort, spawnNeo4j, stopNeo4j } from './process.js';
import { claimStore } from './store.js';
import { withLock } from './file-lock.js';
import { pause } from '../pause.js';
import { isAlive } from './process-identity.js';
import { SetupError } from '../setup-error.js';

/** A cold start takes 10 s on two idle cores; recovery of a large store, or a busy machine, takes longer. */
const START_TIMEOUT_MS = 600_000;
/** A server that lives and does not answer for this long is replaced. */
const ADOPT_TIMEOUT_MS = 120_000;

export interface ServerOptions {
  home: EmbeddedHome;
  heapMegabytes: number;
  pageCacheMegabytes: number;
  keepPlans: boolean;
  onEvent: EventListener;
  signal?: AbortSignal | undefined;
}

export interface LeasedServer {
  state: ServerState;
  password: string;
  /** Given back with `leaveServer`. */
  lease: string;
}

/** Takes a lease on the server of the home, and starts it when none runs. */
export async function joinServer(options: ServerOptions): Promise<LeasedServer> {
  const { home, onEvent, signal } = options;
  const onWait = (): void =>
    onEvent(`Waiting for another process that starts or stops the Neo4j of ${home.folder}.`, 'info');
  return withLock(
    home.lockFile,
    async () => {
      const password = ensurePassword(home);
      const state = (await adopt(options, password)) ?? (await startOnFreePort(options, password));
      return { state, password, lease: takeLease(home) };
    },
    { signal, onWait },
  );
}

/** Starts the server again on the port that its users know, unless another of them has done so. */
export async function reviveServer(options: ServerOptions, port: number): Promise<ServerState> {
  return withLock(
    options.home.lockFile,
    async () => {
      const password = ensurePassword(options.home);
      return (await adopt(options, password)) ?? (await start(options, password, port));
    },
    { signal: options.signal },
  );
}

/** Gives the lease back; the last to do so stops the server. */
export async function leaveServer(home: EmbeddedHome, lease: string): Promise<void> {
  returnLease(lease);
  await stopUnusedServer(home);
}

/** Stops the server of the home unless a living process uses it: one left behind by a user that was killed. */
export async function stopUnusedServer(home: EmbeddedHome): Promise<void> {
  await withLock(home.lockFile, async () => {
    const state = readState(home);
    if (state === null || isLeased(home)) return;
    const well = await stopNeo4j(state.process);
    writeState(home, null);
    if (state.archive !== null) (well ? keepArchive : discardArchive)(state.archive);
  });
}

async function adopt({ home, onEvent, signal }: ServerOptions, password: string): Promise<ServerState | null> {
  const state = readState(home);
  if (state === null || !isAlive(state.process)) return null;
  const wait = { timeoutMs: ADOPT_TIMEOUT_MS, isRunning: () => isAlive(state.process), signal };
  const answer = await logIn(boltUri(state.port), password, wait);
  if (answer === 'ready') {
    onEvent(`Using the Neo4j that already runs on ${boltUri(state.port)}.`, 'info');
    return state;
  }
  onEvent(`The Neo4j that already runs as process ${state.process.pid} does not answer; replacing it.`, 'warn');
  await stopNeo4j(state.process);
  return null;
}

/** A port that was free may be taken by the time Java listens. */
async function startOnFreePort(options: ServerOptions, password: string): Promise<ServerState> {
  try {
    return await start(options, password, await findFreePort());
  } catch (error) {
    if (!(error instanceof SetupError && error.message.includes('already in use'))) throw error;
    options.onEvent('The port was taken while Neo4j started; trying another.', 'warn');
    return start(options, password, await findFreePort());
  }
}

async function start(options: ServerOptions, password: string, port: number): Promise<ServerState> {
  const { home, onEvent, signal } = options;
  const found = await findJava();
  const lib = await ensureNeo4jJars(found.line, { onEvent, signal });
  const startedAt = Date.now();
  claimStore(home, found.line, onEvent);
  writeSettings(home, { ...options, port });
  const archive = findArchive(home, { java: found, lib });
  // Noted before it is ready: should we be killed now, the next start finds it.
  const state: ServerState = {
    process: spawnNeo4j(home, { ...found, lib, archive, heapMegabytes: options.heapMegabytes }),
    port,
    archive: archive.written,
  };
  writeState(home, state);
  try {
    await awaitReady(home, state, password, signal);
  } catch (error) {
    await stopNeo4j(state.process);
    if (archive.written !== null) discardArchive(archive.written);
    writeState(home, null);
    throw error;
  }
  onEvent(
    `Neo4j ${found.line.version} is up on ${boltUri(port)} after ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`,
    'info',
  );
  return state;
}

async function awaitReady(
  home: EmbeddedHome,
  state: ServerState,
  password: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const wait = { timeoutMs: START_TIMEOUT_MS, isRunning: () => isAlive(state.process), signal };
  const answer = await logIn(boltUri(state.port), password, wait);
  if (answer === 'ready') return;
  if (answer === 'refused') {
    throw new SetupError(
      `The Neo4j of ${home.folder} refuses the password in ${home.passwordFile}: put the right password there, ` +
        `or move ${home.folder} away to begin with an empty graph.`,
    );
  }
  await pause(200); // its last words reach the log
  const ending = isAlive(state.process)
    ? `did not answer within ${START_TIMEOUT_MS / 1000} s`
    : 'ended while it started';
  throw new SetupError(`The Neo4j of ${home.folder} ${ending}. The last lines of its logs:\n${readLogTail(home)}`);
}

export function boltUri(port: number): string {
  return `bolt://127.0.0.1:${port}`;
}
