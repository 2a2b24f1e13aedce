/** What many callers at once met, in milliseconds where nothing else is said. */
export interface Measured {
  requests: number;
  seconds: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export interface Bounds {
  /** Callers at the same time; each asks again when it has its answer. */
  callers: number;
  /** Measuring ends with whichever comes first. */
  requests: number;
  seconds: number;
}

/** Lets callers ask until a bound is reached, after a tenth of that unmeasured. The first error ends it. */
export async function measure(ask: () => Promise<unknown>, bounds: Bounds): Promise<Measured> {
  await run(ask, { ...bounds, requests: bounds.requests / 10, seconds: bounds.seconds / 10 });
  const started = performance.now();
  const times = await run(ask, bounds);
  const seconds = (performance.now() - started) / 1000;
  const sorted = times.sort((a, b) => a - b);
  return {
    requests: sorted.length,
    seconds: round(seconds),
    perSecond: round(sorted.length / seconds),
    p50Ms: round(percentile(sorted, 0.5)),
    p99Ms: round(percentile(sorted, 0.99)),
  };
}

async function run(ask: () => Promise<unknown>, bounds: Bounds): Promise<number[]> {
  const until = performance.now() + bounds.seconds * 1000;
  const times: number[] = [];
  let left = bounds.requests;
  const caller = async (): Promise<void> => {
    while (performance.now() < until && left-- > 0) {
      const started = performance.now();
      await ask();
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: bounds.callers }, caller));
  return times;
}

/** The smallest time that the given share of requests did not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  const time = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (time === undefined) throw new Error('Nothing was measured.');
  return time;
}

export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
