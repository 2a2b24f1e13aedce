/** What was measured of models, and what they were made with: of the run that made them, and of themselves. */
import type { OutgoingFacets } from '../events/outgoing.js';
import type { LoggedModel, Metric, MlflowRun, Pair } from './answers.js';
import { versionFacet } from './words.js';

export interface Measured {
  metrics: readonly Metric[];
  params: readonly Pair[];
}

export const measuredBy = ({ data }: MlflowRun | LoggedModel): Measured => ({
  metrics: data.metrics,
  params: data.params,
});

/** What a version keeps of each, in characters and in names: of more the run and the logged model tell. */
const MOST_CHARACTERS = 60_000;
const MOST_NAMES = 4_000;
const MOST_OF_A_NAME = 200;

/** When the last of it was measured, in milliseconds; 0: nothing was. */
export const lastMeasured = (all: readonly Measured[]): number =>
  all.flatMap(({ metrics }) => metrics).reduce((last, { timestamp }) => Math.max(last, timestamp), 0);

/**
 * Of each metric its last value, by step. What comes later in the list outdoes the others: a run comes behind the model that it logged, to
 * which MLflow copies metrics as they are then, and 0 for NaN. {}: nothing is known.
 */
export function measuredFacets(all: readonly Measured[]): OutgoingFacets {
  const metrics = new Map<string, Metric['value']>();
  const params = new Map<string, string>();
  for (const measured of all) {
    for (const { key, value } of [...measured.metrics].sort(byStep)) metrics.set(key, value);
    for (const { key, value } of measured.params) params.set(key, value);
  }
  if (metrics.size + params.size === 0) return {};
  return { weftline_modelVersion: versionFacet({ metrics: whatFits(metrics), parameters: whatFits(params) }) };
}

const byStep = (a: Metric, b: Metric): number => a.step - b.step || a.timestamp - b.timestamp;

/** In the order of the names; what is too much is left out. */
function whatFits(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const fitting: [string, unknown][] = [];
  let size = 0;
  for (const entry of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [name] = entry;
    const more = Buffer.byteLength(JSON.stringify(entry));
    if (name.trim() === '' || [...name].length > MOST_OF_A_NAME) continue;
    if (fitting.length >= MOST_NAMES || size + more > MOST_CHARACTERS) continue;
    fitting.push(entry);
    size += more;
  }
  return Object.fromEntries(fitting);
}
