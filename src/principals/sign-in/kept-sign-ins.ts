import type { ChangesOfRights, ReadMark } from '../../auth/changes-of-rights.js';

/** Tokens that are kept at once; beyond that, the one that was looked up longest ago is looked up anew. */
const MOST = 10_000;

/** What was looked up, or is being looked up. */
interface Kept<T> {
  mark: ReadMark;
  value: Promise<T>;
}

/**
 * What tokens stand for, each by the hash of the token and never by the token, for as long as `ChangesOfRights` lets it count.
 * Requests that come while a token is being looked up wait for the same answer.
 */
export class KeptSignIns<T> {
  private readonly kept = new Map<string, Kept<T>>();

  constructor(
    private readonly changes: ChangesOfRights,
    /** Else each request is looked up: nothing is refused from memory. */
    private readonly isWorthKeeping: (value: T) => boolean,
  ) {}

  /**
   * What is kept, or what is looked up now. `afresh`: nothing kept will do, as it may be older than what the request has to
   * have seen. Throws what the look-up throws, which is not kept either.
   */
  async get(hash: string, afresh: boolean, lookUp: (mark: ReadMark) => Promise<T>): Promise<T> {
    const known = this.kept.get(hash);
    if (known && !afresh && this.changes.holds(known.mark)) return known.value;
    const mark = this.changes.mark();
    const fresh = { mark, value: lookUp(mark) };
    this.keep(hash, fresh);
    let isKept = false;
    try {
      const value = await fresh.value;
      isKept = this.isWorthKeeping(value);
      return value;
    } finally {
      if (!isKept && this.kept.get(hash) === fresh) this.kept.delete(hash);
    }
  }

  /** The last one looked up stands last. */
  private keep(hash: string, fresh: Kept<T>): void {
    this.kept.delete(hash);
    this.kept.set(hash, fresh);
    const [oldest] = this.kept.keys();
    if (this.kept.size > MOST && oldest !== undefined) this.kept.delete(oldest);
  }
}
