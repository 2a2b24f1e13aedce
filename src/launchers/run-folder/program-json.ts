import { NOT_FINITE } from '../../json/not-finite.js';

/**
 * JSON as programs write it: Python's `json.dumps` writes NaN and Infinity, which are no JSON. They are read as the texts "NaN", "Infinity"
 * and "-Infinity", as the JSON mapping of Protocol Buffers has them.
 */

/** The text as JSON: what is said outside of strings in words that JSON does not have is put into quotation marks. */
export function asJson(text: string): string {
  if (!/NaN|Infinity/.test(text)) return text;
  const pieces: string[] = [];
  let start = 0;
  for (let at = 0; at < text.length;) {
    if (text.charAt(at) === '"') {
      at = behindString(text, at);
      continue;
    }
    const word = NOT_FINITE.find((each) => text.startsWith(each, at));
    if (word !== undefined) pieces.push(text.slice(start, at), `"${word}"`);
    at += word?.length ?? 1;
    if (word !== undefined) start = at;
  }
  return [...pieces, text.slice(start)].join('');
}

function behindString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at + 1;
}
