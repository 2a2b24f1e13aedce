import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

// Its types say that the default export is a property, and Node says that it is the module.
const canonicalize = createRequire(import.meta.url)('canonicalize') as (value: unknown) => string | undefined;

/**
 * The one way to write a JSON value (RFC 8785), so that a hash over it can be made again by anybody. Throws TypeError for
 * what is no JSON: undefined, half a surrogate pair; Error for a number that is not finite.
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('This value cannot be written as JSON.');
  // JSON.stringify escapes a lone surrogate, which RFC 8785 forbids: other tools would hash another text.
  if (/(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]/.test(text)) throw new TypeError('A text holds half a surrogate pair.');
  return text;
}

const WRITTEN_IN_A_STEP = 1_000;
const CHARACTERS_AT_ONCE = 65_536;

/**
 * SHA-256 over the same text of what was read from JSON and is no deeper than a few hundred levels, made in steps: whoever drives it may
 * let others have their turn between these.
 */
export function* canonicalHashInSteps(value: unknown): Generator<undefined, string, undefined> {
  const hash = createHash('sha256');
  let waiting = '';
  let written = 0;
  for (const text of canonicalPieces(value)) {
    waiting += text;
    if (waiting.length > CHARACTERS_AT_ONCE) {
      hash.update(waiting);
      waiting = '';
    }
    if ((written += 1) % WRITTEN_IN_A_STEP === 0) yield;
  }
  return hash.update(waiting).digest('hex');
}

function* canonicalPieces(value: unknown): Generator<string, void, undefined> {
  if (typeof value !== 'object' || value === null) {
    yield canonicalJson(value);
    return;
  }
  const isList = Array.isArray(value);
  const members: readonly (string | number)[] = isList ? [...value.keys()] : Object.keys(value).sort();
  yield isList ? '[' : '{';
  for (const [index, member] of members.entries()) {
    const before = `${index === 0 ? '' : ','}${isList ? '' : `${canonicalJson(member)}:`}`;
    const each = (value as Readonly<Record<string | number, unknown>>)[member];
    if (typeof each !== 'object' || each === null) yield before + canonicalJson(each);
    else {
      yield before;
      yield* canonicalPieces(each);
    }
  }
  yield isList ? ']' : '}';
}

/** The same for a value of unknown origin. null: it is no JSON, or nested too deep to be written. */
export function tryCanonicalJson(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}
