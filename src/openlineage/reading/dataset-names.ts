/** What the data sets of events are called in the catalog, and which of them are models there. */
import { badInput } from '../../errors.js';
import type { EventDataset, LineageEvent } from '../event/event.js';
import { datasetTypeOf } from '../event/facets.js';
import { type Named, namedBy } from './names.js';

/** A data set is named in several places of what is read: to check a name is most of the work, and done once. */
const NAMED = new WeakMap<EventDataset, Named>();

const MODEL = 'MODEL';
const typeOf = (dataset: EventDataset): string | null => datasetTypeOf(dataset)?.type.trim().toUpperCase() ?? null;

/** A model is a data set of that type to OpenLineage, and an asset of its own kind here. Once an event is read, by all that it says. */
export function datasetNamed(dataset: EventDataset): Named {
  const known = NAMED.get(dataset);
  if (known) return known;
  const named = namedBy(typeOf(dataset) === MODEL ? MODEL : 'DATASET', dataset);
  NAMED.set(dataset, named);
  return named;
}

type Name = Pick<EventDataset, 'namespace' | 'name'>;

/**
 * How a name is meant that the event gives anywhere: what it says at one place to be a model is one at all others, where nothing is
 * said of its type. Throws BAD_USER_INPUT for what it says to be a model and something else.
 */
export function namesWithin(event: LineageEvent): (name: Name) => Named {
  const datasets = event.kind === 'DATASET' ? [event.dataset] : [...event.inputs, ...event.outputs];
  const models = new Set(datasets.filter((each) => typeOf(each) === MODEL).map(keyOf));
  if (models.size === 0) return (name) => namedBy('DATASET', name);
  for (const dataset of datasets) {
    const type = typeOf(dataset);
    if (type === MODEL || !models.has(keyOf(dataset))) continue;
    if (type !== null)
      throw badInput(
        `The event says that ${JSON.stringify(dataset.name)} in ${JSON.stringify(dataset.namespace)} is a MODEL, and that it is a ${type.slice(0, 60)}: a model is no other data set. Say one of them in its datasetType facets.`,
      );
    NAMED.set(dataset, namedBy(MODEL, dataset));
  }
  return (name) => namedBy(models.has(keyOf(name)) ? MODEL : 'DATASET', name);
}

const keyOf = ({ namespace, name }: Name): string => JSON.stringify([namespace, name]);
