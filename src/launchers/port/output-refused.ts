/** As long as a person reads; what is quoted in it may be as long as the program liked. */
const MOST_CHARACTERS = 2_000;
const MOST_QUOTED = 200;

/** The output cannot become a model; the message is for the person who wrote the program. */
export class OutputRefused extends Error {
  override readonly name = 'OutputRefused';
  constructor(
    readonly code: 'RESULT_MISSING' | 'RESULT_INVALID' | 'OUTPUT_TOO_LARGE',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(shortened(message, MOST_CHARACTERS), options);
  }
}

export function invalid(message: string, cause?: unknown): OutputRefused {
  return new OutputRefused('RESULT_INVALID', message, { cause });
}

/** A name that a program gave, between quotation marks and on one line. */
export function quoted(name: string): string {
  return JSON.stringify(shortened(name, MOST_QUOTED));
}

/** The text, well formed, and cut off where it is longer. */
export function shortened(text: string, most: number): string {
  return (text.length > most ? `${text.slice(0, most)}…` : text).toWellFormed();
}
