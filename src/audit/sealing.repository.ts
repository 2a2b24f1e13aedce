import type { Graph, QueryOrigin, WriteTransaction } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import { leafOf, type UnsealedRow, withBody } from './sealing.js';
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
  /** null: nothing waits. */
  oldest: Date | null;
}

/** The hashes of the audit log in the database, and the one transaction that adds to them. */
export class SealingRepository {
  /** The tiles the next leaves go into, as this process left them with its last batch, if that was kept. */
  private begun: { root: string | null; tiles: ReadonlyMap<string, readonly Hash[]> } | null = null;

  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async hasUnsealed(origin: QueryOrigin): Promise<boolean> {
    return (await this.graph.read(origin, cypher.LOOK_FOR_UNSEALED, {})).length > 0;
  }

  /**
   * Numbers up to `limit` waiting entries in order of their ids and adds them to the tree, in one transaction under the
   * lock of the head: other servers wait here. Answers how many; 0 when another was faster.
   */
  async sealBatch(origin: QueryOrigin, limit: number): Promise<number> {
    const batch = await this.graph.write(origin, async (tx) => {
      const locked = await tx.one(cypher.LOCK_AND_READ, { limit, now: this.now() });
      const size = locked.int('size');
      const entries = locked.rows('entries').map(decodeUnsealed).map(withBody);
      if (entries.length === 0) return { sealed: 0, root: null, tiles: new Map<string, readonly Hash[]>() };
      const openTiles = await this.openTiles(tx, size, locked.maybeText('root'));
      const leaves = entries.map((entry) => leafOf(entry.body));
      const frontier = new Frontier(size, locked.texts('frontier').map(fromBase64));
      leaves.forEach((leaf) => frontier.append(leaf));
      const changed = addToTiles(size, openTiles, leaves);
      const old = entries.filter((entry) => entry.madeNow);
      if (old.length > 0) await tx.run(cypher.GIVE_BODIES, { entries: old });
      const root = toBase64(frontier.root());
      const row = await tx.one(cypher.SEAL, {
        first: size,
        ids: entries.map((entry) => entry.id),
        size: frontier.size,
        frontier: frontier.hashes.map(toBase64),
        root,
        tiles: changed.map(({ key, hashes }) => ({ key, hashes: hashes.map(toBase64) })),
      });
      if (row.int('sealed') !== entries.length) throw new Error('An entry went while it was being sealed.');
      return { sealed: entries.length, root, tiles: new Map([...openTiles, ...changed.map(pair)]) };
    });
    // Only what was surely committed is remembered.
    if (batch.sealed > 0) this.begun = batch;
    return batch.sealed;
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
    return { unsealed: row?.int('unsealed') ?? 0, oldest: row?.maybeTime('oldest') ?? null };
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
  const [id, body] = [row.text('id'), row.maybeText('body')];
  if (body !== null) return { id, body };
  return {
    id,
    body: null,
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
}

const fromBase64 = (text: string): Hash => Buffer.from(text, 'base64');
const toBase64 = (hash: Hash): string => hash.toString('base64');
