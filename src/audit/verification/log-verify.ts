/**
 * Checks an exported log against signed checkpoints, without the server: whether every entry is as it was logged, in its
 * place, and none is missing. docs/audit-log.md tells auditors what that proves and what it does not.
 */
import { tryCanonicalJson } from '../record/canonical-json.js';
import type { Verifier } from '../checkpoints/checkpoint.js';
import { brokenAttachments, erasedValues } from '../record/log-entry.js';
import type { ExportEntry, ExportLine } from './log-export.js';
import { LogOrder } from './log-order.js';
import { Frontier, type Hash, leafHash } from '../sealing/merkle.js';
import {
  CheckpointComparison,
  type NamedCheckpoint,
  type NamedNote,
  openAll,
} from '../checkpoints/trusted-checkpoints.js';

/** What the auditor brings along. */
export interface Evidence {
  /** The keys that are trusted: several after a rotation. */
  verifiers: readonly Verifier[];
  /** Checkpoints that were collected before, each saying how long the log was at least. */
  checkpoints: readonly NamedNote[];
}

export interface Verdict {
  /** What is wrong, a sentence each, at most `MAX_PROBLEMS` of them. Empty: the log is intact. */
  problems: string[];
  problemCount: number;
  origin: string | null;
  entries: number;
  /** In base64, of the tree over all entries that stand in order. */
  root: string;
  /** Time of the earliest and the latest entry; null when there is none with a body. */
  from: string | null;
  until: string | null;
  /** Entries past retention, of which only the leaf is left. */
  bodiesGone: number;
  /** Values that were detached, and erased since. */
  valuesErased: number;
  /** Checkpoints, the one at the end among them, that the log was compared with. */
  compared: number;
}

/** More than these are only counted: a file of garbage would fill the memory with them. */
const MAX_PROBLEMS = 100;

const AT_THE_END = 'the checkpoint at the end';

/** Reads the lines to their end and says what is wrong with them. Throws only for what is wrong with reading. */
export async function verifyExport(lines: AsyncIterable<ExportLine>, evidence: Evidence): Promise<Verdict> {
  const check = new ExportCheck(evidence);
  for await (const line of lines) check.take(line);
  return check.finish();
}

class ExportCheck {
  readonly #problems: string[] = [];
  #problemCount = 0;
  readonly #order = new LogOrder();
  readonly #tree = new Frontier();
  readonly #comparison = new CheckpointComparison();
  /** Those given that the tree has not reached yet, the smallest first. */
  #ahead: NamedCheckpoint[];
  /** The line of the checkpoint at the end, and what it says; that is null when it is not to be trusted. */
  #closing: { line: number; checkpoint: NamedCheckpoint | null } | null = null;
  readonly #counts = { lines: 0, entries: 0, bodiesGone: 0, valuesErased: 0 };
  #origin: string | null = null;
  /** The lowest number of an entry that has its body. */
  #firstBody = Infinity;
  #from: string | null = null;
  #until: string | null = null;

  constructor(private readonly evidence: Evidence) {
    this.#ahead = this.#open(evidence.checkpoints);
  }

  take(line: ExportLine): void {
    this.#counts.lines += 1;
    if (this.#closing !== null)
      this.#report(
        `Line ${line.line} stands after the checkpoint of line ${this.#closing.line}, which ends an export.`,
      );
    else if (line.kind === 'unreadable') this.#report(`Line ${line.line} cannot be read: ${line.why}.`);
    else if (line.kind === 'header') this.#takeHeader(line);
    else if (line.line === 1) this.#report('Line 1 does not say that this is an export of an audit log.');
    else if (line.kind === 'entry' || line.kind === 'damaged') this.#takeEntry(line);
    else
      this.#closing = { line: line.line, checkpoint: this.#open([{ name: AT_THE_END, note: line.note }])[0] ?? null };
  }

