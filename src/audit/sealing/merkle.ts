/**
 * The tree over the entries of the audit log, as RFC 6962 has it, so that other people's tools can check it too.
 *
 * A tree of any size is made of complete subtrees (for 11 leaves: of 8, 2 and 1), and a complete subtree never changes
 * again. So only those are stored and read, named by level and index, and whoever appends keeps no more than the
 * handful that make up the tree now. Sizes are plain numbers up to 2^53, so nothing here uses 32-bit operators.
 */
import { createHash } from 'node:crypto';

/** 32 bytes: a SHA-256. */
export type Hash = Buffer;

/** The hash of the complete subtree over leaves [index × 2^level, (index + 1) × 2^level). */
export type HashReader = (level: number, index: number) => Promise<Hash>;

/** A complete subtree, named as a `HashReader` is asked for it. */
export interface Subtree {
  level: number;
  index: number;
  hash: Hash;
}

/** The root of a tree without leaves. */
export const EMPTY_ROOT: Hash = createHash('sha256').digest();

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** What a leaf is in the tree: SHA-256 of a zero byte and the leaf. */
export function leafHash(leaf: Uint8Array): Hash {
  return createHash('sha256').update(LEAF).update(leaf).digest();
}

/** What joins two subtrees: SHA-256 of a one byte and both. A leaf can never pass for a node. */
export function nodeHash(left: Hash, right: Hash): Hash {
  return createHash('sha256').update(NODE).update(left).update(right).digest();
}

/** The root over the first `size` leaves. Throws RangeError when the size is no size. */
export async function rootOf(size: number, read: HashReader): Promise<Hash> {
  requireSize(size);
  return size === 0 ? EMPTY_ROOT : rangeHash({ from: 0, to: size }, read);
}

/**
 * What shows that a leaf stands at `index` in the tree of `size` leaves, from the leaf up. At most one hash for each
 * doubling of the log. Throws RangeError when the tree has no such leaf.
 */
export async function inclusionProof(index: number, size: number, read: HashReader): Promise<Hash[]> {
  requireSize(size);
  if (!isSize(index) || index >= size) throw new RangeError(`There is no leaf ${index} in a tree of ${size}.`);
  return readRanges(siblings(index, { from: 0, to: size }), read);
}

/**
 * What shows that the tree of `second` leaves begins with all leaves of the tree of `first`, unchanged. Empty when the
 * sizes are equal, and when the first tree is empty, which every tree begins with. Throws RangeError when the first is
 * larger.
 */
export async function consistencyProof(first: number, second: number, read: HashReader): Promise<Hash[]> {
  requireSize(first);
  requireSize(second);
  if (first > second) throw new RangeError(`A tree of ${second} cannot begin with one of ${first}.`);
  return first === 0 ? [] : readRanges(differences(first, { from: 0, to: second }, true), read);
}

/** Whether the proof shows that `leaf` stands at `index` in the tree of `size` leaves with that root. Never throws. */
export function verifyInclusion(claim: {
  leaf: Hash;
  index: number;
  size: number;
  proof: readonly Hash[];
  root: Hash;
}): boolean {
  const { leaf, index, size, proof, root } = claim;
  if (!isSize(index) || !isSize(size) || index >= size || ![leaf, root, ...proof].every(isHash)) return false;
  const ranges = siblings(index, { from: 0, to: size });
  if (ranges.length !== proof.length) return false;
  const climb = (hash: Hash, step: Hash, place: number): Hash =>
    (ranges[place]?.from ?? 0) > index ? nodeHash(hash, step) : nodeHash(step, hash);
  return proof.reduce(climb, leaf).equals(root);
}

/** Whether the proof shows that the second tree begins with all leaves of the first, unchanged. Never throws. */
export function verifyConsistency(claim: {
  first: number;
  second: number;
  firstRoot: Hash;
  secondRoot: Hash;
  proof: readonly Hash[];
}): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim;
  if (!isSize(first) || !isSize(second) || first > second) return false;
  if (![firstRoot, secondRoot, ...proof].every(isHash)) return false;
  if (first === 0 && !firstRoot.equals(EMPTY_ROOT)) return false;
  if (first === second || first === 0) return proof.length === 0 && (first < second || firstRoot.equals(secondRoot));
  const ranges = differences(first, { from: 0, to: second }, true);
  if (ranges.length !== proof.length) return false;
  // The verifier holds the hash to begin with where the first tree is one complete subtree; else the proof brings it.
  const steps = proof.map((hash, place) => ({ hash, after: (ranges[place]?.from ?? 0) >= first }));
  const start = split(first + 1) === first ? firstRoot : steps.shift()?.hash;
  if (start === undefined) return false;
  let [before, now] = [start, start];
  for (const { hash, after } of steps) {
    if (!after) before = nodeHash(hash, before);
    now = after ? nodeHash(now, hash) : nodeHash(hash, now);
  }
  return before.equals(firstRoot) && now.equals(secondRoot);
}

