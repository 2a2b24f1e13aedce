import { visibleTo } from '../../auth/rights.cypher.js';
import { revisionAt } from '../../lineage/trace/asset-snapshot.cypher.js';
import { liveClaim } from '../../lineage/trace/trace.cypher.js';

/** What a statement that looks for orphans is made for. */
export interface OrphanShape {
  /** Within `$namespaces` alone. */
  within: boolean;
  /** As of clocks that were asked for, not now. */
  past: boolean;
}

/** What the viewer may see alone: else how far a page reaches, and how short it is, would tell of what is hidden. */
const candidates = ({ within }: OrphanShape): string =>
  `MATCH (a:Asset) ${within ? 'USING INDEX a:Asset(namespace) WHERE a.namespace IN $namespaces AND' : 'WHERE'} a.id > $low AND a.id < $viewer.ceiling
  AND ($kinds IS NULL OR a.kind IN $kinds) AND ${visibleTo('a')}`;

/** Whether anything feeds the asset, and whether it feeds anything; what is hidden counts, and is not told. */
const FED = `EXISTS { MATCH (a)<-[claim:FEEDS]-(:Asset) WHERE ${liveClaim('claim')} }`;
const FEEDING = `EXISTS { MATCH (a)-[claim:FEEDS]->(:Asset) WHERE ${liveClaim('claim')} }`;

/** What its kind must have, or the side that was asked about. */
const LACKS = `CASE $lacking
    WHEN 'UPSTREAM' THEN NOT fed
    WHEN 'DOWNSTREAM' THEN NOT feeding
    WHEN 'BOTH' THEN NOT fed AND NOT feeding
    ELSE CASE a.kind
      WHEN 'DATASET' THEN NOT fed AND NOT feeding
      WHEN 'TRANSFORMATION' THEN NOT feeding
      ELSE NOT fed END
  END`;

/** Rows `state`, `reason`: assets that were there and not retired, as they were, and what they lack. */
const orphans = ({ past }: OrphanShape): string => `WITH a, ${past ? revisionAt('a') : 'a'} AS state
  WHERE ${past ? 'state.from <= $shownAt AND ' : ''}state.retiredAt IS NULL
  WITH a, state, ${FED} AS fed, ${FEEDING} AS feeding
  WITH a, state, fed, feeding WHERE ${LACKS}
  WITH a, state, CASE WHEN fed THEN 'NO_DOWNSTREAM' WHEN feeding THEN 'NO_UPSTREAM' ELSE 'UNCONNECTED' END AS reason`;

/**
 * Reads the assets that the viewer may see in order of id, and stops at a full page or when it has looked at `$scan` of them:
 * where orphans are rare, a page may be short, and `scannedTo` says where the next one begins. null: there are no more.
 */
export const LIST_ORPHANS_OF_LINEAGE = (shape: OrphanShape): string => `// lineage.listOrphans
CALL () {
  ${candidates(shape)}
  WITH a.id AS id ORDER BY id SKIP $scan - 1 LIMIT 1
  RETURN collect(id)[0] AS scannedTo
}
CALL () {
  ${candidates(shape)}
  WITH a ORDER BY a.id LIMIT $scan
  ${orphans(shape)}
  WITH a, state, reason LIMIT $limit
  RETURN collect({id: a.id, asset: properties(state), reason: reason}) AS orphans
}
RETURN scannedTo, orphans`;

/** Reads every asset: bounded by the time limit of a statement alone, and run only when the count is selected. */
export const COUNT_ORPHANS_OF_LINEAGE = (shape: OrphanShape): string => `// lineage.countOrphans
${candidates(shape)}
${orphans(shape)}
RETURN count(a) AS total`;
