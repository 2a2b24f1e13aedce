/**
 * What one leaf of the audit log is. The leaf never changes, but some of it must be erasable: texts about persons. Those
 * are detached: the leaf holds only a hash of a random salt and the value, and salt and value are kept beside it. Without
 * the salt, which goes with the value, nobody can find the value again by guessing.
 */
import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson, tryCanonicalJson } from './canonical-json.js';

/** A text, or its salted hash where the text was detached. */
export type Value = string | { sha256: string };

/** Everything the log knows of one thing that was done. */
export interface LogBody {
  v: 1;
  id: string;
  /** RFC 3339 in UTC with milliseconds: `2026-11-25T02:00:00.000Z`. */
  at: string;
  /** Id of who did it. null: nobody was signed in. */
  actor: string | null;
  actorName: Value;
  action: string;
  outcome: string;
  /** Id of what it was done to. */
  target: string;
  targetName: Value;
  /** Ids of the assets that are concerned. */
  assets: string[];
  requestId: string;
  operation: string;
  /** What changed, as it was. null: there was nothing before, or nothing changed. */
  before: Record<string, unknown> | null;
  /** What changed, as it is now. null: there is nothing any more, or nothing changed. */
  after: Record<string, unknown> | null;
  /** Why, as the actor put it. null: they gave no reason. */
  reason: Value | null;
}

/** What was detached from a body and not erased since, by JSON pointer (RFC 6901). The salt is base64url of 16 bytes. */
export type Detached = Record<string, { salt: string; value: unknown }>;

const SALT_BYTES = 16;

/** The body in the one way to write it (RFC 8785). The leaf is its UTF-8 bytes. */
export function canonicalBody(body: LogBody): string {
  return canonicalJson(body);
}

/**
 * What a stored text says of an entry. null: it is no entry, whatever else it is. It may be nested deeper than can be
 * shown.
 */
export function readBody(text: string): LogBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return isBody(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

const TEXTS = ['id', 'action', 'outcome', 'target', 'requestId'];

function isBody(value: unknown): value is LogBody {
  if (!isObject(value)) return false;
  const { at, actor, actorName, targetName, assets, before, after, reason } = value;
  return (
    TEXTS.every((member) => typeof value[member] === 'string') &&
    typeof at === 'string' &&
    !Number.isNaN(Date.parse(at)) &&
    (actor === null || typeof actor === 'string') &&
    [actorName, targetName].every(isValue) &&
    Array.isArray(assets) &&
    assets.every((each) => typeof each === 'string') &&
    [before, after].every((each) => each === null || isObject(each)) &&
    (reason === null || isValue(reason))
  );
}

/** The values about persons in a stored text. null: it is no such thing. */
export function readDetached(text: string | null): Detached | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return isDetached(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return null;
    throw error;
  }
}

function isDetached(value: unknown): value is Detached {
  return (
    isObject(value) &&
    Object.values(value).every((kept) => isObject(kept) && typeof kept['salt'] === 'string' && 'value' in kept)
  );
}

function isValue(value: unknown): value is Value {
  return typeof value === 'string' || hashOf(value) !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A body without the values at the pointers, and these values with their salts. A pointer to nothing, or to null, is
 * passed over: there is nothing to hide. Of two pointers, one within the other, the outer one counts.
 */
export function detach(body: LogBody, pointers: readonly string[]): { body: LogBody; detached: Detached } {
  const copy = copyOf(body);
  const detached: Detached = {};
  for (const pointer of [...new Set(pointers)].sort((a, b) => a.length - b.length)) {
    const place = find(copy, pointer);
    if (place === null || place.value === null) continue;
    const salt = randomBytes(SALT_BYTES);
    detached[pointer] = { salt: salt.toString('base64url'), value: place.value };
    put(place, { sha256: saltedHash(salt, canonicalJson(place.value)) });
  }
  return { body: copy, detached };
}

/** The body with the values back where they fit. Where a value was erased, or is not what was logged, the hash stays. */
export function attach(body: LogBody, detached: Detached): LogBody {
  const copy = copyOf(body);
  for (const [pointer, { value }] of Object.entries(detached)) {
    const place = find(copy, pointer);
    if (place !== null && fits(place.value, detached[pointer])) put(place, value);
  }
  return copy;
}

/** The pointers whose value does not hash to what the body says at that place, in the order given. */
export function brokenAttachments(body: LogBody, detached: Detached): string[] {
  return Object.keys(detached).filter((pointer) => {
    const place = find(body, pointer);
    return place === null || !fits(place.value, detached[pointer]);
  });
}

/** The pointers to hashes whose values are not there any more. */
export function erasedValues(body: LogBody, detached: Detached): string[] {
  return hashesIn(body, '').filter((pointer) => !Object.hasOwn(detached, pointer));
}

function hashesIn(value: unknown, pointer: string): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (hashOf(value) !== null) return [pointer];
  return Object.entries(value).flatMap(([key, each]) =>
    hashesIn(each, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}

/** The hash that stands in place of a value; null for every other value. */
function hashOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 1) return null;
  const sha256 = 'sha256' in value ? value.sha256 : null;
  return typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null;
}

function fits(found: unknown, attachment: Detached[string] | undefined): boolean {
  const hash = hashOf(found);
  if (hash === null || attachment === undefined) return false;
  const salt = Buffer.from(attachment.salt, 'base64url');
  // Of another length it could take a digit off the value, and both together would still hash to the same.
  if (salt.length !== SALT_BYTES) return false;
  const text = tryCanonicalJson(attachment.value);
  return text !== null && saltedHash(salt, text) === hash;
}

function saltedHash(salt: Buffer, text: string): string {
  return createHash('sha256').update(salt).update(text).digest('hex');
}

interface Place {
  parent: object;
  key: string;
  value: unknown;
}

/** Where a pointer leads. null: to nothing, or to the whole body. */
function find(body: LogBody, pointer: string): Place | null {
  const [root, ...keys] = pointer.split('/').map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (root !== '') return null;
  let place: Place | null = null;
  let value: unknown = body;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !isMember(value, key)) return null;
    const parent: object = value;
    value = (parent as Record<string, unknown>)[key];
    place = { parent, key, value };
  }
  return place;
}

function isMember(parent: object, key: string): boolean {
  return Object.hasOwn(parent, key) && (!Array.isArray(parent) || key !== 'length');
}

/** Defined rather than assigned: a member may be called `__proto__`. */
function put({ parent, key }: Place, value: unknown): void {
  Object.defineProperty(parent, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A copy that is plain JSON already, its texts well formed, so that what is hashed is what will be read back. */
function copyOf(body: LogBody): LogBody {
  const wellFormed = (_key: string, value: unknown): unknown =>
    typeof value === 'string' ? value.toWellFormed() : value;
  return JSON.parse(JSON.stringify(body, wellFormed)) as LogBody;
}

/** The log itself, where it is what something is about: it is no asset, and seen by who sees all. */
export const AUDIT_LOG = { __typename: 'AuditLog', id: 'audit', urn: 'the audit log' } as const;
