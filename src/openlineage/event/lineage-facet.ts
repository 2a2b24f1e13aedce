/** What the `lineage` facet of 2026 says outright: what goes into a data set or a job, whether or not an event lists it. */
import type { EventDataset, EventJob } from './event.js';
import type { ColumnInput, ColumnLineage, ColumnTransformation } from './column-lineage.js';
import { facetOf } from './facet.js';

interface Name {
  namespace: string;
  name: string;
}

/** What goes into one target. */
export interface SaidInputs {
  /** The target; null: the job of the event. */
  target: Name | null;
  datasets: readonly Name[];
  /** The job of the event itself is said to make it. */
  fromJob: boolean;
  columns: ColumnLineage;
}

interface SentInput extends Partial<Name> {
  type: 'DATASET' | 'JOB';
  field?: string;
  transformations?: readonly Partial<ColumnTransformation>[];
}

interface SentTarget extends Partial<Name> {
  type?: 'DATASET' | 'JOB';
  inputs?: readonly SentInput[];
  fields?: Readonly<Record<string, { inputs: readonly SentInput[] }>>;
}

/** Of a job: of each target. What goes into another job than its own is that one's to say. */
export function jobLineageOf(job: EventJob): SaidInputs[] {
  const entries = facetOf<{ entries: readonly SentTarget[] }>(job.facets, 'lineage')?.entries ?? [];
  return entries.flatMap((entry) => {
    if (entry.type === 'DATASET') return [inputsOf(entry, nameOf(entry), job)];
    return isOwn(entry, job) ? [inputsOf(entry, null, job)] : [];
  });
}

/** Of a data set; null: nothing was said. `job`: that of the event; null: it has none. */
export function datasetLineageOf(dataset: EventDataset, job: Name | null): SaidInputs | null {
  const facet = facetOf<SentTarget>(dataset.facets, 'lineage');
  return facet && inputsOf(facet, { namespace: dataset.namespace, name: dataset.name }, job);
}

function inputsOf({ inputs = [], fields = {} }: SentTarget, target: Name | null, job: Name | null): SaidInputs {
  const columns = Object.entries(fields);
  const all = [...inputs, ...columns.flatMap(([, column]) => column.inputs)];
  return {
    target,
    datasets: all.flatMap((input) => (input.type === 'DATASET' ? [nameOf(input)] : [])),
    fromJob: job !== null && all.some((input) => input.type === 'JOB' && isOwn(input, job)),
    columns: {
      fields: new Map(columns.map(([name, column]) => [name, columnInputs(column.inputs)])),
      dataset: columnInputs(inputs),
    },
  };
}

/** A job that is not named is that of the event. */
const isOwn = ({ namespace, name }: Partial<Name>, job: Name): boolean =>
  (namespace === undefined && name === undefined) || (namespace === job.namespace && name === job.name);

const nameOf = ({ namespace = '', name = '' }: Partial<Name>): Name => ({ namespace, name });

/** Those that name a field. */
function columnInputs(inputs: readonly SentInput[]): ColumnInput[] {
  return inputs.flatMap((input) => {
    const { type, field, transformations = [] } = input;
    if (type !== 'DATASET' || field === undefined || field === '') return [];
    return [{ dataset: nameOf(input), field, transformations: transformations.map(transformationOf) }];
  });
}

const transformationOf = (sent: Partial<ColumnTransformation>): ColumnTransformation => ({
  type: sent.type ?? '',
  subtype: sent.subtype ?? null,
  description: sent.description ?? null,
  masking: sent.masking ?? null,
});
