/**
 * Which facets of producers everybody may read who sees what they are of. They tell of the thing itself. All others may hold code,
 * settings, passwords in addresses, or names of what is hidden from who asks, and nobody knows what one holds that is not known here:
 * those are for who may EDIT.
 */
export const OPEN_FACETS: ReadonlySet<string> = new Set([
  ...['documentation', 'ownership', 'tags', 'jobType', 'datasetType', 'storage', 'version', 'hierarchy'],
  ...['dataQualityMetrics', 'dataQualityAssertions', 'nominalTime', 'processing_engine', 'externalQuery'],
]);

/** What stands in place of those that are not for who asks. */
export const WITHHELD_FACET =
  'Withheld: this facet can hold code, settings or names of what is hidden; it is for who may EDIT what it was said of.';

/** The facets of a run that events told of, as everybody reads them who sees it. */
export function openFacets(facets: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(facets).map(([name, body]) => [name, OPEN_FACETS.has(name) ? body : { $withheld: WITHHELD_FACET }]),
  );
}
