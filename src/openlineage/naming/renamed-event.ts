/** An event with the names that count at this site. */
import { createHash } from 'node:crypto';
import type { EventDataset, EventJob, Facets, LineageEvent } from '../event/event.js';
import type { AssetName, Named, NamingRules } from './naming-rules.js';

/** Under this name a facet keeps how the producer calls what a rule renamed. */
export const REPORTED_AS = 'weftline_reportedAs';
const OF_THE_FACET = {
  _producer: 'urn:weftline:naming',
  _schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetFacet',
};
const OF_A_JOB = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobFacet';

/** Facets that name data sets or jobs, and what of a name in them that does not say so itself. */
const NAMING_FACETS: Readonly<Record<string, Named>> = {
  columnLineage: 'dataset',
  symlinks: 'dataset',
  lifecycleStateChange: 'dataset',
  lineage: 'dataset',
  parent: 'job',
  jobDependencies: 'job',
};

/**
 * The event with its data sets and jobs, and those that its facets name, as the rules say. What is renamed is another statement than
 * before: the digest becomes another one, so that the same event counts again once the rules are others. No rule fits: the event itself.
 */
export function renamed(event: LineageEvent, rules: NamingRules): LineageEvent {
  if (rules.isEmpty) return event;
  const renaming = new EventRenaming(rules);
  const changed = renaming.event(event);
  if (renaming.pairs.length === 0) return event;
  const digest = createHash('sha256')
    .update(JSON.stringify([event.digest, renaming.pairs]))
    .digest('hex');
  return { ...changed, digest };
}

class EventRenaming {
  /** What was called how, and is called how now, in the order of the event. */
  readonly pairs: [string, string, string, string][] = [];

  constructor(private readonly rules: NamingRules) {}

  event(event: LineageEvent): LineageEvent {
    if (event.kind === 'DATASET') return { ...event, dataset: this.dataset(event.dataset) };
    const flows = {
      job: this.job(event.job),
      inputs: event.inputs.map((input) => this.dataset(input)),
      outputs: event.outputs.map((output) => this.dataset(output)),
    };
    return event.kind === 'JOB'
      ? { ...event, ...flows }
      : { ...event, ...flows, runFacets: this.facets(event.runFacets) };
  }

  private dataset<T extends EventDataset>(dataset: T): T {
    const facets = this.facets(dataset.facets);
    const to = this.name('dataset', dataset);
    if (to === dataset) return { ...dataset, facets };
    return { ...to, facets: { ...facets, [REPORTED_AS]: { ...OF_THE_FACET, ...nameOf(dataset) } } };
  }

  private job(job: EventJob): EventJob {
    const facets = this.facets(job.facets);
    const to = this.name('job', job);
    if (to === job) return { ...job, facets };
    return { ...to, facets: { ...facets, [REPORTED_AS]: { ...OF_THE_FACET, _schemaURL: OF_A_JOB, ...nameOf(job) } } };
  }

  private facets(facets: Facets): Facets {
    return Object.fromEntries(
      Object.entries(facets).map(([key, facet]) => {
        const of = Object.hasOwn(NAMING_FACETS, key) ? NAMING_FACETS[key] : undefined;
        return [key, of === undefined ? facet : (this.within(of, facet) as typeof facet)];
      }),
    );
  }

  /** All that is named in there: each object with a namespace and a name. */
  private within(of: Named, value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.within(of, item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([key, each]) => [key, this.within(of, each)] as const);
    const inner = Object.fromEntries(entries) as Record<string, unknown>;
    const { namespace, name, type } = inner;
    if (typeof namespace !== 'string' || typeof name !== 'string') return inner;
    return this.name(type === 'JOB' ? 'job' : of, { ...inner, namespace, name });
  }

  private name<T extends AssetName>(of: Named, given: T): T {
    const to = this.rules.rename(of, given);
    if (to !== given) this.pairs.push([given.namespace, given.name, to.namespace, to.name]);
    return to;
  }
}

const nameOf = ({ namespace, name }: AssetName): AssetName => ({ namespace, name });
