/**
 * What facets say that Weftline understands, typed. They are read from events that were checked (parse.ts), and from facets that were
 * kept of these. A facet that is absent or taken back (`_deleted`) reads as null. Those of runs: run-facets.ts; what was measured:
 * quality-facets.ts; what columns come from: column-lineage.ts.
 */
import type { EventDataset, EventJob } from './event.js';
import { facetOf } from './facet.js';

type OfDataset = Pick<EventDataset, 'facets'>;
type OfJob = Pick<EventJob, 'facets'>;

export interface SchemaField {
  name: string;
  /** As the producer calls it; null: not said. */
  type: string | null;
  description: string | null;
  /** Which one it is among its neighbours, from 1; null: not said. */
  position: number | null;
  /** Those it is made of, as a struct is. */
  fields: readonly SchemaField[];
}

interface SentField {
  name: string;
  type?: string;
  description?: string;
  ordinal_position?: number;
  fields?: readonly SentField[];
}

/** null: no schema was told; an empty list: it has no fields. */
export function schemaOf({ facets }: OfDataset): SchemaField[] | null {
  const facet = facetOf<{ fields: readonly SentField[] }>(facets, 'schema');
  return facet && (facet.fields ?? []).map(fieldOf);
}

const fieldOf = (sent: SentField): SchemaField => ({
  name: sent.name,
  type: sent.type ?? null,
  description: sent.description ?? null,
  position: sent.ordinal_position ?? null,
  fields: (sent.fields ?? []).map(fieldOf),
});

interface DatasetName {
  namespace: string;
  name: string;
}

/** Always a string: ids of snapshots are beyond what a number holds. */
export function versionOf({ facets }: OfDataset): string | null {
  return facetOf<{ datasetVersion: string }>(facets, 'version')?.datasetVersion ?? null;
}

export interface Symlink extends DatasetName {
  /** TABLE, LOCATION or whatever the producer calls it. */
  type: string;
}

/** Other names of the same data set. */
export function symlinksOf({ facets }: OfDataset): Symlink[] {
  const sent = facetOf<{ identifiers: Symlink[] }>(facets, 'symlinks')?.identifiers ?? [];
  return sent.map(({ namespace, name, type }) => ({ namespace, name, type }));
}

export interface Lifecycle {
  change: 'ALTER' | 'CREATE' | 'DROP' | 'OVERWRITE' | 'RENAME' | 'TRUNCATE';
  /** What it was called before, of a RENAME. */
  previous: DatasetName | null;
}

export function lifecycleOf({ facets }: OfDataset): Lifecycle | null {
  const facet = facetOf<{ lifecycleStateChange: Lifecycle['change']; previousIdentifier?: DatasetName }>(
    facets,
    'lifecycleStateChange',
  );
  if (!facet?.lifecycleStateChange) return null;
  const { lifecycleStateChange: change, previousIdentifier: previous } = facet;
  return { change, previous: previous ? { namespace: previous.namespace, name: previous.name } : null };
}

/** TABLE, VIEW, FILE, TOPIC, MODEL … as the producer calls it. */
export function datasetTypeOf({ facets }: OfDataset): { type: string; subType: string | null } | null {
  const facet = facetOf<{ datasetType: string; subType: string }>(facets, 'datasetType');
  return facet?.datasetType === undefined ? null : { type: facet.datasetType, subType: facet.subType ?? null };
}

export interface OwnerName {
  name: string;
  type: string | null;
}

export function ownersOf({ facets }: OfDataset | OfJob): OwnerName[] {
  const owners = facetOf<{ owners: { name: string; type?: string }[] }>(facets, 'ownership')?.owners ?? [];
  return owners.map(({ name, type = null }) => ({ name, type }));
}

export interface JobType {
  /** DAG, TASK, MODEL, QUERY … as the producer calls it. */
  type: string | null;
  /** BATCH or STREAMING, mostly. */
  processing: string;
  integration: string;
}

export function jobTypeOf({ facets }: OfJob): JobType | null {
  const facet = facetOf<{ jobType?: string; processingType: string; integration: string }>(facets, 'jobType');
  if (facet?.processingType === undefined || facet.integration === undefined) return null;
  return { type: facet.jobType ?? null, processing: facet.processingType, integration: facet.integration };
}
