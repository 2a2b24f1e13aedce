import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Follows a growing list: reads what is new, hands it on, waits, reads again, until it ends or the listener goes.
 * Reading from the database and not from an event in memory, it works alike with one server and with many, and resumes
 * from any cursor.
 */
export async function* tail<T>(options: {
  read: () => Promise<{ items: T[]; ended: boolean }>;
  signal: AbortSignal;
  /** Longest wait before looking again, in milliseconds. */
  everyMs: number;
}): AsyncGenerator<T> {
  while (!options.signal.aborted) {
    const { items, ended } = await options.read();
    yield* items;
    if (ended) return;
    if (items.length === 0) await pause(options.everyMs, options.signal);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    // The listener left while we waited: the loop sees it and ends.
    if (!signal.aborted) throw error;
  }
}
