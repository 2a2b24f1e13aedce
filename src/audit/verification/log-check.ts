import type { Checkpoint } from '../checkpoints/checkpoint.js';
import type { EntryMarks } from '../record/entry-marks.js';
import { examine, type StoredEntry } from '../entries/integrity.js';
import { isKnown, type NumberRange } from './known-damage.js';
import { Frontier, type Hash } from '../sealing/merkle.js';
import { rootOfComplete, TILE_WIDTH, tileKey } from '../sealing/tiles.js';

/** Something in the log is not as it was sealed. */
export interface Damage {
  /** The first entry that cannot be trusted for it. */
  entry: number;
  what: string;
}

/** Entries among which something is wrong, both ends within. */
interface Wrong {
  from: number;
  to: number;
  what: string;
}

/** The first say enough. */
const MAX_RANGES = 100;

/** The head of the log as it stands in the database. */
export interface StoredHead {
  size: number;
  root: Hash;
  frontier: readonly string[];
  prunedTo: number;
}

/**
 * Goes through a log from its first entry to its last and finds the first that is wrong: texts and columns against leaves,
 * leaves against the tiles above, all of it against the head and signed checkpoints. It holds the frontier of the tree, one
 * tile of each level and the checkpoints ahead, however long the log is.
 */
export class LogCheck {
  private readonly frontier = new Frontier();
  /** What the tiles above the leaves must hold, by level, from the last full tile on. */
  private readonly above: Hash[][] = [];
  private readonly counts: number[] = [];
  /** The roots of the tree when it had the sizes that checkpoints are of. */
  private readonly roots = new Map<number, Hash>();
  private wrongEntry: Wrong | null = null;
  private readonly wrongRanges: Wrong[] = [];
  /** From here on nothing can be said of the tree: a leaf is missing. */
  private brokenAt: number | null = null;
  private prunedByLog = 0;
  private checkpointFitsTo = 0;
  private knownEntries = 0;

  constructor(
    readonly head: StoredHead,
    private readonly evidence: { marks: EntryMarks; known: readonly NumberRange[] },
  ) {}

  /** The first thing that is wrong: an entry where it can be named, else the first of those among which it must be. */
  get first(): Damage | null {
    const all = [...(this.wrongEntry ? [this.wrongEntry] : []), ...this.wrongRanges];
    const isCauseOf = (one: Wrong, other: Wrong): boolean =>
      one !== other && one.from >= other.from && one.to <= other.to && one.to - one.from < other.to - other.from;
    const causes = all.filter((each) => !all.some((other) => isCauseOf(other, each)));
    const first = causes.sort((a, b) => a.from - b.from)[0];
    return first ? { entry: first.from, what: first.what } : null;
  }

  /** Wrong entries that the settings know of. */
  get known(): number {
    return this.knownEntries;
  }

  /**
   * Takes the leaves of one tile, in order; `sizes`: of checkpoints that were signed on the way. Answers the tiles above that
   * are now full, by their keys, for `holdAbove`: they must be what is computed here.
   */
  takeLeaves(
    index: number,
    leaves: readonly Hash[],
    expected: number,
    sizes: ReadonlySet<number>,
  ): Map<string, readonly Hash[]> {
    const first = index * TILE_WIDTH;
    if (this.brokenAt !== null) return new Map();
    if (leaves.length < expected) {
      this.brokenAt = first + leaves.length;
      this.reportFirst(this.brokenAt, `the hash of entry ${this.brokenAt} is missing`);
    }
    const taken = leaves.slice(0, expected);
    for (const leaf of taken) {
      this.frontier.append(leaf);
      if (sizes.has(this.frontier.size)) this.roots.set(this.frontier.size, this.frontier.root());
    }
    return taken.length === TILE_WIDTH ? this.climb(1, rootOfComplete(taken)) : new Map<string, readonly Hash[]>();
  }

  /** The tiles above that were begun and not filled when all leaves were taken. */
  begunAbove(): Map<string, readonly Hash[]> {
    const tiles = this.above.map((hashes, level): [string, readonly Hash[]] => [
      tileKey(level, Math.floor((this.counts[level] ?? 0) / TILE_WIDTH)),
      hashes,
    ]);
    return new Map(tiles.filter(([, hashes]) => hashes.length > 0));
  }

  /** Holds a tile of the database against what its leaves give. */
  holdAbove(key: string, computed: readonly Hash[], stored: readonly Hash[]): void {
    const [level = 0, index = 0] = key.split(':').map(Number);
    const wrong = computed.findIndex((hash, place) => stored[place]?.equals(hash) !== true);
    if (wrong < 0) return;
    const width = TILE_WIDTH ** level;
    const from = (index * TILE_WIDTH + wrong) * width;
    const to = from + width - 1;
    this.reportRange({
      from,
      to,
      what: `the hashes of the entries ${from} to ${to} do not fit tile ${key} above them`,
    });
  }

