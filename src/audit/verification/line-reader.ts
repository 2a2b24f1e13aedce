import { TextDecoder } from 'node:util';

/** A line of a file, numbered from 1. text null: it is no text, or longer than any line ought to be. */
export interface Line {
  number: number;
  text: string | null;
}

const LINE_FEED = 10;

/**
 * The lines of a file of any length, one after the other, without their line feeds; the last one may lack it. Unlike
 * readline it never holds more than a line, and gives up on one longer than `maxBytes`, after which nothing follows.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let begun = Buffer.alloc(0);
  let number = 1;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, from)) {
      const piece = chunk.subarray(from, end);
      yield { number, text: decode(decoder, begun.length === 0 ? piece : Buffer.concat([begun, piece])) };
      begun = Buffer.alloc(0);
      number += 1;
      from = end + 1;
    }
    begun = Buffer.concat([begun, chunk.subarray(from)]);
    if (begun.length > maxBytes) {
      yield { number, text: null };
      return;
    }
  }
  if (begun.length > 0) yield { number, text: decode(decoder, begun) };
}

function decode(decoder: TextDecoder, bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
