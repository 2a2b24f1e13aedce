import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work goes on for so long before others have their turn: requests that came meanwhile wait no longer for one of them. */
const LONGEST_MS = 10;

/** Lets others have their turn when work has taken a while: `await turn.give()` between its pieces. */
export class Turn {
  private since = performance.now();

  /** undefined, and nothing to wait for, while the turn lasts. */
  give(): Promise<void> | undefined {
    return performance.now() - this.since < LONGEST_MS ? undefined : this.pass();
  }

  private async pass(): Promise<void> {
    await nextTurn();
    this.since = performance.now();
  }
}

/** `items.map(work)`, in turns; one after the other where the work is itself in turns. */
export async function mapInTurns<T, U>(items: Iterable<T>, work: (item: T) => U | Promise<U>): Promise<U[]> {
  const turn = new Turn();
  const done: U[] = [];
  for (const item of items) {
    const pause = turn.give();
    if (pause) await pause;
    const result = work(item);
    done.push(result instanceof Promise ? await result : result);
  }
  return done;
}

/** The same as a map, by a key of each item. */
export async function indexInTurns<T, K, U>(
  items: Iterable<T>,
  keyOf: (item: T) => K,
  work: (item: T) => U | Promise<U>,
): Promise<Map<K, U>> {
  return new Map(await mapInTurns(items, async (item): Promise<[K, U]> => [keyOf(item), await work(item)]));
}

/** Work in steps, by whoever has nobody else waiting. */
export function atOnce<T>(steps: Generator<undefined, T, undefined>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** The same work, with the turns of others between its steps. */
export async function inTurns<T>(steps: Generator<undefined, T, undefined>): Promise<T> {
  const turn = new Turn();
  let step = steps.next();
  while (step.done !== true) {
    const pause = turn.give();
    if (pause) await pause;
    step = steps.next();
  }
  return step.value;
}
