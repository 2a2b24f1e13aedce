import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import { dateOf, type Row, textOf } from '../../neo4j/row.js';
import { type EntryMarks, unspent } from '../record/entry-marks.js';
import { type EntryOfBefore, type EntryToSeal, judge, leafOf, type RefusedEntry, type UnsealedRow } from './sealing.js';
import * as cypher from './sealing.cypher.js';
import { addToTiles, openTileKeys, type Tile } from './tiles.js';
import { EMPTY_ROOT, Frontier, type Hash } from './merkle.js';

/** The sealed log as a whole. */
export interface LogHead {
  /** Sealed entries. */
  size: number;
  root: Hash;
  /** Entries numbered below this are gone by retention; only their hashes are kept. */
  prunedTo: number;
}

export interface Backlog {
  unsealed: number;
  /** What was set aside, ever, as no server wrote it. */
  refused: number;
  /** null: nothing waits. */
  oldest: Date | null;
}

export interface SealOptions {
  /** Entries without the mark of a server are sealed as well. */
  trusting?: boolean;
  onRefused?: (tx: WriteTransaction, refused: readonly RefusedEntry[]) => Promise<void>;
}

/** The hashes of the audit log in the database, and the one transaction that adds to them. */
export class SealingRepository {
  /** The tiles the next leaves go into, as this process left them with its last batch, if that was kept. */
  private begun: { root: string | null; tiles: ReadonlyMap<string, readonly Hash[]> } | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly marks: EntryMarks,
    private readonly now: () => Date,
  ) {}

  async hasUnsealed(origin: QueryOrigin): Promise<boolean> {
    return (await this.graph.read(origin, cypher.LOOK_FOR_UNSEALED, {})).length > 0;
  }

  /**
   * Numbers up to `limit` waiting entries in order of their ids and adds them to the tree, in one transaction under the
   * lock of the head: other servers wait here. What no server wrote is set aside instead, and told to `onRefused` within the
   * transaction. Answers how many waited; 0 when another was faster.
   */
  async sealBatch(
    origin: QueryOrigin,
    limit: number,
    { trusting = false, onRefused }: SealOptions = {},
  ): Promise<number> {
    const batch = await this.graph.write(origin, async (tx) => {
      const locked = await tx.one(cypher.LOCK_AND_READ, { limit, now: this.now() });
      const rows = locked.rows('entries').map(decodeUnsealed);
      const { entries, refused } = judge(rows, this.marks, trusting);
      const sealed = entries.length === 0 ? null : await this.seal(tx, locked, entries);
      if (refused.length > 0) {
        await tx.run(cypher.SET_ASIDE, { refused, now: this.now() });
        await onRefused?.(tx, refused);
      }
      return { waited: rows.length, sealed };
    });
    // Only what was surely committed is remembered.
    if (batch.sealed) this.begun = batch.sealed;
    return batch.waited;
  }

  private async seal(tx: WriteTransaction, locked: Row, entries: readonly EntryToSeal[]) {
    const size = locked.int('size');
    const openTiles = await this.openTiles(tx, size, locked.maybeText('root'));
    const leaves = entries.map((entry) => leafOf(entry.body));
    const frontier = new Frontier(size, locked.texts('frontier').map(fromBase64));
    leaves.forEach((leaf) => frontier.append(leaf));
    const changed = addToTiles(size, openTiles, leaves);
    const old = entries.filter(({ detached }) => detached !== null);
    if (old.length > 0) await tx.run(cypher.GIVE_BODIES, { entries: old });
    const root = toBase64(frontier.root());
    const row = await tx.one(cypher.SEAL, {
      first: size,
      nodes: entries.map((entry) => entry.node),
      size: frontier.size,
      frontier: frontier.hashes.map(toBase64),
      root,
      tiles: changed.map(({ key, hashes }) => ({ key, hashes: hashes.map(toBase64) })),
    });
    if (row.int('sealed') !== entries.length) throw new Error('An entry went while it was being sealed.');
    return { root, tiles: new Map([...openTiles, ...changed.map(pair)]) };
  }

  /** Whether entries without a mark may still be sealed: until the first start of a version that marks them. */
  async trusts(origin: QueryOrigin): Promise<boolean> {
    return ((await this.graph.read(origin, cypher.READ_TRUST, {}))[0]?.maybeTime('endedAt') ?? null) === null;
  }

  async endTrust(origin: QueryOrigin): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.END_TRUST, { now: this.now() }));
  }

  /** From the database, unless this process sealed last. */
  private async openTiles(
    tx: WriteTransaction,
    size: number,
    root: string | null,
  ): Promise<ReadonlyMap<string, readonly Hash[]>> {
    const keys = openTileKeys(size);
    const begun = this.begun;
    this.begun = null;
    if (begun === null || begun.root !== root) return tilesOf(await tx.run(cypher.READ_TILES, { keys }));
    return new Map(keys.map((key) => [key, begun.tiles.get(key) ?? []]));
  }

  async head(origin: QueryOrigin): Promise<LogHead> {
    const row = (await this.graph.read(origin, cypher.READ_HEAD, {}))[0];
    const root = row?.maybeText('root') ?? null;
    return {
      size: row?.int('size') ?? 0,
      root: root === null ? EMPTY_ROOT : fromBase64(root),
      prunedTo: row?.maybeInt('prunedTo') ?? 0,
    };
  }

  async backlog(origin: QueryOrigin): Promise<Backlog> {
    const row = (await this.graph.read(origin, cypher.READ_BACKLOG, {}))[0];
    return {
      unsealed: row?.int('unsealed') ?? 0,
      refused: row?.int('refused') ?? 0,
      oldest: dateOf(row?.raw('oldest')),
    };
  }

  /** Tiles by key, as far as they are there. */
  async tiles(origin: QueryOrigin, keys: readonly string[]): Promise<Map<string, Hash[]>> {
    return tilesOf(await this.graph.read(origin, cypher.READ_TILES, { keys }));
  }
}

function tilesOf(rows: readonly Row[]): Map<string, Hash[]> {
  return new Map(rows.map((row) => [row.text('key'), row.texts('hashes').map(fromBase64)]));
}

const pair = ({ key, hashes }: Tile): [string, readonly Hash[]] => [key, hashes];

function decodeUnsealed(row: Row): UnsealedRow {
  const body = textOf(row.raw('body'));
  return {
    node: row.text('node'),
    id: row.text('id'),
    body,
    mark: unspent(textOf(row.raw('mark'))),
    isNew: row.flag('isNew'),
    ofBefore: body === null ? decodeOfBefore(row) : null,
  };
}

/** null: it was not written so by any version. */
function decodeOfBefore(row: Row): EntryOfBefore | null {
  try {
    return {
      at: row.time('at'),
      actorId: row.maybeText('actorId'),
      actorName: row.text('actorName'),
      action: row.text('action'),
      outcome: row.text('outcome'),
      targetId: row.text('targetId'),
      targetName: row.text('targetName'),
      assetIds: row.texts('assetIds'),
      requestId: row.text('requestId'),
      operation: row.text('operation'),
      before: row.maybeText('before') === null ? null : row.json('before'),
      after: row.maybeText('after') === null ? null : row.json('after'),
      reason: row.maybeText('reason'),
    };
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return null;
    throw error;
  }
}

const fromBase64 = (text: string): Hash => Buffer.from(text, 'base64');
const toBase64 = (hash: Hash): string => hash.toString('base64');
