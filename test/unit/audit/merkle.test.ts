import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  EMPTY_ROOT,
  Frontier,
  type Hash,
  type HashReader,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/audit/sealing/merkle.js';

// The leaves, roots and proofs that the tests of Certificate Transparency have used since RFC 6962.
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const A = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const B = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const C = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const D = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const E = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const F = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
const G = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';

const published = treeOf(LEAVES.map((hex) => leafHash(Buffer.from(hex, 'hex'))));
const hex = (hashes: readonly Hash[]): string[] => hashes.map((hash) => hash.toString('hex'));

/** A tree in memory, as the database has it: a frontier that writes the complete subtrees, and a reader of them. */
function treeOf(leaves: readonly Hash[]): { leaves: readonly Hash[]; roots: Hash[]; read: HashReader } {
  const stored = new Map<string, Hash>();
  const frontier = new Frontier();
  const roots = [frontier.root()];
  for (const leaf of leaves) {
    for (const { level, index, hash } of frontier.append(leaf)) stored.set(`${level}/${index}`, hash);
    roots.push(frontier.root());
  }
  const read: HashReader = (level, index) => {
    const hash = stored.get(`${level}/${index}`);
    return hash ? Promise.resolve(hash) : Promise.reject(new Error(`No subtree ${level}/${index}.`));
  };
  return { leaves, roots, read };
}