  /** The checkpoint was signed over entries that were taken: is it over these? */
  holdCheckpoint({ size, root }: Checkpoint): void {
    const own = this.roots.get(size);
    this.roots.delete(size);
    if (own === undefined) return;
    if (own.equals(root)) this.checkpointFitsTo = size;
    else {
      const what = `the first ${size} entries are not those that were signed`;
      this.reportRange({ from: this.checkpointFitsTo, to: size - 1, what });
    }
  }

  /** A checkpoint over more entries than there are. */
  missCheckpoint({ size }: Checkpoint): void {
    this.reportFirst(this.head.size, `a checkpoint was signed over ${size} entries, and the log has ${this.head.size}`);
  }

  /** Entries that stand at the numbers from `from` up to and without `to`, with their leaves. */
  takeEntries(entries: readonly StoredEntry[], leaves: readonly Hash[], from: number, to: number): void {
    const bySeq = new Map<number, StoredEntry[]>();
    for (const entry of entries) bySeq.set(entry.seq ?? -1, [...(bySeq.get(entry.seq ?? -1) ?? []), entry]);
    for (let seq = from; seq < to; seq += 1) {
      const problem = this.problemOf(bySeq.get(seq) ?? [], leaves[seq - from]);
      if (problem !== null) this.reportEntry(seq, problem);
    }
  }

  /** Entries beside the log: without a number that it counts, and not waiting for one. */
  takeStrays(strays: readonly { id: string; seq: number | null }[]): void {
    for (const { id, seq } of strays) {
      const at = seq ?? this.head.size;
      if (!isKnown(this.evidence.known, at)) this.reportFirst(at, `an entry (id ${id.slice(0, 50)}) was added to it`);
    }
  }

  /** All leaves were taken: is the head the head of them? */
  close(): void {
    if (this.brokenAt !== null) return;
    const { root, frontier, size, prunedTo } = this.head;
    const hashes = this.frontier.hashes.map((hash) => hash.toString('base64'));
    if (!this.frontier.root().equals(root) || hashes.join() !== frontier.join()) {
      const what = 'the head of the log is not that of its entries';
      this.reportRange({ from: this.checkpointFitsTo, to: Math.max(this.checkpointFitsTo, size), what });
    }
    if (prunedTo > this.prunedByLog) {
      const what = `entries up to ${prunedTo - 1} were taken out, and retention took none from ${this.prunedByLog} on`;
      this.reportRange({ from: this.prunedByLog, to: prunedTo - 1, what });
    }
  }

  private climb(level: number, hash: Hash): Map<string, readonly Hash[]> {
    const hashes = (this.above[level] ??= []);
    hashes.push(hash);
    this.counts[level] = (this.counts[level] ?? 0) + 1;
    if (hashes.length < TILE_WIDTH) return new Map();
    this.above[level] = [];
    const key = tileKey(level, (this.counts[level] ?? 0) / TILE_WIDTH - 1);
    return new Map([[key, hashes], ...this.climb(level + 1, rootOfComplete(hashes))]);
  }

  /** null: it is what was sealed. */
  private problemOf(found: readonly StoredEntry[], hash: Hash | undefined): string | null {
    const [entry, second] = found;
    if (!entry) return 'is missing';
    if (second) return 'is there twice';
    if (hash === undefined) return 'has no hash';
    const { state, differs, body } = examine(entry, { hash, proven: true }, this.evidence.marks);
    if (state === 'UNREADABLE' && body === null) return 'cannot be read';
    if (state === 'EDITED') return 'is not what was sealed';
    const changed = differs.filter((name) => name !== 'before' && name !== 'after');
    if (changed.length > 0) return `was changed beside its text (${changed.join(', ').slice(0, 200)})`;
    if (body?.action === 'audit:prune' && body.actor === 'weftline') this.notePruned(body.after);
    return null;
  }

  /** Retention says in the log what it took: so far, and no further, entries may be missing. */
  private notePruned(after: Record<string, unknown> | null): void {
    const last = after?.['last'];
    if (typeof last === 'number') this.prunedByLog = Math.max(this.prunedByLog, last + 1);
  }

  private reportEntry(seq: number, problem: string): void {
    if (isKnown(this.evidence.known, seq)) this.knownEntries += 1;
    else this.reportFirst(seq, `entry ${seq} ${problem}`);
  }

  private reportFirst(entry: number, what: string): void {
    if (this.wrongEntry === null || entry < this.wrongEntry.from) this.wrongEntry = { from: entry, to: entry, what };
  }

  private reportRange(range: Wrong): void {
    if (this.wrongRanges.length < MAX_RANGES) this.wrongRanges.push(range);
  }
}
