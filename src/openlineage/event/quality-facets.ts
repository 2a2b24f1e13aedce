/** What facets say was measured of a data set; see facets.ts. Numbers beyond 2^53 are their digits. */
import type { EventDataset, EventInput, EventOutput, Facets } from './event.js';
import { timeOf } from './event-time.js';
import { facetOf } from './facet.js';

/** A string: the digits of a whole number that a double does not hold. */
export type ExactNumber = number | string;

export interface QualityAssertion {
  /** What was asserted: "not_null", "unique" … */
  assertion: string;
  success: boolean;
  column: string | null;
  /** error or warn, mostly. */
  severity: string | null;
  name: string | null;
  description: string | null;
  expected: string | null;
  actual: string | null;
}

type Measured = EventDataset | EventInput;

/** Where both stand, dbt says the same twice: what is said alike of input and data set is told once. */
export function qualityAssertionsOf(dataset: Measured): QualityAssertion[] {
  const told = facetsFor(dataset).flatMap((facets) => {
    const facet = facetOf<{ assertions: Partial<QualityAssertion>[] }>(facets, 'dataQualityAssertions');
    return (facet?.assertions ?? []).map(assertionOf);
  });
  return [...new Map(told.map((each) => [JSON.stringify(each), each])).values()];
}

const assertionOf = (sent: Partial<QualityAssertion>): QualityAssertion => ({
  assertion: sent.assertion ?? '',
  success: sent.success ?? false,
  column: sent.column ?? null,
  severity: sent.severity ?? null,
  name: sent.name ?? null,
  description: sent.description ?? null,
  expected: sent.expected ?? null,
  actual: sent.actual ?? null,
});

export interface ColumnMetrics {
  nullCount?: ExactNumber;
  distinctCount?: ExactNumber;
  sum?: ExactNumber;
  count?: ExactNumber;
  min?: ExactNumber;
  max?: ExactNumber;
  /** By the part that is below: "0.5" is the median. */
  quantiles?: Readonly<Record<string, ExactNumber>>;
}

export interface QualityMetrics {
  rowCount: ExactNumber | null;
  bytes: ExactNumber | null;
  fileCount: ExactNumber | null;
  lastUpdated: Date | null;
  columns: ReadonlyMap<string, ColumnMetrics>;
}

/** Of the data set as the run read it, where that was measured; else of the data set. */
export function qualityMetricsOf(dataset: Measured): QualityMetrics | null {
  for (const facets of facetsFor(dataset)) {
    const facet = facetOf<SentMetrics>(facets, 'dataQualityMetrics');
    if (facet) return metricsOf(facet);
  }
  return null;
}

interface SentMetrics extends Pick<Statistics, 'rowCount' | 'fileCount'> {
  bytes: ExactNumber;
  lastUpdated: string;
  columnMetrics: Record<string, ColumnMetrics>;
}

const metricsOf = (sent: Partial<SentMetrics>): QualityMetrics => ({
  rowCount: sent.rowCount ?? null,
  bytes: sent.bytes ?? null,
  fileCount: sent.fileCount ?? null,
  lastUpdated: timeOf(sent.lastUpdated ?? ''),
  columns: new Map(Object.entries(sent.columnMetrics ?? {})),
});

/** What a run read of a data set, or wrote of it. */
export interface Statistics {
  rowCount: ExactNumber | null;
  /** In bytes. */
  size: ExactNumber | null;
  fileCount: ExactNumber | null;
}

export const outputStatisticsOf = ({ outputFacets }: Pick<EventOutput, 'outputFacets'>): Statistics | null =>
  statisticsOf(outputFacets, 'outputStatistics');

function statisticsOf(facets: Facets, name: string): Statistics | null {
  const facet = facetOf<Statistics>(facets, name);
  return facet && { rowCount: facet.rowCount ?? null, size: facet.size ?? null, fileCount: facet.fileCount ?? null };
}

const facetsFor = (dataset: Measured): Facets[] =>
  'inputFacets' in dataset ? [dataset.inputFacets, dataset.facets] : [dataset.facets];
