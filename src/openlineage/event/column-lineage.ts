/** What facets say of where columns come from; see facets.ts. */
import type { EventDataset } from './event.js';
import { facetOf } from './facet.js';

export interface ColumnTransformation {
  /** DIRECT or INDIRECT; in the old form whatever the producer called it. */
  type: string;
  /** IDENTITY, AGGREGATION, JOIN, FILTER …; null: not said. */
  subtype: string | null;
  description: string | null;
  /** Whether it hides what was there, as hashing does; null: not said. */
  masking: boolean | null;
}

export interface ColumnInput {
  /** It need not be among the inputs of the event. */
  dataset: { namespace: string; name: string };
  field: string;
  /** Empty: that it flows is all that was said. */
  transformations: readonly ColumnTransformation[];
}

export interface ColumnLineage {
  /** By column of the data set; one may come from nothing that is known. */
  fields: ReadonlyMap<string, readonly ColumnInput[]>;
  /** What all of the columns depend on, as a filter or a join. */
  dataset: readonly ColumnInput[];
}

interface SentInput {
  namespace: string;
  name: string;
  field: string;
  transformations?: readonly Partial<ColumnTransformation>[];
}

interface SentColumn {
  inputFields: readonly SentInput[];
  transformationType?: string;
  transformationDescription?: string;
}

export function columnLineageOf({ facets }: Pick<EventDataset, 'facets'>): ColumnLineage | null {
  const facet = facetOf<{ fields: Record<string, SentColumn>; dataset: SentInput[] }>(facets, 'columnLineage');
  if (!facet) return null;
  return {
    fields: new Map(Object.entries(facet.fields ?? {}).map(([name, column]) => [name, inputsOf(column)])),
    dataset: (facet.dataset ?? []).map((sent) => inputOf(sent, [])),
  };
}

function inputsOf({ inputFields, transformationType, transformationDescription }: SentColumn): ColumnInput[] {
  const isOldForm = transformationType !== undefined || transformationDescription !== undefined;
  const old: Partial<ColumnTransformation> = {
    ...(transformationType !== undefined && { type: transformationType }),
    ...(transformationDescription !== undefined && { description: transformationDescription }),
  };
  return inputFields.map((sent) => inputOf(sent, isOldForm ? [old] : []));
}

/** What is said of an input itself outdoes what the old form says of all inputs of a column. */
function inputOf(
  { namespace, name, field, transformations = [] }: SentInput,
  old: readonly Partial<ColumnTransformation>[],
): ColumnInput {
  const said = transformations.length > 0 ? transformations : old;
  return { dataset: { namespace, name }, field, transformations: said.map(transformationOf) };
}

const transformationOf = (sent: Partial<ColumnTransformation>): ColumnTransformation => ({
  type: sent.type ?? '',
  subtype: sent.subtype ?? null,
  description: sent.description ?? null,
  masking: sent.masking ?? null,
});
