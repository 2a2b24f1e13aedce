/** A whole number in a JSON text that a double does not hold as it is written, and the way to it: "/variables/input/seed". */
export interface InexactNumber {
  digits: string;
  at: string;
}

/**
 * The first whole number of a JSON text that would be another one once it is read; null when all are kept. JavaScript reads
 * 18446744073709551615 as 18446744073709552000 and says nothing. The text is known to be JSON; it is looked through once.
 */
export function inexactIn(text: string): InexactNumber | null {
  if (!/\d{16}/.test(text)) return null;
  const way: (string | number)[] = [];
  let said = '';
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (char === '"') {
      const end = endOfString(text, at);
      said = text.slice(at + 1, end);
      at = end + 1;
    } else if (char === '-' || isDigit(char)) {
      const number = numberAt(text, at);
      if (isInexact(number)) return { digits: number, at: `/${way.join('/')}` };
      at += number.length;
    } else {
      follow(way, char, said);
      at += 1;
    }
  }
  return null;
}

/** Whether a number, as it is written, is a whole one and becomes another. */
export function isInexact(written: string): boolean {
  if (!/^-?\d{16,}$/.test(written)) return false;
  return !Number.isSafeInteger(Number(written)) && String(Number(written)) !== written;
}

/** What is wrong with it and what to do, to follow the name of the place. */
export const beyondExact = (digits: string): string =>
  `is ${digits.slice(0, 40)}, a whole number beyond 2^53 that would not be kept as it is. Send it as a string, or a smaller one.`;

const isDigit = (char: string): boolean => char >= '0' && char <= '9';

function follow(way: (string | number)[], char: string, said: string): void {
  const last = way.length - 1;
  const here = way[last];
  if (char === '{') way.push('');
  else if (char === '[') way.push(0);
  else if (char === '}' || char === ']') way.pop();
  else if (char === ':') way[last] = said;
  else if (char === ',' && typeof here === 'number') way[last] = here + 1;
}

/** Where the string that begins there ends: at its closing quotation mark. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function numberAt(text: string, start: number): string {
  let end = start + 1;
  while (end < text.length && (isDigit(text.charAt(end)) || '.eE+-'.includes(text.charAt(end)))) end += 1;
  return text.slice(start, end);
}

/** The same JSON text with the digits of such numbers as strings, for what is kept as it came. The text is known to be JSON. */
export function withDigitsAsText(text: string): string {
  if (!/\d{16}/.test(text)) return text;
  const pieces: string[] = [];
  let kept = 0;
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at) + 1;
    else if (char === '-' || isDigit(char)) {
      const number = numberAt(text, at);
      if (isInexact(number)) {
        pieces.push(text.slice(kept, at), `"${number}"`);
        kept = at + number.length;
      }
      at += number.length;
    } else at += 1;
  }
  return pieces.length === 0 ? text : [...pieces, text.slice(kept)].join('');
}
