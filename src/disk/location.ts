/** Where data lies, as people write it. A path of this machine has many spellings and one form: its `file:` URI. */
import { posix } from 'node:path';
import { pathToFileURL } from 'node:url';

const LONGEST_PATH_BYTES = 4_095;
const WANTED =
  'Give an absolute path of the server, such as /data/in.csv, or its URI, file:///data/in.csv; for another store its own URI, such as s3://bucket/in.csv.';

export interface Location {
  /** As it is stored: of a path, the one form there is. */
  uri: string;
  /** Absolute, without "." and ".."; null: it lies elsewhere. */
  path: string | null;
}

/** Why a text names no location, as a sentence with the form wanted. */
export interface NoLocation {
  fault: string;
}

/** Reads an absolute path, a `file:` URI in any spelling, or the URI of something elsewhere, which stays as it is. */
export function readLocation(text: string): Location | NoLocation {
  if (!text.isWellFormed() || hasControls(text)) return no('has a control character, or is no Unicode');
  if (text !== text.trim())
    return no('begins or ends with a blank; one that belongs to a name is written %20 in a URI');
  if (text.startsWith('/')) return ofPath(text);
  if (/^file:/i.test(text)) return ofFileUri(text.slice('file:'.length));
  if (/^[a-z]:|^\\\\/i.test(text)) return no('is a path of Windows, and the server does not run there');
  if (/^[a-z][a-z0-9+.-]+:./i.test(text)) return { uri: text, path: null };
  return no('is neither an absolute path nor a URI');
}

function ofFileUri(rest: string): Location | NoLocation {
  const [, authority = '', path = rest] = /^\/\/([^/\\?#]*)(.*)$/s.exec(rest) ?? [];
  if (authority !== '' && authority.toLowerCase() !== 'localhost')
    return no(
      `names the machine "${shown(authority)}", and only paths of the server are read; file:///… has three slashes`,
    );
  if (!path.startsWith('/')) return no('has no absolute path');
  const raw = /[\\?#]/.exec(path)?.[0];
  if (raw !== undefined)
    return no(
      `has a ${raw}, which ends or divides the path of a URI; in a name it is written ${encodeURIComponent(raw)}`,
    );
  if (/%2f/i.test(path)) return no('has %2F, a slash within a name, which no file has');
  try {
    return ofPath(decodeURIComponent(path));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    return no('has a % that begins no character of UTF-8; the sign itself is written %25');
  }
}

function ofPath(given: string): Location | NoLocation {
  if (hasControls(given)) return no('has a control character');
  const path = posix
    .normalize(given)
    .replace(/^\/+/, '/')
    .replace(/(?<=[^/])\/$/, '');
  if (path === '/') return no('names the root of all files');
  if (/^\/[a-z]:(?:\/|$)/i.test(path)) return no('is a path of Windows, and the server does not run there');
  if (Buffer.byteLength(path) > LONGEST_PATH_BYTES) return no(`is a path of more than ${LONGEST_PATH_BYTES} bytes`);
  return { uri: pathToFileURL(path).href, path };
}

const hasControls = (text: string): boolean => /\p{Cc}/u.test(text);
const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);
const no = (what: string): NoLocation => ({ fault: `${what}. ${WANTED}` });
