import type { Graph, QueryOrigin } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import { leafOf, type UnsealedRow, withBody } from './sealing.js';
import * as cypher from './sealing.cypher.js';
import { addToTiles, openTileKeys } from './tiles.js';
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
    return this.graph.write(origin, async (tx) => {
      const locked = await tx.one(cypher.LOCK_AND_READ, { limit, now: this.now() });
      const size = locked.int('size');
      const entries = locked.rows('entries').map(decodeUnsealed).map(withBody);
      if (entries.length === 0) return 0;
      const openTiles = tilesOf(await tx.run(cypher.READ_TILES, { keys: openTileKeys(size) }));
      const leaves = entries.map((entry) => leafOf(entry.body));
      const frontier = new Frontier(size, locked.texts('frontier').map(fromBase64));
      leaves.forEach((leaf) => frontier.append(leaf));
      const old = entries.filter((entry) => entry.madeNow);
      if (old.length > 0) await tx.run(cypher.GIVE_BODIES, { entries: old });
      const row = await tx.one(cypher.SEAL, {
        first: size,
        ids: entries.map((entry) => entry.id),
        size: frontier.size,
        frontier: frontier.hashes.map(toBase64),
        root: toBase64(frontier.root()),
        tiles: addToTiles(size, openTiles, leaves).map(({ key, hashes }) => ({ key, hashes: hashes.map(toBase64) })),
      });
      if (row.int('sealed') !== entries.length) throw new Error('An entry went while it was being sealed.');
      return entries.length;
    });
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
