import { setTimeout as sleep } from 'node:timers/promises';

/** Waits that many milliseconds. Aborted, it throws the reason the signal was given. */
export async function pause(
  milliseconds: number,
  signal?: AbortSignal,
  options: { ref?: boolean } = {},
): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { ...options, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
