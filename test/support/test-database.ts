import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbeddedNeo4j, stopAbandonedNeo4j, type EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { tryLock, type FileLock } from '../../src/neo4j/embedded/file-lock.js';
import { SetupError } from '../../src/neo4j/setup-error.js';

export const TEST_HOME = join(import.meta.dirname, '../../.weftline/test');

/** Vitest ends on Ctrl-C without tearing down: so the signals are watched here, while the server starts and runs. */
export async function startTestDatabase(): Promise<EmbeddedNeo4j> {
  const { home, lock } = claimHome();
  const interruption = new AbortController();
  const starting = startEmptyNeo4j(home, interruption.signal);
  const stop = async (): Promise<void> => {
    interruption.abort(new SetupError('The run was interrupted.'));
    const [outcome] = await Promise.allSettled([starting]);
    if (outcome.status === 'fulfilled') await outcome.value.stop();
    lock.release();
  };
  const stopOnSignals = endAfter(stop);
  try {
    const server = await starting;
    return { ...server, stop: () => stop().finally(stopOnSignals.cancel) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startEmptyNeo4j(home: string, signal: AbortSignal): Promise<EmbeddedNeo4j> {
  await stopAbandonedNeo4j(home);
  rmSync(home, { recursive: true, force: true });
  const onEvent = (message: string): unknown => process.stdout.write(`${message}\n`);
  return startEmbeddedNeo4j({ home, signal, heapMegabytes: 1024, keepPlans: true, onEvent });
}

/**
 * On a signal, stops first. Vitest's own listener exits a millisecond after the signal, so it is held back until the
 * database has stopped, and then the signal is sent again. A second signal meanwhile ends the process at once.
 */
function endAfter(stop: () => Promise<void>): { cancel: () => void } {
  const held = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({
    signal,
    theirs: process.listeners(signal),
    ours: (): void => {
      void stop().finally(() => {
        cancel();
        process.kill(process.pid, signal);
      });
    },
  }));
  const cancel = (): void => {
    for (const { signal, theirs, ours } of held) {
      process.off(signal, ours);
      for (const listener of theirs) process.on(signal, listener);
    }
  };
  for (const { signal, theirs, ours } of held) {
    for (const listener of theirs) process.off(signal, listener);
    process.once(signal, ours);
  }
  return { cancel };
}

/** A folder that no other living run uses: several runs of the tests go on side by side, each with its own server. */
function claimHome(): { home: string; lock: FileLock } {
  mkdirSync(TEST_HOME, { recursive: true });
  for (let number = 1; ; number += 1) {
    const home = join(TEST_HOME, number === 1 ? 'neo4j' : `neo4j-${number}`);
    const lock = tryLock(`${home}.lock`);
    if (lock !== null) return { home, lock };
  }
}
