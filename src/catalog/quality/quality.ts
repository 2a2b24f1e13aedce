import type { ShownThen } from '../model/as-of.js';

export const QUALITY_KINDS = ['ASSERTION', 'METRIC'] as const;
export type QualityKind = (typeof QUALITY_KINDS)[number];

export const QUALITY_SEVERITIES = ['ERROR', 'WARN'] as const;
export type QualitySeverity = (typeof QUALITY_SEVERITIES)[number];

interface Measured {
  datasetId: string;
  /** null: of which version is not known. */
  versionId: string | null;
  /** The name or path of the field; null: of the data as a whole. */
  field: string | null;
  /** When it was measured, by the clock of who did. */
  measuredAt: Date;
  /** What measured it: the source of a claim, the producer of an event. */
  source: string;
  reportedById: string;
  /** The run that measured it, by its id here; null: none that is known. */
  runId: string | null;
}

/** What a test of data came to. */
export interface AssertionResult extends Measured {
  kind: 'ASSERTION';
  /** The kind of test, in the words of who measured: `not_null`, `unique`. */
  assertion: string;
  success: boolean;
  /** How bad it is when it fails; null: not said. */
  severity: QualitySeverity | null;
  name: string | null;
  description: string | null;
  expected: string | null;
  observed: string | null;
  params: Record<string, unknown>;
}

/** What was counted and measured of data, or of one field; null: not measured. */
export interface Metrics {
  /** Of the data as a whole. */
  rowCount: bigint | null;
  bytes: bigint | null;
  fileCount: bigint | null;
  lastUpdated: Date | null;
  /** Of a field. */
  nullCount: bigint | null;
  distinctCount: bigint | null;
  count: bigint | null;
  sum: number | null;
  min: number | null;
  max: number | null;
  quantiles: readonly Quantile[];
}

interface Quantile {
  /** 0 to 1. */
  quantile: number;
  value: number;
}

export interface MetricResult extends Measured {
  kind: 'METRIC';
  metrics: Metrics;
}

/** What somebody says of the quality of data: it is history, and nothing is written over it. */
export type QualityResult = AssertionResult | MetricResult;

/** A result as it is kept. */
export type KeptResult = QualityResult &
  ShownThen & { __typename: 'QualityResult'; id: string; key: string; recordedAt: Date };

/** Which results are wanted; null: any. */
export interface ResultFilter {
  kind: QualityKind | null;
  success: boolean | null;
  assertion: string | null;
  field: string | null;
}

export const NOTHING_MEASURED: Metrics = {
  ...{ rowCount: null, bytes: null, fileCount: null, lastUpdated: null, nullCount: null, distinctCount: null },
  ...{ count: null, sum: null, min: null, max: null, quantiles: [] },
};

export const QUALITY_VERDICTS = ['PASSED', 'WARNED', 'FAILED', 'NOT_CHECKED'] as const;
export type QualityVerdict = (typeof QUALITY_VERDICTS)[number];

/** What the newest result of each test comes to. */
export interface QualityStatus {
  verdict: QualityVerdict;
  passed: number;
  warned: number;
  failed: number;
  /** When the newest of them was measured; null: nothing was tested. */
  checkedAt: Date | null;
}

/** The verdict over tests of which so many passed, warned and failed. */
export function statusOf(counts: Omit<QualityStatus, 'verdict'>): QualityStatus {
  const { passed, warned, failed } = counts;
  const verdict = failed > 0 ? 'FAILED' : warned > 0 ? 'WARNED' : passed > 0 ? 'PASSED' : 'NOT_CHECKED';
  return { verdict, ...counts };
}
