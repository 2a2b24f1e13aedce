/** What has come of events since this server started, of all and of each account: in memory, and bounded. */

/** Of more accounts, those that were heard of least lately are forgotten. */
const MOST_SOURCES = 10_000;
const RATE_SECONDS = 60;

export type Outcome = 'taken' | 'repeated' | 'refused';

export interface SourceTally {
  accountId: string;
  taken: number;
  repeated: number;
  refused: number;
  lastArrivedAt: Date;
  /** `eventTime` of the last event that could be read; null: none could be yet. */
  lastEventTime: Date | null;
  /** By how much that was before it came, in seconds; below 0: the clock of the producer is ahead. */
  behindSeconds: number | null;
}

export class IntakeTallies {
  readonly since: Date;
  readonly total: Record<Outcome, number> = { taken: 0, repeated: 0, refused: 0 };
  private readonly sources = new Map<string, SourceTally>();
  /** How many were taken in which second, the latest last. */
  private seconds: { second: number; taken: number }[] = [];

  constructor(private readonly now: () => Date) {
    this.since = now();
  }

  /** Counts what became of events of an account; `eventTimes` of those that could be read, in the order in which they came. */
  count(accountId: string, outcomes: readonly Outcome[], eventTimes: readonly Date[]): void {
    const at = this.now();
    const before = this.sources.get(accountId);
    const tally = before ?? {
      ...{ accountId, taken: 0, repeated: 0, refused: 0, lastArrivedAt: at, lastEventTime: null, behindSeconds: null },
    };
    for (const outcome of outcomes) {
      tally[outcome] += 1;
      this.total[outcome] += 1;
    }
    tally.lastArrivedAt = at;
    const last = eventTimes.at(-1);
    if (last) {
      tally.lastEventTime = last;
      tally.behindSeconds = (at.getTime() - last.getTime()) / 1_000;
    }
    // The latest last: so the first is the one to forget.
    this.sources.delete(accountId);
    this.sources.set(accountId, tally);
    if (this.sources.size > MOST_SOURCES) this.sources.delete(this.sources.keys().next().value ?? '');
    this.countRate(at, outcomes.filter((outcome) => outcome === 'taken').length);
  }

  /** Those heard of last come first; of one account alone where it is named. */
  sourcesOf(accountId: string | null): SourceTally[] {
    const all = accountId === null ? [...this.sources.values()].reverse() : [this.sources.get(accountId)];
    return all.filter((tally) => tally !== undefined).map((tally) => ({ ...tally }));
  }

  /** Events taken a second, over the last minute or as long as the server runs. */
  get eventsPerSecond(): number {
    const now = this.now();
    this.forgetBefore(secondOf(now) - RATE_SECONDS);
    const running = (now.getTime() - this.since.getTime()) / 1_000;
    const taken = this.seconds.reduce((sum, each) => sum + each.taken, 0);
    return taken / Math.min(RATE_SECONDS, Math.max(1, running));
  }

  private countRate(at: Date, taken: number): void {
    const second = secondOf(at);
    const last = this.seconds.at(-1);
    if (last?.second === second) last.taken += taken;
    else this.seconds.push({ second, taken });
    this.forgetBefore(second - RATE_SECONDS);
  }

  private forgetBefore(second: number): void {
    if ((this.seconds[0]?.second ?? second) < second)
      this.seconds = this.seconds.filter((each) => each.second >= second);
  }
}

const secondOf = (time: Date): number => Math.floor(time.getTime() / 1_000);
