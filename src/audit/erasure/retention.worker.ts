import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { Graph } from '../../neo4j/graph.js';
import { isKnown, type NumberRange } from '../verification/known-damage.js';
import { readBody } from '../record/log-entry.js';
import { recordAudit } from '../record/record.js';
import type { RetentionRepository } from './retention.repository.js';
import type { SealedLeaves } from '../sealing/sealed-leaves.js';
import { leafOf } from '../sealing/sealing.js';

/** Entries of one batch: one transaction. */
const BATCH = 2_000;
const DAY_MS = 86_400_000;

const SYSTEM = systemActor('audit-retention');

export interface RetentionOptions {
  /** Sealed entries older than this go. null: all are kept for ever. */
  days: number | null;
  /** Entries that are known not to be what was sealed. */
  knownDamage: readonly NumberRange[];
  logger: Logger;
  now: () => Date;
}

/**
 * Takes entries away that are older than is kept: always from the beginning of the log, so that what is left has no gap.
 * Their hashes stay, so every proof of what is left holds; and that they went is an entry itself.
 */
export class RetentionService {
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();

  constructor(
    private readonly graph: Graph,
    private readonly entries: RetentionRepository,
    private readonly leaves: SealedLeaves,
    private readonly options: RetentionOptions,
  ) {}

  /** Prunes now and once a day; does nothing when all is kept. */
  start(): void {
    if (this.options.days === null) return;
    const round = (): void => {
      this.working = this.working.then(() => this.tryToPrune());
    };
    round();
    this.timer = setInterval(round, DAY_MS);
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.working;
  }

  /** Takes all away that is too old. Answers how many entries went. Throws when the log has a gap: that is no retention. */
  async prune(): Promise<number> {
    if (this.options.days === null) return 0;
    const olderThan = new Date(this.options.now().getTime() - this.options.days * DAY_MS);
    for (let total = 0; ;) {
      const pruned = await this.pruneBatch(olderThan);
      total += pruned;
      if (pruned < BATCH) return total;
    }
  }

  private pruneBatch(olderThan: Date): Promise<number> {
    return this.graph.write(SYSTEM.origin, async (tx) => {
      const locked = await this.entries.lockOldest(tx, this.options.now(), BATCH);
      if (locked === null) return 0;
      const from = locked.prunedTo;
      const times = await this.timesOf(locked.oldest, from, Math.min(locked.size, from + BATCH));
      const kept = times.findIndex((at) => at >= olderThan.getTime());
      const count = kept < 0 ? times.length : kept;
      if (count === 0) return 0;
      await this.entries.prune(tx, from, from + count);
      await recordAudit(tx, SYSTEM, {
        action: 'audit:prune',
        targetId: 'audit',
        targetName: 'the audit log',
        after: { first: from, last: from + count - 1, olderThan },
        at: this.options.now(),
      });
      return count;
    });
  }

  /**
   * When each of the oldest entries was made, by its sealed text. Throws for one that is missing or not what was sealed:
   * it is the evidence, and an age that was made up would take it away. What the settings say is known goes with the rest.
   */
  private async timesOf(
    oldest: readonly { seq: number; body: string | null }[],
    from: number,
    to: number,
  ): Promise<number[]> {
    const bodies = new Map(oldest.map(({ seq, body }) => [seq, body]));
    const numbers = Array.from({ length: Math.max(0, to - from) }, (_, place) => from + place);
    const leaves = await this.leaves.at(SYSTEM.origin, numbers);
    return numbers.map((seq) => {
      const body = bodies.get(seq) ?? null;
      const told = body === null ? null : readBody(body);
      const isTrue = body !== null && leaves.get(seq)?.hash.equals(leafOf(body)) === true;
      if (isTrue && told !== null) return Date.parse(told.at);
      if (isKnown(this.options.knownDamage, seq)) return Number.NEGATIVE_INFINITY;
      const what = bodies.has(seq) ? 'is not what was sealed' : 'is missing';
      throw new Error(`Entry ${seq} of the audit log ${what}, and retention did not take it.`);
    });
  }

  private async tryToPrune(): Promise<void> {
    try {
      const pruned = await this.prune();
      if (pruned > 0)
        this.options.logger.info({ pruned }, 'Entries of the audit log went that were older than is kept.');
    } catch (error) {
      this.options.logger.error({ err: error }, 'The audit log could not be pruned; it is tried again in a day.');
    }
  }
}
