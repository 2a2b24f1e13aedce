import { createHash } from 'node:crypto';
import { badInput, conflict, type WeftlineError } from '../../errors.js';
import { invisibleIn, spelt } from '../../spelling.js';

export const ASSET_KINDS = ['DATASET', 'TRANSFORMATION', 'MODEL', 'DEPLOYMENT'] as const;
export type AssetKind = (typeof ASSET_KINDS)[number];

/** In Unicode code points, as a person counts. Together they stay below the 8 kB an index key of Neo4j may have. */
const MAX_NAMESPACE = 500;
const MAX_NAME = 1_000;

/** urn:weft:<kind>:<namespace>:<name>, namespace and name percent-encoded after RFC 3986. */
export function urnOf(kind: AssetKind, namespace: string, name: string): string {
  return `urn:weft:${kind.toLowerCase()}:${encode(namespace)}:${encode(name)}`;
}

/** The one spelling of a urn, whatever its percent-encoding and Unicode looked like. Throws BAD_USER_INPUT when it is none. */
export function canonicalUrn(text: string): string {
  const { kind, namespace, name } = partsOfUrn(text);
  return urnOf(kind, namespace, name);
}

/** What a urn is made of: it tells all that names an asset. Throws BAD_USER_INPUT when it is none. */
export function partsOfUrn(text: string): { kind: AssetKind; namespace: string; name: string } {
  const [scheme, nid, kindWord, namespace, name, ...rest] = text.split(':');
  const kind = ASSET_KINDS.find((candidate) => candidate.toLowerCase() === kindWord);
  if (scheme !== 'urn' || nid !== 'weft' || !kind || namespace === undefined || name === undefined || rest.length > 0) {
    throw badInput(
      `"${excerpt(text)}" is not a Weftline urn. It has the form urn:weft:<kind>:<namespace>:<name>, kind one of ` +
        `${ASSET_KINDS.map((each) => each.toLowerCase()).join(', ')}, namespace and name percent-encoded (":" is %3A).`,
    );
  }
  return { kind, namespace: spelt(decode(namespace)), name: spelt(decode(name)) };
}

/** What a urn is indexed by: a urn of emoji is longer than an index key may be. */
export function urnKey(urn: string): string {
  return createHash('sha256').update(urn).digest('hex');
}

/** Of two who give the same urn, the second is told so. */
export function urnTaken(urn: string): WeftlineError {
  return conflict(
    `${urn} is taken: an asset has this name, or had it before. Choose another name, or update that asset.`,
  );
}

/** What an id is indexed by beside the urns. No urn has such a key, whatever its name: theirs are 64 hexadecimal digits. */
export function idKey(id: string): string {
  return `id:${id}`;
}

/** A namespace or name that a caller wants to give, in its one spelling. Throws BAD_USER_INPUT saying what is wrong with which. */
export function checkAssetName(what: 'namespace' | 'name', given: string): string {
  const limit = what === 'namespace' ? MAX_NAMESPACE : MAX_NAME;
  const value = spelt(given);
  const length = [...value].length;
  if (value === '') throw badInput(`The ${what} is empty. Give the ${what} the asset is known by.`);
  if (length > limit) throw badInput(`The ${what} has ${length} characters; at most ${limit} are possible.`);
  if (!value.isWellFormed()) throw badInput(`The ${what} "${excerpt(value)}" is not valid Unicode (a lone surrogate).`);
  const fault = invisibleIn(value);
  if (fault !== null) throw badInput(`The ${what} "${excerpt(value)}" ${fault}.`);
  return value;
}

function encode(part: string): string {
  return encodeURIComponent(part).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badInput(`"${excerpt(part)}" is not percent-encoded text: a "%" must stand before two hexadecimal digits.`);
  }
}

function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
