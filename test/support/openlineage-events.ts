import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from './client.js';

const EVENTS = join(import.meta.dirname, '../../../shared/openlineage-events');
export type Corpus = 'airflow' | 'dbt' | 'python' | 'python_old';

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

/** Of a batch, the event at that place, and why it was not taken. */
export interface Refused {
  index: number;
  reason: string;
  retriable: boolean;
}

/** Sends the events as a batch; those that were refused. */
export async function reportTo(address: string, by: Client, events: readonly unknown[]): Promise<Refused[]> {
  const response = await fetch(`${address}/api/v1/lineage/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${by.token ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify(events),
  });
  if (response.status === 204) return [];
  const answer = (await response.json()) as { failed_events?: Refused[] };
  if (!answer.failed_events) throw new Error(`The batch was answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer.failed_events;
}

const PRODUCER = 'https://example.org/tests';

interface EventOf {
  job: string;
  namespace: string;
  runId?: string;
  type?: string;
  at?: string;
  inputs?: readonly object[];
  outputs?: readonly object[];
  runFacets?: object;
}

/** An event of a run that is over, unless something else is said. */
export const runEvent = (of: EventOf): Record<string, unknown> => ({
  eventType: of.type ?? 'COMPLETE',
  eventTime: of.at ?? '2026-11-01T03:00:00Z',
  producer: PRODUCER,
  schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent',
  run: { runId: of.runId ?? randomUUID(), facets: of.runFacets ?? {} },
  job: { namespace: of.namespace, name: of.job },
  inputs: of.inputs ?? [],
  outputs: of.outputs ?? [],
});

/** A data set of an event with its fields. */
export const datasetOf = (namespace: string, name: string, fields?: readonly string[], facets: object = {}) => ({
  namespace,
  name,
  facets: {
    ...(fields && { schema: facetOf({ fields: fields.map((field) => ({ name: field, type: 'string' })) }) }),
    ...facets,
  },
});

/** A facet with what all facets have. */
export const facetOf = (facet: object): object => ({
  _producer: PRODUCER,
  _schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/BaseFacet',
  ...facet,
});
