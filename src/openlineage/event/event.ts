/**
 * The events of OpenLineage 2-0-2, as producers send them (https://openlineage.io/spec/2-0-2/OpenLineage.json): what a run, a job or a
 * data set is said to be, each with facets by name. Facets that Weftline does not know are kept as they came.
 */

export const EVENT_TYPES = ['START', 'RUNNING', 'COMPLETE', 'ABORT', 'FAIL', 'OTHER'] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** By name; keys of a facet that begin with `_` tell of the facet itself: who made it, and whether it is taken back (`_deleted`). */
export type Facets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface EventJob {
  /** May be empty: some producers know none. */
  namespace: string;
  name: string;
  facets: Facets;
}

export interface EventDataset {
  /** May be empty: some producers know none. */
  namespace: string;
  name: string;
  facets: Facets;
}

export interface EventInput extends EventDataset {
  inputFacets: Facets;
}

export interface EventOutput extends EventDataset {
  outputFacets: Facets;
}

interface EventBase {
  /** When it happened, by the clock of the producer: to the millisecond, as everything in the graph. */
  eventTime: Date;
  producer: string;
  schemaURL: string;
  /** SHA-256 of its canonical JSON (RFC 8785), in hex: the same event sent again has the same. */
  digest: string;
}

export interface RunEvent extends EventBase {
  kind: 'RUN';
  /** null: the producer did not say, which tells of the run without moving it. */
  eventType: EventType | null;
  /** In lower case. */
  runId: string;
  runFacets: Facets;
  job: EventJob;
  inputs: readonly EventInput[];
  outputs: readonly EventOutput[];
}

export interface JobEvent extends EventBase {
  kind: 'JOB';
  job: EventJob;
  inputs: readonly EventInput[];
  outputs: readonly EventOutput[];
}

export interface DatasetEvent extends EventBase {
  kind: 'DATASET';
  dataset: EventDataset;
}

export type LineageEvent = RunEvent | JobEvent | DatasetEvent;
