/** Parameters in which people send tokens. */
const NAMES = /[?&;](token|access_token|id_token|refresh_token|api_key|apikey|bearer|authorization)(=|&|$)/i;
/** An address that is encoded more often than this is refused, whatever it holds. */
const MAX_DECODINGS = 4;
/** How a part of a signed JWT begins: a JSON object in base64. */
const JWT_START = /eyJ/i;
/** Characters of its first part at least. */
const JWT_LEAST = 9;

/**
 * Whether an address, as it came, gives a token away: in the query or the path, written as it is or percent-encoded. By
 * the time we see it, it is in logs and histories on its way, so such a request is refused rather than made to work.
 * Takes a time that grows with the length of the address and no faster: anybody may send any.
 */
export function holdsToken(url: string): boolean {
  let text = url;
  for (let times = 0; times <= MAX_DECODINGS; times++) {
    if (NAMES.test(text) || /wft_/i.test(text) || holdsJwt(text)) return true;
    const decoded = decode(text);
    if (decoded === text) return false;
    text = decoded;
  }
  return true;
}

/** The path of an address for logs and the audit: nothing of one that holds a token. */
export function pathOf(url: string): string {
  return holdsToken(url) ? '(held a token)' : (url.split('?')[0] ?? '');
}

/**
 * Whether the beginning of a signed JWT stands anywhere in the text: `eyJ…`, a dot, another part, a dot. Each part is looked
 * at once. A pattern would begin anew at every `eyJ`, and 5,000 of them in one address took it two seconds.
 */
export function holdsJwt(text: string): boolean {
  const parts = text.split('.');
  // The last part has no dot after it, the one before it none after the part that follows.
  return parts.some(
    (part, index) => index + 2 < parts.length && endsLikeHeader(part) && /^[\w-]+$/.test(parts[index + 1] ?? ''),
  );
}

/** Whether the word that the part ends with holds a beginning with enough behind it. The first one has the most. */
function endsLikeHeader(part: string): boolean {
  let start = part.length;
  while (start > 0 && isOfWord(part.charCodeAt(start - 1))) start -= 1;
  const word = part.slice(start);
  const found = word.search(JWT_START);
  return found >= 0 && word.length - found >= JWT_LEAST;
}

/** A letter without accent, a digit, "_" or "-". */
function isOfWord(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || (code >= 0x30 && code <= 0x39) || code === 0x5f || code === 0x2d;
}

/** Each escape by itself: one that is malformed must not hide the others. */
function decode(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
