import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const EVENTS = join(import.meta.dirname, '../../../shared/openlineage-events');
export type Corpus = 'airflow' | 'dbt' | 'python' | 'python_old';

/** What a real producer sent, in the order in which it did. */
export const recordedEvents = (corpus: Corpus): Record<string, unknown>[] =>
  readFileSync(join(EVENTS, `${corpus}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** What follows from them without any choice of ours. */
export interface Expected {
  job_list: [string, string][];
  dataset_list: [string, string][];
  /** Data set, then job. */
  inputs: [string, string, string, string][];
  /** Job, then data set. */
  outputs: [string, string, string, string][];
  /** By "namespace|name". */
  schemas: Record<string, string[]>;
  /** Column, then column. */
  columns: [string, string, string, string, string, string][] | string;
  column_edges: number;
  runs_first_last: Record<string, { terminal_kinds: string[]; jobs: string[] }>;
}

export const expectedOf = (corpus: Corpus): Expected =>
  JSON.parse(readFileSync(join(EVENTS, 'expected', `${corpus}.json`), 'utf8')) as Expected;

/** The same events about names in namespaces that begin so: tests share one database. */
export function placedIn(prefix: string, events: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const place = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(place);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [
        key,
        key === 'namespace' && typeof each === 'string' ? `${prefix}${each}` : place(each),
      ]),
    );
  };
  return events.map((event) => place(event) as Record<string, unknown>);
}
