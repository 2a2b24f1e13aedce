import type { Row } from './row.js';

/** What a statement is given, by name. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Where statements are run: a write transaction, or single reads. */
export interface Statements {
  run(cypher: string, parameters: Parameters): Promise<Row[]>;
}
