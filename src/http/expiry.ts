/** The longest a timer can wait; a longer one would ring at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** A signal that is aborted at the time by the clock `now`, however far away; `cancel` when nobody waits any more. */
export function abortedAt(time: Date | undefined, now: () => Date): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    if (!time) return;
    const left = time.getTime() - now().getTime();
    if (left <= 0) controller.abort();
    else timer = setTimeout(wait, Math.min(left, LONGEST_TIMER_MS)).unref();
  };
  wait();
  return { signal: controller.signal, cancel: () => clearTimeout(timer) };
}
