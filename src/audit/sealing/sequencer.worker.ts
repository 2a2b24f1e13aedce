import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { ACCOUNTING, recordAudit, recordAuditAlone } from '../record/record.js';
import type { RefusedEntry } from './sealing.js';
import type { SealingRepository } from './sealing.repository.js';

/** Entries of one batch: one transaction. */
const BATCH = 2_000;
/** After a commit of this process, others are waited for this long: a batch costs the database as much as a write. */
const GATHER_MS = 200;
/** What no living server has woken for, as after a crash, is found by looking this often. */
const LOOK_EVERY_MS = 500;
/** After a failure, waits double up to this. */
const LONGEST_WAIT_MS = 5_000;
/** An entry that waits longer than this to be sealed makes the server not ready. */
const LATE_SECONDS = 60;
/** Refused entries that are told of by their ids. */
const MAX_TOLD = 50;

const SYSTEM = systemActor('audit-sequencer');

export interface SequencerOptions {
  logger: Logger;
  now: () => Date;
}

/**
 * Seals the audit log: gives each entry its number and adds it to the Merkle tree. It runs in every server and may be
 * killed at any moment: a batch is one transaction under the lock of the head, so numbers have no gap whoever seals. It
 * looks before it locks, so that an idle server writes nothing.
 */
export class Sequencer {
  private timer: NodeJS.Timeout | null = null;
  private due = Infinity;
  private working: Promise<void> = Promise.resolve();
  private stopped = true;
  private failures = 0;
  /** Something was committed since the last batch was read: no need to look first. */
  private woken = false;

  constructor(
    private readonly graph: Graph,
    private readonly log: SealingRepository,
    private readonly options: SequencerOptions,
  ) {
    graph.onCommit((statements) => {
      if ([...statements].some((name) => ACCOUNTING.has(name))) this.wake();
    });
  }

  /**
   * Seals what waits, also what no server has marked: what an earlier version wrote. Once for a database, at the first start
   * of a version that marks; `wasThere`: this machine has seen that already. What was sealed so is an entry itself.
   */
  async trustOnce(wasThere: boolean): Promise<void> {
    if (wasThere || !(await this.log.trusts(SYSTEM.origin))) return;
    let entries = 0;
    for (let waited = BATCH; waited === BATCH; entries += waited) {
      waited = await this.log.sealBatch(SYSTEM.origin, BATCH, { trusting: true, onRefused: this.tellRefused });
    }
    await this.log.endTrust(SYSTEM.origin);
    if (entries === 0) return;
    const target = { targetId: 'audit', targetName: 'the audit log' };
    await recordAuditAlone(this.graph, SYSTEM, {
      ...{ action: 'audit:adopt', ...target, after: { entries }, at: this.options.now() },
    });
  }

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Seals soon: something was written. */
  wake(): void {
    this.woken = true;
    if (!this.stopped && this.failures === 0) this.schedule(GATHER_MS);
  }

  /** Seals what waits, and ends. Never throws: what cannot be sealed now is by another server, or at the next start. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    await this.working;
    await this.round();
  }

  /** Seals all that waits now. Throws when the database cannot. */
  async sealAll(): Promise<void> {
    if (!this.woken && !(await this.log.hasUnsealed(SYSTEM.origin))) return;
    this.woken = false;
    while ((await this.log.sealBatch(SYSTEM.origin, BATCH, { onRefused: this.tellRefused })) === BATCH);
  }

  /** Why the log is not sealed as it should be; null when it is. */
  async whyNotReady(): Promise<string | null> {
    const seconds = Math.floor(await this.lagSeconds());
    return seconds <= LATE_SECONDS ? null : `An entry of the audit log has waited ${seconds} s to be sealed.`;
  }

  /** Size of the log, entries that wait, and for how many seconds the oldest of them has. */
  async measure(): Promise<{ size: number; unsealed: number; refused: number; lagSeconds: number }> {
    const [head, { unsealed, refused, oldest }] = await Promise.all([
      this.log.head(SYSTEM.origin),
      this.log.backlog(SYSTEM.origin),
    ]);
    return { size: head.size, unsealed, refused, lagSeconds: this.secondsSince(oldest) };
  }

  /** Says of what was refused, in the log of the server and in the audit log itself. */
  private readonly tellRefused = async (tx: WriteTransaction, refused: readonly RefusedEntry[]): Promise<void> => {
    const told = refused.slice(0, MAX_TOLD).map(({ id, why }) => ({ id: id.slice(0, 100), why }));
    this.options.logger.error(
      { entries: refused.length, refused: told },
      'Entries were written into the audit log by somebody else than a server of this installation. They were set aside.',
    );
    await recordAudit(tx, SYSTEM, {
      action: 'audit:refuse',
      targetId: 'audit',
      targetName: 'the audit log',
      outcome: 'DENIED',
      after: { entries: refused.length, refused: told },
      at: this.options.now(),
    });
  };

  private async lagSeconds(): Promise<number> {
    return this.secondsSince((await this.log.backlog(SYSTEM.origin)).oldest);
  }

  private secondsSince(time: Date | null): number {
    return time === null ? 0 : Math.max(0, (this.options.now().getTime() - time.getTime()) / 1000);
  }

  /** Looks again in `ms`, or sooner when that was planned already. */
  private schedule(ms: number): void {
    const due = performance.now() + ms;
    if (this.timer && due >= this.due) return;
    if (this.timer) clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => {
      this.timer = null;
      this.working = this.working.then(() => this.round());
    }, ms);
  }

  private async round(): Promise<void> {
    try {
      await this.sealAll();
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      this.options.logger.error({ err: error }, 'The audit log could not be sealed; it is tried again.');
    }
    if (!this.stopped) this.schedule(Math.min(LOOK_EVERY_MS * 2 ** this.failures, LONGEST_WAIT_MS));
  }
}
