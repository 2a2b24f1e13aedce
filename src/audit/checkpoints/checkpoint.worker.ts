import type { Logger } from 'pino';
import { type Actor, systemActor } from '../../auth/actor.js';
import { diskFault } from '../../disk/disk-fault.js';
import { unavailable } from '../../errors.js';
import type { QueryOrigin } from '../../neo4j/graph.js';
import {
  type Checkpoint,
  InvalidCheckpoint,
  openCheckpoint,
  signCheckpoint,
  type Signer,
  type Verifier,
  verifierOf,
} from './checkpoint.js';
import type { CheckpointFiles } from './checkpoint-files.js';
import { type HashReader, rootOf } from '../sealing/merkle.js';
import type { LogHead, SealingRepository } from '../sealing/sealing.repository.js';
import { MissingHashes, readTiles } from '../sealing/tiles.js';

/** After a checkpoint that could not be kept. */
const TRY_AGAIN_MS = 2_000;

const SYSTEM = systemActor('audit-checkpoint');
const DISTRUSTED =
  'The audit log contradicts a checkpoint that was signed over it, so no other is signed. An administrator must look into it: the log of the server says what is wrong.';

export interface SignedCheckpoint extends Checkpoint {
  /** The checkpoint with its signature, as C2SP writes it. */
  note: string;
  /** When it was signed. */
  at: Date;
}

export interface CheckpointOptions {
  /** Names this log in its checkpoints. */
  origin: string;
  signer: Signer;
  /** Whose checkpoints are believed: those of this key, and of keys that were used before. */
  verifiers: readonly Verifier[];
  files: CheckpointFiles;
  /** Between two files, when the log has grown, in seconds. */
  everySeconds: number;
  logger: Logger;
  now: () => Date;
}

/**
 * Signs what the log is, and keeps that outside the database. Before it signs, it holds the tree against the newest
 * checkpoint that was kept: over a log that was rewritten it signs nothing, and says so.
 */
export class CheckpointService {
  readonly verifierKey: string;
  private timer: NodeJS.Timeout | null = null;
  private working: Promise<void> = Promise.resolve();
  private last: SignedCheckpoint | null = null;
  private keptSize = -1;
  private problem: string | null = null;
  private again: NodeJS.Timeout | null = null;

  constructor(
    private readonly log: SealingRepository,
    private readonly options: CheckpointOptions,
  ) {
    this.verifierKey = verifierOf(options.signer);
  }

  get origin(): string {
    return this.options.origin;
  }

  /** From now on, a server that marks its entries has run here. Answers whether one had before. */
  noteMarked(): boolean {
    const { files } = this.options;
    const before = files.hasMarked;
    if (!before) files.noteMarked();
    return before;
  }

  /** Holds the log against the newest kept checkpoint, and from then on keeps one whenever the log has grown. */
  async start(): Promise<void> {
    this.options.files.sweep();
    this.timer = setInterval(() => this.keepNext(), this.options.everySeconds * 1000);
    this.keepNext();
    await this.working;
  }

  /** Keeps a last checkpoint. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.working;
    await this.keep();
    if (this.again) clearTimeout(this.again);
  }

  private keepNext(): void {
    this.working = this.working.then(() => this.keep());
  }

  /** Why no checkpoint is signed or kept, in words for anyone: the log of the server has what exactly; null when all is well. */
  async whyNotReady(): Promise<string | null> {
    return this.problem === null ? await this.options.files.whyNotWritten() : DISTRUSTED;
  }

  /** A signed checkpoint of the log as it is now. Throws UNAVAILABLE when the log contradicts an earlier one. */
  async current(origin: QueryOrigin): Promise<SignedCheckpoint> {
    const head = await this.log.head(origin);
    const problem = await this.contradiction(origin, head);
    this.tell(problem);
    if (problem !== null) throw unavailable(DISTRUSTED);
    return this.sign(head);
  }

  /** The same over the first `size` entries alone, for who may know of no more; null: of all. It says the time it is asked as of. */
  async signed(actor: Actor, size: number | null): Promise<SignedCheckpoint> {
    const now = await this.current(actor.origin);
    if (size === null) return now;
    const root = await rootOf(size, this.reader(actor.origin));
    const { origin, signer } = this.options;
    return { origin, size, root, note: signCheckpoint({ origin, size, root }, signer), at: actor.readsAsOf ?? now.at };
  }

