interface Seen {
  sign: string;
  at: number;
  stillMs: number;
}

/**
 * For how long things have shown the same sign, by the looks at them and one clock: that of who looks. What is forgotten,
 * with a restart say, is only waited for anew.
 */
export class Staleness {
  private readonly seen = new Map<string, Seen>();

  /** `now`: milliseconds of a clock that nobody sets. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /**
   * Looks: whether it has shown this sign for so long, in milliseconds. The time between two looks counts for half of that
   * at most, so it takes three looks: where everything slept, who looks and what is looked at, nothing has stood still.
   */
  hasLasted(name: string, sign: string, ms: number): boolean {
    const at = this.now();
    const before = this.seen.get(name);
    const stillMs = before?.sign === sign ? before.stillMs + Math.min(at - before.at, ms / 2) : 0;
    this.seen.set(name, { sign, at, stillMs });
    return before?.sign === sign && stillMs >= ms;
  }

  forget(name: string): void {
    this.seen.delete(name);
  }
}