/** The tree of a size with leaves that only tests have. */
const grown = treeOf(Array.from({ length: 40 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`))));
const rootAt = (size: number): Hash => grown.roots[size] ?? EMPTY_ROOT;
const leafAt = (index: number): Hash => grown.leaves[index] ?? EMPTY_ROOT;

function flipBit(hash: Hash, bit: number): Hash {
  const copy = Buffer.from(hash);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

describe('the tree of RFC 6962', () => {
  it('has the published roots for up to eight leaves', async () => {
    expect(EMPTY_ROOT.toString('hex')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    for (const [index, root] of ROOTS.entries()) {
      expect(published.roots[index + 1]?.toString('hex')).toBe(root);
      expect((await rootOf(index + 1, published.read)).toString('hex')).toBe(root);
    }
    expect(await rootOf(0, published.read)).toEqual(EMPTY_ROOT);
  });

  it.each([
    [0, 1, []],
    [0, 8, [A, B, C]],
    [5, 8, [D, E, F]],
    [2, 3, [ROOTS[1]]],
    [1, 5, [ROOTS[0], B, D]],
  ])('has the published inclusion proof of leaf %i in %i', async (index, size, wanted) => {
    expect(hex(await inclusionProof(index, size, published.read))).toEqual(wanted);
  });

  it.each([
    [1, 1, []],
    [1, 8, [A, B, C]],
    [6, 8, [G, E, F]],
    [2, 5, [B, D]],
  ])('has the published consistency proof from %i to %i', async (first, second, wanted) => {
    expect(hex(await consistencyProof(first, second, published.read))).toEqual(wanted);
  });

  it('proves every leaf of every tree up to 40, and no other leaf', async () => {
    for (let size = 1; size <= 40; size += 1)
      for (let index = 0; index < size; index += 1) {
        const proof = await inclusionProof(index, size, grown.read);
        const claim = { leaf: leafAt(index), index, size, proof, root: rootAt(size) };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: leafAt((index + 1) % 40) })).toBe(false);
      }
  });

  it('proves that every tree up to 40 begins with every smaller one, and with no other', async () => {
    for (let second = 0; second <= 40; second += 1)
      for (let first = 0; first <= second; first += 1) {
        const proof = await consistencyProof(first, second, grown.read);
        const claim = { first, second, firstRoot: rootAt(first), secondRoot: rootAt(second), proof };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, firstRoot: rootAt(first + 1) })).toBe(false);
        // Every other tree begins with the empty one, whatever its root.
        expect(verifyConsistency({ ...claim, secondRoot: leafHash(rootAt(second)) })).toBe(first === 0 && second > 0);
      }
  });

  it('refuses an inclusion with a bit, the index or the length of the proof changed', async () => {
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), fc.nat({ max: 255 }), async (of, at, part, bit) => {
        const index = at % of;
        const proof = await inclusionProof(index, of, grown.read);
        const claim = { leaf: leafAt(index), index, size: of, proof, root: rootAt(of) };
        const place = part % (proof.length + 2);
        const flipped = {
          leaf: place === proof.length ? flipBit(claim.leaf, bit) : claim.leaf,
          root: place === proof.length + 1 ? flipBit(claim.root, bit) : claim.root,
          proof: proof.map((hash, each) => (each === place ? flipBit(hash, bit) : hash)),
        };
        expect(verifyInclusion({ ...claim, ...flipped })).toBe(false);
        for (const other of [index + 1, index - 1, index ^ (1 << (bit % 8))])
          expect(verifyInclusion({ ...claim, index: other })).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...proof, leafAt(0)] })).toBe(false);
        if (proof.length > 0) expect(verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('refuses a consistency with a bit or the length of the proof changed', async () => {
    const size = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(size, fc.nat(), fc.nat(), fc.nat({ max: 255 }), async (second, at, part, bit) => {
        const first = 1 + (at % second);
        const proof = await consistencyProof(first, second, grown.read);
        const claim = { first, second, firstRoot: rootAt(first), secondRoot: rootAt(second), proof };
        const place = part % (proof.length + 2);
        const flipped = {
          firstRoot: place === proof.length ? flipBit(claim.firstRoot, bit) : claim.firstRoot,
          secondRoot: place === proof.length + 1 ? flipBit(claim.secondRoot, bit) : claim.secondRoot,
          proof: proof.map((hash, each) => (each === place ? flipBit(hash, bit) : hash)),
        };
        expect(verifyConsistency({ ...claim, ...flipped })).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...proof, leafAt(0)] })).toBe(false);
        if (proof.length > 0) expect(verifyConsistency({ ...claim, proof: proof.slice(1) })).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('answers false, and throws nothing, for what is no claim at all', () => {
    const leaf = leafAt(0);
    const claim = { leaf, index: 0, size: 1, proof: [], root: leaf };
    expect(verifyInclusion(claim)).toBe(true);
    for (const size of [0, -1, 0.5, Number.NaN, 2 ** 60])
      expect(verifyInclusion({ ...claim, size, index: size })).toBe(false);
    expect(verifyInclusion({ ...claim, root: leaf.subarray(1) })).toBe(false);
    expect(verifyConsistency({ first: 2, second: 1, firstRoot: leaf, secondRoot: leaf, proof: [] })).toBe(false);
    expect(verifyConsistency({ first: 0, second: 1, firstRoot: leaf, secondRoot: leaf, proof: [] })).toBe(false);
    expect(verifyConsistency({ first: 1, second: 2, firstRoot: leaf, secondRoot: leaf, proof: [] })).toBe(false);
  });

  it('reaches beyond 2^32 leaves', async () => {
    const size = 2 ** 40 + 1;
    const read: HashReader = (level, index) => Promise.resolve(leafHash(Buffer.from(`${level}/${index}`)));
    const last = await read(0, size - 1);
    const proof = await inclusionProof(size - 1, size, read);
    expect(proof).toEqual([await read(40, 0)]);
    const root = await rootOf(size, read);
    expect(root).toEqual(nodeHash(await read(40, 0), last));
    expect(verifyInclusion({ leaf: last, index: size - 1, size, proof, root })).toBe(true);
  });

  it('refuses to prove what is not there, and says which', async () => {
    await expect(inclusionProof(8, 8, published.read)).rejects.toThrow('There is no leaf 8 in a tree of 8.');
    await expect(consistencyProof(3, 2, published.read)).rejects.toThrow('A tree of 2 cannot begin with one of 3.');
    await expect(rootOf(-1, published.read)).rejects.toThrow('-1 is not the size of a tree');
  });
});

describe('the frontier of the tree', () => {
  it('goes on from what was stored of it at any size', () => {
    for (let size = 0; size <= 40; size += 1) {
      const before = new Frontier();
      for (const leaf of grown.leaves.slice(0, size)) before.append(leaf);
      const after = new Frontier(before.size, before.hashes);
      for (const leaf of grown.leaves.slice(size)) after.append(leaf);
      expect(after.root()).toEqual(rootAt(40));
    }
  });

  it('names the subtrees that a leaf completes', () => {
    const frontier = new Frontier();
    const names = grown.leaves.slice(0, 4).map((leaf) => frontier.append(leaf).map((each) => [each.level, each.index]));
    expect(names).toEqual([
      [[0, 0]],
      [
        [0, 1],
        [1, 0],
      ],
      [[0, 2]],
      [
        [0, 3],
        [1, 1],
        [2, 0],
      ],
    ]);
  });

  it('refuses hashes that do not make up a tree of the size', () => {
    expect(() => new Frontier(3, [leafAt(0)])).toThrow('A tree of 3 is made of 2 complete subtrees, not of 1.');
  });
});
