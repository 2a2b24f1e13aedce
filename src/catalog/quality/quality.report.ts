import { badInput, limitExceeded } from '../../errors.js';
import { reportedTime } from '../../reported-time.js';
import { checkObject } from '../assets/asset.changes.js';
import {
  type AssertionResult,
  type Metrics,
  type MetricResult,
  NOTHING_MEASURED,
  type QualityResult,
} from './quality.js';
import type {
  FieldMetricsInput,
  QualityAssertionInput,
  QualityMetricsInput,
  QuantileInput,
  ReportQualityInput,
} from './quality.input.js';

/** Results of one report at most. */
const MOST_RESULTS = 1_000;

/** What a report says, before it is known of what. */
export type Said = Omit<AssertionResult, keyof Subject> | Omit<MetricResult, keyof Subject>;
type Subject = Pick<QualityResult, 'datasetId' | 'versionId' | 'reportedById' | 'runId'>;

/** The results of a report. Throws BAD_USER_INPUT or LIMIT_EXCEEDED. */
export function readReport(input: ReportQualityInput, now: Date): Said[] {
  const source = input.source.trim();
  if (source === '') throw badInput('`source` is empty. Name the program or person that measured.');
  const measuredAt = reportedTime('measuredAt', input.measuredAt, now) ?? now;
  const at = { measuredAt, source };
  const said = [
    ...(input.assertions ?? []).map((given, place) => ({ ...at, ...assertionOf(given, `assertions[${place}]`) })),
    ...(input.metrics ? metricsOf(input.metrics, now) : []).map((each) => ({ ...at, ...each })),
  ];
  if (said.length === 0) throw badInput('The report holds no result. Give `assertions`, `metrics`, or both.');
  if (said.length > MOST_RESULTS)
    throw limitExceeded(
      `The report holds ${said.length} results: each assertion is one, each field with metrics, and the data as a whole. At most ${MOST_RESULTS} are kept at once; send the rest in another.`,
    );
  return said;
}

type Assertion = Omit<AssertionResult, keyof Subject | 'measuredAt' | 'source'>;
type Metric = Omit<MetricResult, keyof Subject | 'measuredAt' | 'source'>;

function assertionOf(given: QualityAssertionInput, place: string): Assertion {
  const { success, severity, description, expected, observed, params } = given;
  return {
    ...{ kind: 'ASSERTION', success, severity: severity ?? null },
    assertion: named(`${place}.assertion`, given.assertion),
    field: given.field == null ? null : named(`${place}.field`, given.field),
    name: given.name == null ? null : named(`${place}.name`, given.name),
    ...{ description: description ?? null, expected: expected ?? null, observed: observed ?? null },
    params: checkObject(`${place}.params`, params ?? {}),
  };
}

function metricsOf({ fields, ...whole }: QualityMetricsInput, now: Date): Metric[] {
  const { rowCount, bytes, fileCount } = whole;
  const lastUpdated = reportedTime('metrics.lastUpdated', whole.lastUpdated, now);
  const data = { ...NOTHING_MEASURED, ...checkCounts('metrics', { rowCount, bytes, fileCount }), lastUpdated };
  const ofFields = (fields ?? []).map((given, place) => fieldMetricsOf(given, `metrics.fields[${place}]`));
  const names = new Set<string | null>();
  for (const { field } of ofFields) {
    if (names.has(field)) throw badInput(`\`metrics.fields\` tells of the field "${shortened(field)}" twice.`);
    names.add(field);
  }
  if (!isNothing(data)) return [{ kind: 'METRIC', field: null, metrics: data }, ...ofFields];
  if (ofFields.length === 0) throw badInput('`metrics` holds no number. Leave it out, or say what was measured.');
  return ofFields;
}

function fieldMetricsOf({ field, ...given }: FieldMetricsInput, place: string): Metric {
  const { nullCount, distinctCount, count, sum, min, max, quantiles } = given;
  const metrics = {
    ...{ ...NOTHING_MEASURED, ...checkCounts(place, { nullCount, distinctCount, count }) },
    ...{ sum: sum ?? null, min: min ?? null, max: max ?? null, quantiles: checkQuantiles(quantiles ?? [], place) },
  };
  if (isNothing(metrics)) throw badInput(`\`${place}\` holds no number. Leave it out, or say what was measured.`);
  return { kind: 'METRIC', field: named(`${place}.field`, field), metrics };
}

/** In their order: said in another one, it is the same. */
function checkQuantiles(given: readonly QuantileInput[], place: string): Metrics['quantiles'] {
  const quantiles = given.map(({ quantile, value }) => ({ quantile, value })).sort((a, b) => a.quantile - b.quantile);
  quantiles.forEach(({ quantile }, index) => {
    if (!(quantile >= 0 && quantile <= 1))
      throw badInput(`\`${place}.quantiles\` has the quantile ${quantile}; it must be from 0 to 1.`);
    if (quantile === quantiles[index - 1]?.quantile)
      throw badInput(`\`${place}.quantiles\` has the quantile ${quantile} twice.`);
  });
  return quantiles;
}

/** Null where it is not given. */
function checkCounts<Name extends string>(
  place: string,
  given: Record<Name, bigint | null | undefined>,
): Record<Name, bigint | null> {
  for (const [name, count] of Object.entries<bigint | null | undefined>(given))
    if (count != null && count < 0n) throw badInput(`\`${place}.${name}\` is ${count}; it cannot be negative.`);
  const counts = Object.entries<bigint | null | undefined>(given).map(([name, count]) => [name, count ?? null]);
  return Object.fromEntries(counts) as Record<Name, bigint | null>;
}

const isNothing = (metrics: Metrics): boolean =>
  Object.values(metrics).every((value) => value === null || (Array.isArray(value) && value.length === 0));

function named(place: string, name: string): string {
  if (name.trim() === '') throw badInput(`\`${place}\` is empty. Leave out what has no name.`);
  return name.trim();
}

const shortened = (name: string | null): string => [...(name ?? '')].slice(0, 200).join('');