  private sign({ size, root }: LogHead): SignedCheckpoint {
    if (this.last?.size !== size) {
      const note = signCheckpoint({ origin: this.options.origin, size, root }, this.options.signer);
      this.last = { origin: this.options.origin, size, root, note, at: this.options.now() };
    }
    return this.last;
  }

  /**
   * The size of the log and a note over that much of it, which is kept as every other checkpoint. When the log contradicts its checkpoints, the newest that was
   * kept, or null: an export of such a log is what an inquiry begins with, and it must not look sound.
   */
  async forExport(origin: QueryOrigin): Promise<{ size: number; note: string | null }> {
    const head = await this.log.head(origin);
    const problem = await this.contradiction(origin, head);
    this.tell(problem);
    if (problem === null) {
      const signed = this.sign(head);
      this.write(signed);
      return signed;
    }
    return { size: head.size, note: this.newest()?.note ?? null };
  }

  /** Reads the hashes of the log, each tile once. */
  reader(origin: QueryOrigin): HashReader {
    const tiles = new Map<string, ReturnType<SealingRepository['tiles']>>();
    return readTiles(async (key) => {
      const found = tiles.get(key) ?? this.log.tiles(origin, [key]);
      tiles.set(key, found);
      return (await found).get(key);
    });
  }

  /** Writes a checkpoint file when the log has grown since the last. Never throws: what failed is logged and tried again. */
  private async keep(): Promise<void> {
    const failedBefore = this.again !== null;
    if (this.again) clearTimeout(this.again);
    this.again = null;
    try {
      this.write(await this.current(SYSTEM.origin));
      if (failedBefore) this.options.logger.warn('A checkpoint of the audit log could be kept again.');
    } catch (error) {
      // A log that contradicts its checkpoints was told of already, and is looked at when the next is due.
      if (this.problem !== null) return;
      if (!failedBefore) this.options.logger.error({ err: error }, 'No checkpoint of the audit log was kept.');
      if (this.timer) this.again = setTimeout(() => this.keepNext(), TRY_AGAIN_MS);
    }
  }

  private write({ size, note }: SignedCheckpoint): void {
    if (size === this.keptSize || size === 0) return;
    const { files } = this.options;
    orUnavailable('No checkpoint of the audit log can be kept', () => files.write(size, note));
    this.keptSize = size;
  }

  /** What of the log contradicts its own tree or the checkpoint that was signed before; null when nothing does. */
  private async contradiction(origin: QueryOrigin, head: LogHead): Promise<string | null> {
    if (this.last && this.last.size === head.size && this.last.root.equals(head.root)) return null;
    try {
      const before = this.last ?? this.readKept();
      const read = this.reader(origin);
      if (!(await rootOf(head.size, read)).equals(head.root)) return 'The tree of the audit log does not fit its root.';
      if (before === null) return null;
      if (before.size > head.size)
        return `The audit log has ${head.size} entries; a checkpoint was signed over ${before.size}. Its tail was cut, or an old database was restored.`;
      const root = before.size === head.size ? head.root : await rootOf(before.size, read);
      return root.equals(before.root)
        ? null
        : `The first ${before.size} entries of the audit log are not those that were signed: it was rewritten.`;
    } catch (error) {
      if (error instanceof InvalidCheckpoint)
        return `The newest checkpoint in ${this.options.files.directory} cannot be used: ${error.message}`;
      if (error instanceof MissingHashes) return error.message;
      throw error;
    }
  }

  private readKept(): Checkpoint | null {
    const kept = this.newest();
    if (kept === null) return null;
    const checkpoint = openCheckpoint(kept.note, this.options.verifiers);
    if (checkpoint.origin !== this.options.origin) {
      throw new InvalidCheckpoint(`${kept.file} is of the log "${checkpoint.origin}", not of this one.`);
    }
    return checkpoint;
  }

  private newest(): ReturnType<CheckpointFiles['newest']> {
    return orUnavailable('The checkpoints of the audit log cannot be read', () => this.options.files.newest());
  }

  /** Says loudly, once, what is wrong, and when it is right again. */
  private tell(problem: string | null): void {
    if (problem === this.problem) return;
    this.problem = problem;
    if (problem === null) this.options.logger.warn('The audit log fits its checkpoints again.');
    else this.options.logger.error({ reason: problem }, `The audit log cannot be trusted: ${problem}`);
  }
}

/** Does it; what the disk refuses is UNAVAILABLE, for it goes on once the disk takes it. */
function orUnavailable<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const fault = diskFault(error);
    throw fault === null
      ? error
      : unavailable(`${what}: ${fault}. An administrator must mend that; then try again.`, error);
  }
}
