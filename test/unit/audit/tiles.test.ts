import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  Frontier,
  type Hash,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/audit/sealing/merkle.js';
import { addToTiles, MissingHashes, openTileKeys, readTiles, TILE_WIDTH } from '../../../src/audit/sealing/tiles.js';

/** A log as the sequencer keeps it: tiles by key, read back only as far as the next batch needs them. */
class TiledLog {
  readonly tiles = new Map<string, readonly Hash[]>();
  readonly roots: Hash[] = [];
  readonly frontier = new Frontier();

  add(count: number): void {
    const size = this.frontier.size;
    const leaves = Array.from({ length: count }, (_, place) => leafHash(Buffer.from(`entry ${size + place}`)));
    const open = new Map(openTileKeys(size).map((key) => [key, this.tiles.get(key) ?? []]));
    for (const leaf of leaves) {
      this.roots[this.frontier.size] = this.frontier.root();
      this.frontier.append(leaf);
    }
    for (const { key, hashes } of addToTiles(size, open, leaves)) this.tiles.set(key, hashes);
  }

  read = readTiles((key) => Promise.resolve(this.tiles.get(key)));
}

describe('the tiles of the log', () => {
  const log = new TiledLog();
  for (const count of [1, 2, 250, 3, 1, 255, 256, 512, 700, TILE_WIDTH * TILE_WIDTH - 1_980, 1, 1, 400]) log.add(count);
  const { size } = log.frontier;

  it('hold as many levels as the log needs, each tile full before the next', () => {
    expect(size).toBe(TILE_WIDTH * TILE_WIDTH + 402);
    expect(log.tiles.get('1:0')).toHaveLength(TILE_WIDTH);
    expect(log.tiles.get('2:0')).toHaveLength(1);
    expect(openTileKeys(size).sort()).toEqual(['0:257', '1:1', '2:0']);
    expect(openTileKeys(TILE_WIDTH)).toEqual(['1:0']);
    expect(openTileKeys(0)).toEqual([]);
  });

  it.each([1, 2, 3, 255, 256, 257, 1_024, 65_535, 65_536, 65_537, size])(
    'give the root that the log had with %i entries, and prove that it was a beginning of what it is',
    async (first) => {
      const root = await rootOf(first, log.read);
      expect(root).toEqual(first === size ? log.frontier.root() : log.roots[first]);
      const proof = await consistencyProof(first, size, log.read);
      expect(verifyConsistency({ first, second: size, firstRoot: root, secondRoot: log.frontier.root(), proof })).toBe(
        true,
      );
    },
  );

  it.each([0, 1, 255, 256, 40_000, 65_536, size - 1])('prove that entry %i is in it', async (index) => {
    const proof = await inclusionProof(index, size, log.read);
    const leaf = leafHash(Buffer.from(`entry ${index}`));
    expect(verifyInclusion({ leaf, index, size, proof, root: log.frontier.root() })).toBe(true);
    expect(verifyInclusion({ leaf, index: index ^ 1, size, proof, root: log.frontier.root() })).toBe(false);
  });

  it('say which tile lacks hashes', async () => {
    await expect(log.read(0, size)).rejects.toThrow(MissingHashes);
    await expect(log.read(0, 300 * TILE_WIDTH)).rejects.toThrow('Tile 0:300 of the audit log lacks hashes');
  });

  it('are not added to when those that are begun are not as they should be', () => {
    expect(() => addToTiles(5, new Map(), [leafHash(Buffer.from('x'))])).toThrow(
      'Tile 0:0 of the audit log holds 0 hashes where 5 belong.',
    );
  });
});
