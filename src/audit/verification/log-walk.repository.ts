import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import { textOf } from '../../neo4j/row.js';
import { storedEntry } from '../entries/audit.decode.js';
import type { EntryMarks } from '../record/entry-marks.js';
import type { StoredEntry } from '../entries/integrity.js';
import type { StoredHead } from './log-check.js';
import * as cypher from './log-walk.cypher.js';
import { EMPTY_ROOT } from '../sealing/merkle.js';

/** What a check of the whole log came to, as servers tell it each other. */
export interface Finding {
  by: string;
  /** When it ended: milliseconds since 1970. */
  at: number;
  entry: number | null;
  what: string | null;
}

/** Who checks the log, and until when nobody else needs to. */
export interface Lease {
  by: string;
  until: number;
}

/** Entries looked at at once for ones beside the log. */
const STRETCH = 2_000;

export class LogWalkRepository {
  constructor(
    private readonly graph: Graph,
    private readonly marks: EntryMarks,
    private readonly now: () => Date,
  ) {}

  /** null: nothing was ever sealed. */
  async head(origin: QueryOrigin): Promise<StoredHead | null> {
    const row = (await this.graph.read(origin, cypher.READ_WHOLE_HEAD, {}))[0];
    if (!row) return null;
    const root = textOf(row.raw('root'));
    const frontier = row.raw('frontier');
    return {
      size: numberOf(row.raw('size')),
      root: root === null ? EMPTY_ROOT : Buffer.from(root, 'base64'),
      frontier: Array.isArray(frontier) ? frontier.map(String) : [],
      prunedTo: numberOf(row.raw('prunedTo')),
    };
  }

  async stretch(origin: QueryOrigin, from: number, to: number): Promise<StoredEntry[]> {
    return (await this.graph.read(origin, cypher.READ_STRETCH, { from, to })).map(storedEntry);
  }

  /** Entries beside the log in the stretch after an id, and where that ends; null at the end. */
  async strays(origin: QueryOrigin, after: string, { prunedTo, size }: StoredHead) {
    const parameters = { after, limit: STRETCH, prunedTo, size };
    const row = (await this.graph.read(origin, cypher.FIND_STRAYS, parameters))[0];
    const through = row?.maybeText('through') ?? null;
    if (!row || through === null) return null;
    const strays = row.rows('strays').map((each) => {
      const seq = each.raw('seq');
      return { id: each.text('id'), seq: typeof seq === 'bigint' && seq >= 0n ? Number(seq) : null };
    });
    return { through, strays };
  }

  /** Takes the check for a while. Answers what another server, which is at it or has done it, says instead; null: it is ours. */
  async take(
    origin: QueryOrigin,
    lease: Lease,
    isFresh: (finding: Finding) => boolean,
  ): Promise<Lease | Finding | null> {
    return this.graph.write(origin, async (tx) => {
      const row = await tx.one(cypher.LOCK_WALK, { now: this.now() });
      const held = this.open('lease', row.raw('lease')) as Lease | null;
      const found = this.open('finding', row.raw('finding')) as Finding | null;
      const now = this.now().getTime();
      if (held !== null && held.by !== lease.by && held.until > now) return held;
      if (found !== null && found.by !== lease.by && isFresh(found)) return found;
      await this.renewWithin(tx, lease);
      return null;
    });
  }

  async renew(origin: QueryOrigin, lease: Lease): Promise<void> {
    await this.graph.write(origin, (tx) => this.renewWithin(tx, lease));
  }

  private async renewWithin(tx: WriteTransaction, lease: Lease): Promise<void> {
    await tx.run(cypher.KEEP_LEASE, { lease: this.sign('lease', lease) });
  }

  /** Tells the other servers, and this one after a start, and lets go of the check. */
  async keep(origin: QueryOrigin, finding: Finding): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.KEEP_FINDING, { finding: this.sign('finding', finding) }));
  }

  /** What the last check came to; null: there was none, or what stands there no server wrote. */
  async finding(origin: QueryOrigin): Promise<Finding | null> {
    const row = (await this.graph.read(origin, cypher.READ_FINDING, {}))[0];
    return this.open('finding', row?.raw('finding')) as Finding | null;
  }

  private sign(kind: Kind, value: Lease | Finding): string {
    const text = JSON.stringify(value);
    return `${this.marks.of(`${kind} ${text}`)} ${text}`;
  }

  /** What a server signed as of a kind is of the type that it writes there. */
  private open(kind: Kind, stored: unknown): Lease | Finding | null {
    const [mark = '', ...rest] = (textOf(stored) ?? '').split(' ');
    const text = rest.join(' ');
    return this.marks.fits(`${kind} ${text}`, mark) ? (JSON.parse(text) as Lease | Finding) : null;
  }
}

type Kind = 'lease' | 'finding';

/** 0 for what is no number of entries. */
function numberOf(value: unknown): number {
  return typeof value === 'bigint' && value >= 0n && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : 0;
}
