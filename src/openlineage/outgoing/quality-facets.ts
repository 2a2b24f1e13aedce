import type { FacetMaker, OutgoingFacet } from '../../importers/events/outgoing.js';
import type { AssertionResult, Metrics } from '../../catalog/quality/quality.js';
import type { QualityFact } from './facts.js';
import { withoutNothing } from './own-facets.js';

/** Results as the facets of OpenLineage say them: of what was measured at one time. null: there is none of the kind. */
export function qualityFacets(
  facet: FacetMaker,
  results: readonly QualityFact[],
): Record<'dataQualityAssertions' | 'dataQualityMetrics', OutgoingFacet | null> {
  const assertions = results.flatMap(({ result }) => (result.kind === 'ASSERTION' ? [assertionOf(result)] : []));
  const measured = results.flatMap(({ result }) => (result.kind === 'METRIC' ? [result] : []));
  const columns = measured.flatMap(({ field, metrics }): [string, object][] =>
    field === null ? [] : [[field, columnOf(metrics)]],
  );
  const whole = measured.find(({ field }) => field === null)?.metrics;
  return {
    dataQualityAssertions: assertions.length === 0 ? null : facet('DataQualityAssertionsDatasetFacet', { assertions }),
    dataQualityMetrics:
      measured.length === 0
        ? null
        : facet('DataQualityMetricsDatasetFacet', {
            ...(whole && wholeOf(whole)),
            columnMetrics: Object.fromEntries(columns),
          }),
  };
}

function assertionOf(result: AssertionResult): object {
  const { assertion, success, field, severity, name, description, expected, observed } = result;
  return withoutNothing({
    ...{ assertion, success, column: field, severity: severity?.toLowerCase() ?? null },
    ...{ name, description, expected, actual: observed },
  });
}

const wholeOf = ({ rowCount, bytes, fileCount, lastUpdated }: Metrics): object =>
  withoutNothing({
    ...{ rowCount: exact(rowCount), bytes: exact(bytes), fileCount: exact(fileCount) },
    lastUpdated: lastUpdated?.toISOString() ?? null,
  });

const columnOf = ({ nullCount, distinctCount, count, sum, min, max, quantiles }: Metrics): object =>
  withoutNothing({
    ...{ nullCount: exact(nullCount), distinctCount: exact(distinctCount), count: exact(count), sum, min, max },
    quantiles:
      quantiles.length === 0 ? null : Object.fromEntries(quantiles.map(({ quantile, value }) => [quantile, value])),
  });

/** What a number of JSON holds exactly; else nothing is said. */
const exact = (count: bigint | null): number | null =>
  count === null || count > BigInt(Number.MAX_SAFE_INTEGER) ? null : Number(count);
