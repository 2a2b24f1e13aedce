/** What events say of the versions that they name. */
import { checkMetrics } from '../../catalog/versions/metrics.js';
import { badInput } from '../../errors.js';
import { checkJson, isPlainObject } from '../../json/limits.js';
import type { EventDataset, EventOutput } from '../event/event.js';
import { facetOf } from '../event/facet.js';
import { outputStatisticsOf } from '../event/quality-facets.js';

/** By the property of the version that keeps it. What is not said is not there. */
export interface VersionFacts {
  rowCount?: bigint;
  bytes?: bigint;
  digest?: string;
  /** JSON, as a version keeps it. */
  metrics?: string;
  parameters?: string;
}

/** What is said of a version by the facets of Weftline. Throws BAD_USER_INPUT for metrics and parameters that no version can have. */
export function factsTold(dataset: EventDataset, { isModel }: { isModel: boolean }): VersionFacts {
  const about = facetOf<Record<'rowCount' | 'bytes' | 'digest', unknown>>(dataset.facets, 'weftline_version');
  const known = {
    rowCount: wholeOf(about?.rowCount),
    bytes: wholeOf(about?.bytes),
    digest: digestOf(about?.digest),
  };
  return withoutNull({ ...known, ...(isModel ? learntOf(dataset) : {}) });
}

/** The same of what a run has written, and how much it was. */
export function factsOfOutput(output: EventOutput, of: { isModel: boolean }): VersionFacts {
  const statistics = outputStatisticsOf(output);
  const much = { rowCount: wholeOf(statistics?.rowCount), bytes: wholeOf(statistics?.size) };
  return { ...factsTold(output, of), ...withoutNull(much) };
}

function learntOf({ facets }: EventDataset): { metrics: string | null; parameters: string | null } {
  const facet = facetOf<Record<'metrics' | 'parameters', unknown>>(facets, 'weftline_modelVersion');
  if (facet?.metrics !== undefined) checkMetrics(facet.metrics);
  return { metrics: textOf('metrics', facet?.metrics), parameters: textOf('parameters', facet?.parameters) };
}

function textOf(member: string, value: unknown): string | null {
  if (value === undefined) return null;
  if (!isPlainObject(value))
    throw badInput(`\`weftline_modelVersion.${member}\` must be a JSON object, such as {"key": "value"}.`);
  const fault = checkJson(value);
  if (fault !== null) throw badInput(`\`weftline_modelVersion.${member}\` ${fault}.`);
  return JSON.stringify(value);
}

/** As versions have them; null for what is none. */
const digestOf = (value: unknown): string | null =>
  typeof value === 'string' && /^[a-z0-9+._-]{2,20}:[0-9a-f]{16,128}$/.test(value) ? value : null;

/** What the database holds; null for what is no such number. */
const wholeOf = (value: unknown): bigint | null =>
  (typeof value === 'number' || typeof value === 'string') && /^\d{1,18}$/.test(String(value)) ? BigInt(value) : null;

const withoutNull = (facts: Readonly<Record<string, unknown>>): VersionFacts =>
  Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null));
