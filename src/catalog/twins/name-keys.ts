import { createHash } from 'node:crypto';
import skeletonOf from 'unhomoglyph';
import type { AssetKind } from '../model/urn.js';

/** Most near twins of an asset that are told. */
export const MOST_TWINS = 20;

/** What names an asset. */
export interface AssetName {
  kind: AssetKind;
  namespace: string;
  name: string;
}

/** As properties of its node: two assets of which one is alike are near twins. */
export interface NameKeys {
  /** Alike: names that differ in case, in a "/" at the end, in blanks, or in letters that look alike once all are small. */
  foldedKey: string;
  /** Alike: names of which letters look alike as they are written: "I" and "l". */
  skeletonKey: string;
}

/**
 * By what near twins of an asset are found: the skeleton of UTS 39, section 4 (Confusable Detection), of the names as they are and
 * of the names in small letters. Two keys, for by one alone "i", "I" and "l" would all be alike.
 */
export function nameKeys({ kind, namespace, name }: AssetName): NameKeys {
  const parts = [namespace, name].map(bare);
  return {
    foldedKey: hash([kind, ...parts.map((part) => looks(part.toLowerCase()))]),
    skeletonKey: hash([kind, ...parts.map(looks)]),
  };
}

/** Whether one could be taken for the other; an asset is no twin of itself, nor of what is called the same. */
export function areNearTwins(one: AssetName, other: AssetName): boolean {
  if (one.kind === other.kind && one.namespace === other.namespace && one.name === other.name) return false;
  const [keys, others] = [nameKeys(one), nameKeys(other)];
  return keys.foldedKey === others.foldedKey || keys.skeletonKey === others.skeletonKey;
}

/** Without what makes no difference to who reads it. */
function bare(text: string): string {
  const written = text
    .normalize('NFKC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  let end = written.length;
  while (end > 1 && written[end - 1] === '/') end -= 1;
  return written.slice(0, end);
}

const looks = (text: string): string => skeletonOf(text.normalize('NFD')).normalize('NFD').toLowerCase();

/** A name may be longer than a key of an index. */
const hash = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32);