/** Leaves [from, to). Those that occur begin where a complete subtree of their largest part may begin. */
interface Range {
  from: number;
  to: number;
}

/** PATH of RFC 6962, 2.1.1: the other half at each fork on the way to the leaf, nearest first. */
function siblings(index: number, { from, to }: Range): Range[] {
  if (to - from === 1) return [];
  const middle = from + split(to - from);
  return index < middle
    ? [...siblings(index, { from, to: middle }), { from: middle, to }]
    : [...siblings(index, { from: middle, to }), { from, to: middle }];
}

/** SUBPROOF of RFC 6962, 2.1.2. `known`: the verifier holds the hash of this range, as it is the whole first tree. */
function differences(end: number, { from, to }: Range, known: boolean): Range[] {
  if (end === to) return known ? [] : [{ from, to }];
  const middle = from + split(to - from);
  return end <= middle
    ? [...differences(end, { from, to: middle }, known), { from: middle, to }]
    : [...differences(end, { from: middle, to }, false), { from, to: middle }];
}

function readRanges(ranges: readonly Range[], read: HashReader): Promise<Hash[]> {
  return Promise.all(ranges.map((range) => rangeHash(range, read)));
}

async function rangeHash({ from, to }: Range, read: HashReader): Promise<Hash> {
  const parts: Promise<Hash>[] = [];
  for (let at = from; at < to;) {
    const level = levelOf(to - at);
    parts.push(read(level, at / 2 ** level));
    at += 2 ** level;
  }
  return join(await Promise.all(parts));
}

/** Complete subtrees, largest first, joined to one hash. There is at least one. */
function join(parts: readonly Hash[]): Hash {
  return parts.reduceRight((right, left) => nodeHash(left, right));
}

/** The level of the largest complete subtree in so many leaves. */
function levelOf(leaves: number): number {
  let level = 0;
  while (2 ** (level + 1) <= leaves) level += 1;
  return level;
}

/** Where a tree of two or more leaves forks: at the largest power of two below its size. */
function split(leaves: number): number {
  return 2 ** levelOf(leaves - 1);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(value: Uint8Array): boolean {
  return value.length === 32;
}

function requireSize(size: number): void {
  if (!isSize(size)) throw new RangeError(`${size} is not the size of a tree: it takes a whole number from 0 on.`);
}

/** Append-only: the complete subtrees that make up the tree, largest first. Enough to append, and to know the root. */
export class Frontier {
  #size: number;
  readonly #hashes: Hash[];

  /** Goes on from a tree of `size`. Throws RangeError when so many hashes do not make up a tree of that size. */
  constructor(size = 0, hashes: readonly Hash[] = []) {
    requireSize(size);
    const parts = [...size.toString(2)].filter((bit) => bit === '1').length;
    if (hashes.length !== parts)
      throw new RangeError(`A tree of ${size} is made of ${parts} complete subtrees, not of ${hashes.length}.`);
    this.#size = size;
    this.#hashes = [...hashes];
  }

  get size(): number {
    return this.#size;
  }

  get hashes(): readonly Hash[] {
    return this.#hashes;
  }

  /** Adds the hash of a leaf. Answers the subtrees that are now complete, the leaf first: what a reader may ask for. */
  append(leaf: Hash): readonly Subtree[] {
    let tree: Subtree = { level: 0, index: this.#size, hash: leaf };
    const complete = [tree];
    while (tree.index % 2 === 1) {
      const left = this.#hashes.pop();
      if (left === undefined) throw new Error('The frontier of the tree lost a subtree.');
      tree = { level: tree.level + 1, index: (tree.index - 1) / 2, hash: nodeHash(left, tree.hash) };
      complete.push(tree);
    }
    this.#hashes.push(tree.hash);
    this.#size += 1;
    return complete;
  }

  root(): Hash {
    return this.#size === 0 ? EMPTY_ROOT : join(this.#hashes);
  }
}
