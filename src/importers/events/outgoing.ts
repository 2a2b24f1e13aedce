import { v5 as uuidFrom } from 'uuid';

/**
 * What an importer says, as OpenLineage 2-0-2. An import of the same state makes the same events to the byte: times come from the
 * source, never from the clock, and runs have ids made from what they are of.
 */

/** A facet, with who made it and by which schema. */
export type OutgoingFacet = Readonly<Record<string, unknown>>;
export type OutgoingFacets = Readonly<Record<string, OutgoingFacet>>;

export interface DatasetName {
  namespace: string;
  name: string;
}

export interface OutgoingDataset extends DatasetName {
  facets?: OutgoingFacets;
  inputFacets?: OutgoingFacets;
  outputFacets?: OutgoingFacets;
}

export interface OutgoingJob {
  namespace: string;
  name: string;
  facets: OutgoingFacets;
}

interface Flow {
  job: OutgoingJob;
  inputs: readonly OutgoingDataset[];
  outputs: readonly OutgoingDataset[];
}

export type Outgoing = Readonly<Record<string, unknown>>;

export type OutgoingEventType = 'START' | 'RUNNING' | 'COMPLETE' | 'ABORT' | 'FAIL' | 'OTHER';

const CORE = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/';

/** Makes the events of one importer. */
export class EventMaker {
  constructor(private readonly producer: string) {}

  /** What happened to a run at a time. */
  run(
    said: Flow & { eventTime: string; eventType: OutgoingEventType; runId: string; facets: OutgoingFacets },
  ): Outgoing {
    const { eventTime, eventType, runId, facets, job, inputs, outputs } = said;
    return this.event('RunEvent', eventTime, { eventType, run: { runId, facets }, job, inputs, outputs });
  }

  /** What a job is, without a run of it. */
  job({ eventTime, job, inputs, outputs }: Flow & { eventTime: string }): Outgoing {
    return this.event('JobEvent', eventTime, { job, inputs, outputs });
  }

  /** What a data set is, without anything that happened to it. */
  dataset(eventTime: string, dataset: OutgoingDataset): Outgoing {
    return this.event('DatasetEvent', eventTime, { dataset });
  }

  private event(kind: string, eventTime: string, said: object): Outgoing {
    return { eventTime, producer: this.producer, schemaURL: `${CORE}${kind}`, ...said };
  }
}

/** Makes facets of one importer, each named with the schema it follows. */
export type FacetMaker = (schema: FacetSchema, said: object) => OutgoingFacet;

export function facetsOf(producer: string): FacetMaker {
  return (schema, said) => ({ _producer: producer, _schemaURL: schemaUrl(schema), ...said });
}

/** The facets that importers make, in the version of their schema. */
const FACET_VERSIONS = {
  ColumnLineageDatasetFacet: '1-2-0',
  DataQualityAssertionsDatasetFacet: '1-1-0',
  DataQualityMetricsDatasetFacet: '1-0-0',
  DataQualityMetricsInputDatasetFacet: '1-0-3',
  DatasetTypeDatasetFacet: '1-0-1',
  DatasetVersionDatasetFacet: '1-0-1',
  DatasourceDatasetFacet: '1-0-1',
  DocumentationDatasetFacet: '1-1-0',
  DocumentationJobFacet: '1-1-0',
  ErrorMessageRunFacet: '1-0-1',
  JobTypeJobFacet: '2-0-4',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
  OwnershipDatasetFacet: '1-0-1',
  OwnershipJobFacet: '1-0-1',
  ParentRunFacet: '1-2-0',
  ProcessingEngineRunFacet: '1-1-1',
  SQLJobFacet: '1-1-0',
  SchemaDatasetFacet: '1-2-0',
  SourceCodeLocationJobFacet: '1-1-0',
  SourceCodeJobFacet: '1-0-1',
  StorageDatasetFacet: '1-0-1',
  SymlinksDatasetFacet: '1-0-1',
  TagsDatasetFacet: '1-0-0',
  TagsJobFacet: '1-0-0',
  TestRunFacet: '1-0-1',
} as const;

type FacetSchema = keyof typeof FACET_VERSIONS;

const schemaUrl = (schema: FacetSchema): string =>
  `https://openlineage.io/spec/facets/${FACET_VERSIONS[schema]}/${schema}.json#/$defs/${schema}`;

/** A field of a schema facet; nested ones lie in it. */
export interface OutgoingField {
  name: string;
  type?: string;
  description?: string;
  ordinal_position?: number;
  fields?: readonly OutgoingField[];
}

/** The id of a run, made from what it is of: asked again, the same. */
export const runIdOf = (...of: readonly string[]): string => uuidFrom(JSON.stringify(of), RUNS);

/** The space of such ids: any constant would do, and it must never change. */
const RUNS = '5d0c3c2e-93a4-5b5e-8a0f-6f0d3c1b7a52';

/** The facets that are there: those that nothing can be said of are left out. */
export function facets(all: Readonly<Record<string, OutgoingFacet | null>>): OutgoingFacets {
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, OutgoingFacet] => entry[1] !== null));
}

/** The data set alone, as an input names it. */
export const named = ({ namespace, name }: DatasetName): DatasetName => ({ namespace, name });
