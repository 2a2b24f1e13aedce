import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import { type Checkpoint, InvalidCheckpoint, openCheckpoint, type Verifier } from '../checkpoints/checkpoint.js';
import type { CheckpointFiles } from '../checkpoints/checkpoint-files.js';
import type { EntryMarks } from '../record/entry-marks.js';
import type { NumberRange } from './known-damage.js';
import { type Damage, LogCheck, type StoredHead } from './log-check.js';
import type { Finding, LogWalkRepository } from './log-walk.repository.js';
import type { Hash } from '../sealing/merkle.js';
import type { SealingRepository } from '../sealing/sealing.repository.js';
import { TILE_WIDTH, tileKey } from '../sealing/tiles.js';

const SYSTEM = systemActor('audit-check');
/** Entries read and hashed in one go. */
const STRETCH = 64;
/** Pauses are so many times as long as the work before them: the check takes a few percent of what others may have. */
const REST = 25;
const LONGEST_REST_MS = 5_000;
/** Nobody else begins a check within this time of a sign of life of who is at it. */
const LEASE_MS = 120_000;
/** While something is wrong it is looked at again after this, so that what was mended is soon known to be. */
const WHILE_WRONG_SECONDS = 60;
const LOOK_EVERY_MS = 10_000;

export interface LogWalkOptions {
  /** Between the ends of two checks, in seconds. */
  everySeconds: number;
  knownDamage: readonly NumberRange[];
  origin: string;
  verifiers: readonly Verifier[];
  files: CheckpointFiles;
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
}

/**
 * Checks the whole log over and over, slowly: what nobody reads may be changed unnoticed for long. One server at a time,
 * and each believes the others only what they have signed. A wrong entry makes the servers not ready until a whole check
 * finds none, or the settings say that it is known.
 */
export class LogWalk {
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();
  private damage: Damage | null = null;
  private progress = { checked: 0, size: 0, completed: 0, known: 0 };
  private lastEnd: number | null = null;
  private leaseUntil = 0;

  constructor(
    private readonly walks: LogWalkRepository,
    private readonly log: Pick<SealingRepository, 'tiles'>,
    private readonly sealAll: () => Promise<void>,
    private readonly marks: EntryMarks,
    private readonly options: LogWalkOptions,
  ) {}

