import { setTimeout as sleep } from 'node:timers/promises';

export interface TailOptions<T> {
  read: () => Promise<{ items: T[]; ended: boolean }>;
  signal: AbortSignal;
  /** Longest wait before looking again, in milliseconds. */
  everyMs: number;
}

/**
 * Follows a growing list: reads what is new, hands it on, waits, reads again, until it ends or the listener goes.
 * Reading from the database and not from an event in memory, it works alike with one server and with many, and resumes
 * from any cursor. It has read once when it answers: what is refused is refused before the stream begins, and a listener
 * who sees it begin hears of all that is done from then on. Throws what the first read throws.
 */
export async function tail<T>(options: TailOptions<T>): Promise<AsyncGenerator<T>> {
  return goOn(await options.read(), options);
}

async function* goOn<T>(
  first: { items: T[]; ended: boolean },
  { read, signal, everyMs }: TailOptions<T>,
): AsyncGenerator<T> {
  for (let { items, ended } = first; !signal.aborted; { items, ended } = await read()) {
    yield* items;
    if (ended) return;
    if (items.length === 0) await pause(everyMs, signal);
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
