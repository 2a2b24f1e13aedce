import { limitExceeded } from '../../errors.js';

interface BacklogLimits {
  /** Events that wait to be taken. */
  events: number;
  /** Bytes, after inflating, of bodies that are read or whose events wait. */
  bytes: number;
}

interface Waiting {
  since: Date;
  events: number;
}

/** What of the events has come and is not taken yet: bounded by number and by bytes, whoever sends them. */
export class Backlog {
  private readonly waiting = new Set<Waiting>();
  private eventsWaiting = 0;
  private bytesHeld = 0;
  /** How often something was turned away, as too much waited. */
  turnedAway = 0;

  constructor(
    readonly limits: BacklogLimits,
    private readonly now: () => Date,
  ) {}

  get events(): number {
    return this.eventsWaiting;
  }

  get bytes(): number {
    return this.bytesHeld;
  }

  /** Whether what comes now is turned away. */
  get isFull(): boolean {
    return this.eventsWaiting >= this.limits.events || this.bytesHeld >= this.limits.bytes;
  }

  /** For how long the first of what waits has waited, in seconds; 0: nothing waits. */
  get oldestSeconds(): number {
    const [oldest] = this.waiting;
    return oldest ? Math.max(0, this.now().getTime() - oldest.since.getTime()) / 1_000 : 0;
  }

  /** Throws LIMIT_EXCEEDED when so many more would be too many. A batch that is larger than all that may wait is taken when nothing else does. */
  checkRoom(more = 0): void {
    const { events, bytes } = this.limits;
    if (this.eventsWaiting >= events || this.eventsWaiting + more > Math.max(events, more))
      throw this.turnAway(`${this.eventsWaiting} events wait to be taken already.`);
    if (this.bytesHeld >= bytes && more === 0) throw this.turnAway(`${this.bytesHeld} bytes of events wait already.`);
  }

  /** Keeps account of events until the work with them is done. Throws LIMIT_EXCEEDED as `checkRoom`. */
  async during<T>(events: number, work: () => Promise<T>): Promise<T> {
    this.checkRoom(Math.max(1, events));
    const entry = { since: this.now(), events };
    this.waiting.add(entry);
    this.eventsWaiting += events;
    try {
      return await work();
    } finally {
      this.waiting.delete(entry);
      this.eventsWaiting -= events;
    }
  }

  /** Keeps account of a body while it is read and worked on. */
  holdBody(): HeldBody {
    let held = 0;
    return {
      add: (bytes) => {
        // One that is larger than all that may be held is taken when there is no other.
        const others = this.bytesHeld - held;
        if (others > 0 && this.bytesHeld + bytes > this.limits.bytes)
          throw this.turnAway(`${this.bytesHeld} bytes of events wait already.`);
        held += bytes;
        this.bytesHeld += bytes;
      },
      release: () => {
        this.bytesHeld -= held;
        held = 0;
      },
    };
  }

  private turnAway(why: string): Error {
    this.turnedAway += 1;
    return limitExceeded(`${why} Send yours again in a moment.`);
  }
}

export interface HeldBody {
  /** Throws LIMIT_EXCEEDED when so much more would be too much. */
  add(bytes: number): void;
  release(): void;
}
