/** Parameters in which people send tokens. */
const NAMES = /[?&;](token|access_token|id_token|refresh_token|api_key|apikey|bearer|authorization)(=|&|$)/i;
/** One of ours, or the beginning of a signed JWT, wherever it stands. */
const SECRETS = /wft_|eyJ[\w-]{6,}\.[\w-]+\./i;
/** An address that is encoded more often than this is refused, whatever it holds. */
const MAX_DECODINGS = 4;

/**
 * Whether an address, as it came, gives a token away: in the query or the path, written as it is or percent-encoded. By
 * the time we see it, it is in logs and histories on its way, so such a request is refused rather than made to work.
 */
export function holdsToken(url: string): boolean {
  let text = url;
  for (let times = 0; times <= MAX_DECODINGS; times++) {
    if (NAMES.test(text) || SECRETS.test(text)) return true;
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

/** Each escape by itself: one that is malformed must not hide the others. */
function decode(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
