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

/** The same for a value of unknown origin. null: it is no JSON, or nested too deep to be written. */
export function tryCanonicalJson(value: unknown): string | null {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return null;
    throw error;
  }
}