  /** Begins with what the last check found, so that a start forgives nothing. */
  start(): void {
    this.working = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  /** The number of the first entry that is wrong, in words for anyone; null: none is known. */
  whyNotReady(): string | null {
    return this.damage === null
      ? null
      : `Entry ${this.damage.entry} of the audit log is not as it was sealed, or the log from there on is not. The log of the server says what is wrong.`;
  }

  /** How far the check is. -1: never, or none. */
  measure() {
    const ageSeconds = this.lastEnd === null ? -1 : Math.max(0, (this.options.now().getTime() - this.lastEnd) / 1000);
    return { ...this.progress, ageSeconds, firstWrong: this.damage?.entry ?? -1 };
  }

  /** Checks the whole log once, now. Answers the first thing that is wrong. Throws when it cannot be read. */
  async check(rest = 0): Promise<Damage | null> {
    const check = await this.walk(rest);
    const found = check?.first ?? null;
    this.lastEnd = this.options.now().getTime();
    this.progress = { ...this.progress, completed: this.progress.completed + 1, known: check?.known ?? 0 };
    this.tell(found);
    const { entry, what } = found ?? { entry: null, what: null };
    await this.walks.keep(SYSTEM.origin, { by: this.options.worker, at: this.lastEnd, entry, what });
    return found;
  }

  private isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  private async run(): Promise<void> {
    while (!this.isStopping()) {
      try {
        await this.turn();
      } catch (error) {
        if (this.isStopping()) return;
        this.options.logger.error({ err: error }, 'The audit log could not be checked; it is tried again.');
      }
      await this.rest(LOOK_EVERY_MS);
    }
  }

  /** Checks when it is time, and nobody else is at it or has done it. */
  private async turn(): Promise<void> {
    if (this.lastEnd === null) this.believe(await this.walks.finding(SYSTEM.origin));
    if (!this.isDue(this.lastEnd)) return;
    const lease = this.lease();
    const other = await this.walks.take(SYSTEM.origin, lease, ({ at }) => !this.isDue(at));
    if (other === null) await this.check(REST);
    else if ('at' in other) this.believe(other);
  }

  private isDue(lastEnd: number | null): boolean {
    const seconds =
      this.damage === null ? this.options.everySeconds : Math.min(this.options.everySeconds, WHILE_WRONG_SECONDS);
    return lastEnd === null || this.options.now().getTime() - lastEnd >= seconds * 1000;
  }

  /** What another server found, or this one before it was started anew. */
  private believe(finding: Finding | null): void {
    if (finding === null) return;
    const { at, entry, what } = finding;
    if (finding.by !== this.options.worker && at <= this.options.now().getTime()) this.lastEnd = at;
    this.tell(entry === null ? null : { entry, what: what ?? '' });
  }

  private lease() {
    this.leaseUntil = this.options.now().getTime() + LEASE_MS;
    return { by: this.options.worker, until: this.leaseUntil };
  }

  /** null: there is no log yet. */
  private async walk(rest: number): Promise<LogCheck | null> {
    const head = await this.settledHead();
    if (head === null) return null;
    const { known, ...progress } = this.progress;
    this.progress = { ...progress, known, checked: 0, size: head.size };
    const check = new LogCheck(head, { marks: this.marks, known: this.options.knownDamage });
    const ahead = await this.options.files.sizes();
    for (let index = 0; index * TILE_WIDTH < head.size; index += 1) {
      await this.walkTile(check, index, ahead, rest);
      this.stopping.signal.throwIfAborted();
    }
    for (const [key, hashes] of check.begunAbove()) await this.holdAbove(check, key, hashes);
    check.close();
    const beyond = ahead.at(-1);
    if (beyond !== undefined && beyond > head.size) await this.missCheckpoint(check, beyond);
    await this.findStrays(check, rest);
    return check;
  }

  /** A head whose retention is accounted for by entries that it counts: they are sealed a moment after. */
  private async settledHead(): Promise<StoredHead | null> {
    for (let head = await this.walks.head(SYSTEM.origin); ;) {
      // That it cannot be sealed says the sequencer; what is wrong with the log is found here all the same.
      await this.sealAll().catch(() => undefined);
      const after = await this.walks.head(SYSTEM.origin);
      if (after === null || after.prunedTo === head?.prunedTo) return after;
      head = after;
    }
  }

  private async walkTile(check: LogCheck, index: number, ahead: number[], rest: number): Promise<void> {
    const { size } = check.head;
    const [first, end] = [index * TILE_WIDTH, Math.min((index + 1) * TILE_WIDTH, size)];
    const leaves = await this.tile(tileKey(0, index));
    await this.takeLeaves(check, index, leaves.slice(0, end - first), end - first, ahead);
    for (let from = Math.max(first, check.head.prunedTo); from < end; from += STRETCH) {
      const began = performance.now();
      const to = Math.min(from + STRETCH, end);
      const entries = await this.walks.stretch(SYSTEM.origin, from, to);
      const pruned = entries.length === to - from ? 0 : ((await this.walks.head(SYSTEM.origin))?.prunedTo ?? 0);
      // What retention took meanwhile is accounted for by the next check.
      const present = pruned > check.head.prunedTo && pruned <= size ? Math.max(from, pruned) : from;
      check.takeEntries(entries, leaves.slice(present - first, to - first), present, to);
      this.progress = { ...this.progress, checked: to };
      await this.afterWork(began, rest);
    }
  }

  /** With the checkpoints that were signed before the last of them; these go from those ahead. */
  private async takeLeaves(check: LogCheck, index: number, leaves: Hash[], expected: number, ahead: number[]) {
    const end = index * TILE_WIDTH + expected;
    const reached = ahead.findIndex((size) => size > end);
    const sizes = ahead.splice(0, reached < 0 ? ahead.length : reached);
    const full = check.takeLeaves(index, leaves, expected, new Set(sizes));
    for (const [key, hashes] of full) await this.holdAbove(check, key, hashes);
    for (const size of sizes) {
      const checkpoint = await this.open(size);
      if (checkpoint !== null) check.holdCheckpoint(checkpoint);
    }
  }

  private async holdAbove(check: LogCheck, key: string, hashes: readonly Hash[]): Promise<void> {
    check.holdAbove(key, hashes, await this.tile(key));
  }

  private async missCheckpoint(check: LogCheck, size: number): Promise<void> {
    const checkpoint = await this.open(size);
    if (checkpoint !== null) check.missCheckpoint(checkpoint);
  }

  /** null: it is no checkpoint of this log that can be trusted, so it says nothing. */
  private async open(size: number): Promise<Checkpoint | null> {
    const { files, verifiers, origin, logger } = this.options;
    try {
      const checkpoint = openCheckpoint(await files.note(size), verifiers);
      return checkpoint.origin === origin && checkpoint.size === size ? checkpoint : null;
    } catch (error) {
      if (!(error instanceof InvalidCheckpoint)) throw error;
      logger.warn({ size, reason: error.message }, 'A checkpoint of the audit log cannot be used to check it.');
      return null;
    }
  }

  /** Twice: what was sealed while they were looked for is none. */
  private async findStrays(check: LogCheck, rest: number): Promise<void> {
    for (let after = ''; ;) {
      const began = performance.now();
      const found = await this.straysAfter(after);
      if (found === null) return;
      if (found.strays.length > 0) {
        const again = new Set((await this.straysAfter(after))?.strays.map(({ id }) => id));
        check.takeStrays(found.strays.filter(({ id }) => again.has(id)));
      }
      after = found.through;
      await this.afterWork(began, rest);
    }
  }

  private async straysAfter(after: string) {
    const head = await this.walks.head(SYSTEM.origin);
    return head && this.walks.strays(SYSTEM.origin, after, head);
  }

  /** From the database, as it is now. */
  private async tile(key: string): Promise<Hash[]> {
    return (await this.log.tiles(SYSTEM.origin, [key])).get(key) ?? [];
  }

  private async afterWork(began: number, rest: number): Promise<void> {
    await this.rest(Math.min((performance.now() - began) * rest, LONGEST_REST_MS));
    if (rest > 0 && this.leaseUntil - this.options.now().getTime() < LEASE_MS / 2) {
      await this.walks.renew(SYSTEM.origin, this.lease());
    }
  }

  private async rest(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
  }

  /** Says loudly, once, what is wrong, and when it is right again. */
  private tell(found: Damage | null): void {
    const before = this.damage;
    this.damage = found;
    if (found === null) {
      if (before !== null) this.options.logger.warn('The audit log is found as it was sealed again.');
    } else if (before?.entry !== found.entry || before.what !== found.what) {
      this.options.logger.error({ entry: found.entry, reason: found.what }, `The audit log is damaged: ${found.what}.`);
    }
  }
}
