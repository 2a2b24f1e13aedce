import { z } from 'zod';
import type { Row } from '../../neo4j/row.js';
import { readStoredAs } from '../../json/stored.js';
import { type KeptResult, type Metrics, NOTHING_MEASURED, QUALITY_SEVERITIES } from './quality.js';

const count = z
  .string()
  .regex(/^-?\d{1,19}$/)
  .transform((digits) => BigInt(digits))
  .nullable()
  .default(null);
const number = z.number().nullable().default(null);

/** As quality.stored.ts writes it: what was not measured is not there. */
const metrics = z.object({
  ...{ rowCount: count, bytes: count, fileCount: count, nullCount: count, distinctCount: count, count },
  ...{ sum: number, min: number, max: number },
  lastUpdated: z
    .string()
    .refine((text) => !Number.isNaN(Date.parse(text)))
    .transform((text) => new Date(text))
    .nullable()
    .default(null),
  quantiles: z.array(z.object({ quantile: z.number(), value: z.number() })).default([]),
});

/** A result as it is kept; metrics that cannot be read are shown as not measured. */
export function decodeResult(row: Row): KeptResult {
  const result = {
    __typename: 'QualityResult' as const,
    ...{ id: row.text('id'), key: row.text('key'), recordedAt: row.time('recordedAt') },
    ...{ datasetId: row.text('assetId'), versionId: row.maybeText('versionId'), field: row.maybeText('field') },
    ...{ measuredAt: row.time('measuredAt'), source: row.text('source') },
    ...{ reportedById: row.text('reportedById'), runId: row.maybeText('runId') },
  };
  if (row.text('kind') === 'METRIC') return { kind: 'METRIC', ...result, metrics: metricsIn(row.text('metrics')) };
  const severity = row.maybeText('severity');
  return {
    ...{ kind: 'ASSERTION', ...result, assertion: row.text('assertion'), success: row.flag('success') },
    severity: QUALITY_SEVERITIES.find((each) => each === severity) ?? null,
    ...{ name: row.maybeText('name'), description: row.maybeText('description') },
    ...{ expected: row.maybeText('expected'), observed: row.maybeText('observed'), params: row.json('params') },
  };
}

const metricsIn = (text: string): Metrics => readStoredAs<Metrics>(text, metrics, () => NOTHING_MEASURED);
