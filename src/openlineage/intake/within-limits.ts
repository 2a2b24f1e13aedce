import { beyondJobs, beyondNamespaces, type ReportLimits } from '../../auth/report-limits.js';
import type { WeftlineError } from '../../errors.js';
import type { EventDataset, EventInput, Facets, LineageEvent } from '../event/event.js';
import { datasetNamed } from '../reading/dataset-names.js';
import { namedBy } from '../reading/names.js';

/** Which version was read says something of the run, and what kind of thing it is belongs to its name. */
const OF_THE_READING = new Set(['version', 'datasetType']);

/**
 * The event as far as a token with these limits may say it. The job must be within them, and what it writes within their namespaces: else
 * FORBIDDEN is thrown, which names the place. That it reads something elsewhere is taken, and what else it says of that is left out.
 */
export function withinLimits(event: LineageEvent, limits: ReportLimits | undefined): LineageEvent {
  if (!limits) return event;
  if (event.kind === 'DATASET') {
    refuseBeyond(beyond(limits, event.dataset, 'dataset'));
    return event;
  }
  refuseBeyond(beyondJobs(limits, namedBy('TRANSFORMATION', event.job), (member) => `job.${member}`));
  for (const [index, output] of event.outputs.entries()) refuseBeyond(beyond(limits, output, `outputs[${index}]`));
  return { ...event, inputs: event.inputs.map((input) => (beyond(limits, input, 'inputs') ? bare(input) : input)) };
}

const beyond = (limits: ReportLimits, dataset: EventDataset, place: string): WeftlineError | null =>
  beyondNamespaces(limits, datasetNamed(dataset), (member) => `${place}.${member}`);

function refuseBeyond(error: WeftlineError | null): void {
  if (error) throw error;
}

const bare = (input: EventInput): EventInput => ({ ...input, facets: ofTheReading(input.facets), inputFacets: {} });

const ofTheReading = (facets: Facets): Facets =>
  Object.fromEntries(Object.entries(facets).filter(([name]) => OF_THE_READING.has(name)));
