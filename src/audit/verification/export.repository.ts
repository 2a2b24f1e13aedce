import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import { textOf } from '../../neo4j/row.js';
import { READ_SEALED } from './export.cypher.js';
import { type Detached, readDetached } from '../record/log-entry.js';

export interface SealedEntry {
  seq: number;
  /** null: the entry is there, and its text is not. */
  body: string | null;
  /** null: what is kept beside it cannot be read. */
  detached: Detached | null;
}

export class ExportRepository {
  constructor(private readonly graph: Graph) {}

  /** The entries numbered from `from` up to and without `to` that are there, in order. */
  async read(origin: QueryOrigin, from: number, to: number): Promise<SealedEntry[]> {
    const rows = await this.graph.read(origin, READ_SEALED, { from, to });
    return rows.map((row) => ({
      seq: row.int('seq'),
      body: textOf(row.raw('body')),
      detached: readDetached(textOf(row.raw('detached'))),
    }));
  }
}