  finish(): Verdict {
    if (this.#counts.lines === 0) this.#report('The file is empty: not even the first line of an export is there.');
    else if (this.#closing === null)
      this.#report('The export does not end with a checkpoint: its end was cut off, or it was never finished.');
    for (const { from, to } of this.#order.missing()) this.#report(`${numbered(from, to)} missing.`);
    this.#compareEnd();
    const { entries, bodiesGone, valuesErased } = this.#counts;
    return {
      problems: this.#problems,
      problemCount: this.#problemCount,
      origin: this.#origin,
      ...{ entries, bodiesGone, valuesErased },
      root: this.#tree.root().toString('base64'),
      ...{ from: this.#from, until: this.#until },
      compared: this.#comparison.compared,
    };
  }

  #takeHeader({ line, origin }: { line: number; origin: string }): void {
    if (line !== 1) this.#report(`Line ${line} begins another export.`);
    else this.#origin = origin;
    this.#ahead = this.#ahead.filter((each) => this.#isOfThisLog(each));
  }

  #takeEntry(entry: Extract<ExportLine, { seq: number }>): void {
    const { seq, line } = entry;
    const { highest } = this.#order;
    const { ready, wrong } = this.#order.place(seq, entry.leafHash);
    if (wrong === 'doubled') {
      this.#report(`Entry ${seq} is there twice: again in line ${line}.`);
      return;
    }
    if (wrong === 'late')
      this.#report(`Entry ${seq} stands after entry ${highest} (line ${line}): the order was changed.`);
    this.#counts.entries += 1;
    if (entry.kind === 'damaged')
      this.#report(`Entry ${seq} was edited: what stands in line ${line} is no entry of the log.`);
    else if (entry.content === null) this.#takeBodyless(seq, line);
    else this.#takeContent(seq, entry.leafHash, entry.content);
    for (const hash of ready) {
      this.#compareReached();
      this.#tree.append(hash);
    }
  }

  /** Retention takes the oldest first: in the midst of others, nothing but a hand takes a body. */
  #takeBodyless(seq: number, line: number): void {
    if (seq > this.#firstBody)
      this.#report(`Entry ${seq} (line ${line}) has no body, and older ones have: it was taken out.`);
    else this.#counts.bodiesGone += 1;
  }

  #takeContent(seq: number, leaf: Hash, { body, detached }: NonNullable<ExportEntry['content']>): void {
    this.#firstBody = Math.min(this.#firstBody, seq);
    const text = tryCanonicalJson(body);
    if (text === null || !leafHash(Buffer.from(text)).equals(leaf))
      this.#report(`Entry ${seq} (${body.id}) was edited: its body does not hash to its leaf.`);
    for (const pointer of brokenAttachments(body, detached))
      this.#report(`Entry ${seq} (${body.id}): the value at ${pointer} is not the one that was logged.`);
    this.#counts.valuesErased += erasedValues(body, detached).length;
    if (this.#from === null || body.at < this.#from) this.#from = body.at;
    if (this.#until === null || body.at > this.#until) this.#until = body.at;
  }

  /** The tree is as large as these checkpoints now: are they about it? */
  #compareReached(): void {
    for (let next = this.#ahead[0]; next?.size === this.#tree.size; next = this.#ahead[0]) {
      this.#comparison.compare(next, this.#tree.root());
      this.#ahead.shift();
    }
  }

  #compareEnd(): void {
    this.#compareReached();
    const closing = this.#closing?.checkpoint ?? null;
    const { size } = this.#tree;
    if (closing?.size === size) this.#comparison.compare(closing, this.#tree.root());
    const changed = this.#comparison.problem();
    if (changed !== null) this.#report(changed);
    if (closing !== null && closing.size < size)
      this.#report(`${numbered(closing.size, size - 1)} beyond what ${AT_THE_END} counts: nobody signed that.`);
    const furthest = this.#ahead.at(-1);
    if (closing) this.#reportUnreached(closing, '');
    if (furthest) this.#reportUnreached(furthest, ', or the export is older than the checkpoint');
  }

  #reportUnreached({ name, size }: NamedCheckpoint, perhaps: string): void {
    const held = this.#order.highest + 1;
    if (size > held)
      this.#report(
        `The export ends after ${held} entries, and ${name} counts ${size}: the last ${size - held} were cut off, ` +
          `or as many were taken out and the rest was numbered anew${perhaps}.`,
      );
    else if (size > this.#tree.size)
      this.#report(
        `From entry ${this.#tree.size} on, the log could not be compared with ${name}: entries are missing.`,
      );
  }

  #open(notes: readonly NamedNote[]): NamedCheckpoint[] {
    const opened = openAll(notes, this.evidence.verifiers, (problem) => this.#report(problem));
    return opened.filter((each) => this.#isOfThisLog(each));
  }

  /** Before the first line, every checkpoint is. */
  #isOfThisLog({ name, origin }: NamedCheckpoint): boolean {
    if (this.#origin === null || this.#origin === origin) return true;
    this.#report(`The export is about the log ${this.#origin}, and ${name} about the log ${origin}.`);
    return false;
  }

  #report(problem: string): void {
    this.#problemCount += 1;
    if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(problem);
  }
}

function numbered(from: number, to: number): string {
  return from === to ? `Entry ${from} is` : `The entries ${from} to ${to} are`;
}
