import type { QueryOrigin } from '../../neo4j/graph.js';
import type { SealedLeaf } from '../entries/integrity.js';
import { type Hash, rootOf } from './merkle.js';
import type { SealingRepository } from './sealing.repository.js';
import { MissingHashes, openTileKeys, readTiles, rootOfComplete, TILE_WIDTH, tileKey } from './tiles.js';

/** Full tiles that are remembered: what was proven once cannot become another. */
const KEPT_TILES = 128;

interface Tile {
  hashes: readonly Hash[];
  proven: boolean;
}

/** The tiles that were begun when the log had this size, cut to it. */
interface Begun {
  size: number;
  tiles: ReadonlyMap<string, readonly Hash[]>;
  /** The root over them is that of the head. */
  proven: boolean;
}

/**
 * What the tree has at numbers of the log, for whoever shows entries: a text that hashes to its leaf, and a leaf that the
 * tree above confirms, are what was sealed. Full tiles are held against the tile above, those that are begun against the
 * root of the head; that against signed checkpoints is for CheckpointService.
 */
export class SealedLeaves {
  private readonly full = new Map<string, Tile>();
  private begun: Begun = { size: 0, tiles: new Map(), proven: true };

  constructor(private readonly log: Pick<SealingRepository, 'head' | 'tiles'>) {}

  /** The leaves at these numbers, as far as the log reaches. */
  async at(origin: QueryOrigin, numbers: readonly number[]): Promise<Map<number, SealedLeaf>> {
    const found = new Map<number, SealedLeaf>();
    if (numbers.length === 0) return found;
    if (numbers.some((seq) => seq >= this.begun.size) || !this.begun.proven) await this.catchUp(origin);
    for (const [index, seqs] of byTile(numbers.filter((seq) => seq < this.begun.size))) {
      const { hashes, proven } = await this.tile(origin, 0, index);
      for (const seq of seqs) {
        const hash = hashes[seq % TILE_WIDTH];
        if (hash) found.set(seq, { hash, proven });
      }
    }
    return found;
  }

  private async catchUp(origin: QueryOrigin): Promise<void> {
    const { size, root } = await this.log.head(origin);
    const read = await this.log.tiles(origin, openTileKeys(size));
    const tiles = new Map([...read].map(([key, hashes]) => [key, hashes.slice(0, lengthOf(key, size))]));
    this.begun = { size, tiles, proven: await fits(size, root, tiles) };
  }

  private async tile(origin: QueryOrigin, level: number, index: number): Promise<Tile> {
    const key = tileKey(level, index);
    const begun = this.begun.tiles.get(key);
    if (begun) return { hashes: begun, proven: this.begun.proven };
    const kept = this.full.get(key);
    if (kept) return kept;
    const hashes = (await this.log.tiles(origin, [key])).get(key) ?? [];
    const tile = {
      hashes,
      proven: hashes.length === TILE_WIDTH && (await this.isProven(origin, level, index, hashes)),
    };
    if (tile.proven) this.keep(key, tile);
    return tile;
  }

  private async isProven(origin: QueryOrigin, level: number, index: number, hashes: readonly Hash[]) {
    const above = await this.tile(origin, level + 1, Math.floor(index / TILE_WIDTH));
    return above.proven && above.hashes[index % TILE_WIDTH]?.equals(rootOfComplete(hashes)) === true;
  }

  private keep(key: string, tile: Tile): void {
    this.full.set(key, tile);
    const oldest = this.full.keys().next();
    if (this.full.size > KEPT_TILES && oldest.done !== true) this.full.delete(oldest.value);
  }
}

/** How many hashes of a begun tile belong to a log of this size. */
function lengthOf(key: string, size: number): number {
  const level = Number(key.split(':')[0]);
  return Math.floor(size / TILE_WIDTH ** level) % TILE_WIDTH;
}

async function fits(size: number, root: Hash, tiles: ReadonlyMap<string, readonly Hash[]>): Promise<boolean> {
  try {
    return (
      await rootOf(
        size,
        readTiles((key) => Promise.resolve(tiles.get(key))),
      )
    ).equals(root);
  } catch (error) {
    if (error instanceof MissingHashes || error instanceof RangeError) return false;
    throw error;
  }
}

function byTile(numbers: readonly number[]): Map<number, number[]> {
  const tiles = new Map<number, number[]>();
  for (const seq of numbers) {
    const index = Math.floor(seq / TILE_WIDTH);
    tiles.set(index, [...(tiles.get(index) ?? []), seq]);
  }
  return tiles;
}
