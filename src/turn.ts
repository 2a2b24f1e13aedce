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

/** `items.map(work)`, in turns. */
export async function mapInTurns<T, U>(items: readonly T[], work: (item: T) => U): Promise<U[]> {
  const turn = new Turn();
  const done: U[] = [];
  for (const item of items) {
    const pause = turn.give();
    if (pause) await pause;
    done.push(work(item));
  }
  return done;
}
