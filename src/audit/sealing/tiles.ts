/**
 * The hashes of the log as they are kept: tiles of 256, as tile-based logs have them. Tile level 0 holds the leaves, level
 * 1 the roots of full tiles of level 0, and so on. Everything between is computed from one tile, so a proof over
 * millions of entries reads a handful of nodes. Hashes are only ever added: a tile read late is still right.
 */
import { type Hash, type HashReader, nodeHash } from './merkle.js';

const BITS = 8;
/** Hashes in a full tile. */
export const TILE_WIDTH = 2 ** BITS;

export interface Tile {
  /** "<level>:<index>" */
  key: string;
  hashes: readonly Hash[];
}

export function tileKey(level: number, index: number): string {
  return `${level}:${index}`;
}

/** Keys of the tiles that are begun and not full in a log of this size: those the next leaves go into. */
export function openTileKeys(size: number): string[] {
  const keys: string[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / TILE_WIDTH)) {
    if (count % TILE_WIDTH !== 0) keys.push(tileKey(level, Math.floor(count / TILE_WIDTH)));
  }
  return keys;
}

/** The tiles of a log of `size` after more leaves: those that changed, whole. Throws when a begun tile is not given. */
export function addToTiles(size: number, open: ReadonlyMap<string, readonly Hash[]>, leaves: readonly Hash[]): Tile[] {
  const changed = new Map<string, Hash[]>();
  const counts: number[] = [];
  const add = (level: number, hash: Hash): void => {
    const count = counts[level] ?? Math.floor(size / TILE_WIDTH ** level);
    const key = tileKey(level, Math.floor(count / TILE_WIDTH));
    const tile = changed.get(key) ?? begun(open, key, count % TILE_WIDTH);
    tile.push(hash);
    changed.set(key, tile);
    counts[level] = count + 1;
    if (tile.length === TILE_WIDTH) add(level + 1, rootOfComplete(tile));
  };
  for (const leaf of leaves) add(0, leaf);
  return [...changed].map(([key, hashes]) => ({ key, hashes }));
}

function begun(open: ReadonlyMap<string, readonly Hash[]>, key: string, length: number): Hash[] {
  const hashes = open.get(key) ?? [];
  if (hashes.length !== length) {
    throw new Error(`Tile ${key} of the audit log holds ${hashes.length} hashes where ${length} belong.`);
  }
  return [...hashes];
}

/** A reader of the hashes of complete subtrees over tiles. Throws when the log lacks the tile or its hashes. */
export function readTiles(tile: (key: string) => Promise<readonly Hash[] | undefined>): HashReader {
  return async (level, index) => {
    const within = level % BITS;
    const width = 2 ** within;
    const first = index * width;
    const key = tileKey((level - within) / BITS, Math.floor(first / TILE_WIDTH));
    const hashes = ((await tile(key)) ?? []).slice(first % TILE_WIDTH, (first % TILE_WIDTH) + width);
    if (hashes.length !== width) throw new MissingHashes(key);
    return rootOfComplete(hashes);
  };
}

/** The database lacks hashes that the log of this size must have: it was changed from outside. */
export class MissingHashes extends Error {
  override readonly name = 'MissingHashes';
  constructor(key: string) {
    super(`Tile ${key} of the audit log lacks hashes that it had.`);
  }
}

/** The root over a power of two of hashes. */
export function rootOfComplete(hashes: readonly Hash[]): Hash {
  let level = hashes;
  while (level.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) above.push(nodeHash(at(level, i), at(level, i + 1)));
    level = above;
  }
  return at(level, 0);
}

function at(hashes: readonly Hash[], index: number): Hash {
  const hash = hashes[index];
  if (!hash) throw new RangeError(`There is no hash ${index} among ${hashes.length}.`);
  return hash;
}
