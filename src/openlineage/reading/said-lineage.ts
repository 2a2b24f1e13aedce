/**
 * What events say of flows besides what they list: lineage between columns, and the `lineage` facet. An event of a data set has no job:
 * what it came from is stated of a transformation that is called as the data set, which stands for whatever makes it.
 */
import { limitExceeded } from '../../errors.js';
import { columnLineageOf } from '../event/column-lineage.js';
import type { LineageEvent } from '../event/event.js';
import { datasetLineageOf, jobLineageOf, type SaidInputs } from '../event/lineage-facet.js';
import { type ColumnFlow, flowsInto, type NameOf } from './column-flows.js';
import { datasetNamed } from './dataset-names.js';
import { type Named, namedBy } from './names.js';
import { jobNamed } from './serving.js';

export interface SaidLineage {
  /** The job of the event, or what stands for one; null: nothing is said to flow. */
  job: Named | null;
  inputs: readonly Named[];
  outputs: readonly Named[];
  columns: readonly ColumnFlow[];
}

/** Data sets that one event names in such facets, each time. */
const MOST_NAMES = 20_000;

/** Throws BAD_USER_INPUT for what cannot be a name, LIMIT_EXCEEDED for too many of them. */
export function lineageSaidBy(event: LineageEvent, nameOf: NameOf): SaidLineage {
  const job = event.kind === 'DATASET' ? null : event.job;
  const targets = event.kind === 'DATASET' ? [event.dataset] : event.outputs;
  const ofColumns = targets.flatMap((each) => {
    const lineage = columnLineageOf(each);
    return lineage ? [flowsInto(datasetNamed(each), lineage, nameOf)] : [];
  });
  const said = [
    ...(event.kind === 'DATASET' ? [] : jobLineageOf(event.job)),
    ...targets.flatMap((each) => datasetLineageOf(each, job) ?? []),
  ];
  checkNames(said);
  const columns = [
    ...ofColumns,
    ...said.flatMap(({ target, columns: of }) => (target ? [flowsInto(nameOf(target), of, nameOf)] : [])),
  ];
  const datasets = said.flatMap((each) => each.datasets.map(nameOf));
  const fed = said.filter(({ datasets: from, fromJob }) => from.length > 0 || fromJob);
  const inputs = distinct([...columns.flatMap((each) => each.inputs), ...datasets]);
  return {
    job: job ? jobNamed(job) : inputs.length === 0 ? null : standInFor(event),
    inputs,
    outputs: [
      ...fed.flatMap(({ target }) => (target ? [nameOf(target)] : [])),
      ...(event.kind === 'DATASET' && inputs.length > 0 ? [datasetNamed(event.dataset)] : []),
    ],
    columns: columns.flatMap(({ flows }) => flows),
  };
}

const standInFor = (event: LineageEvent): Named | null =>
  event.kind === 'DATASET' ? namedBy('TRANSFORMATION', event.dataset) : null;

function checkNames(said: readonly SaidInputs[]): void {
  const count = said.reduce((sum, { datasets }) => sum + 1 + datasets.length, 0);
  if (count > MOST_NAMES)
    throw limitExceeded(
      `The \`lineage\` facets of this event name ${count} data sets; at most ${MOST_NAMES} are possible. Send them in events of their own.`,
    );
}

function distinct(names: readonly Named[]): Named[] {
  return [...new Map(names.map((named) => [named.urn, named])).values()];
}
