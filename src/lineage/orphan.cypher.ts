import { visibleTo } from '../auth/rights.cypher.js';
import { liveClaim } from './trace.cypher.js';

const FED = `EXISTS { MATCH (a)<-[claim:FEEDS]-(:Asset) WHERE ${liveClaim('claim')} }`;
const FEEDING = `EXISTS { MATCH (a)-[claim:FEEDS]->(:Asset) WHERE ${liveClaim('claim')} }`;

/** Why the asset counts as an orphan; null: it does not. */
const REASON = `CASE
    WHEN a.kind = 'DEPLOYMENT' THEN CASE WHEN NOT ${FED} THEN 'SERVES_NOTHING' END
    WHEN NOT ${FED} THEN CASE WHEN a.kind = 'MODEL' AND ${FEEDING} THEN 'NOT_PRODUCED' WHEN NOT ${FEEDING} THEN 'UNCONNECTED' END
    WHEN a.kind = 'TRANSFORMATION' AND NOT ${FEEDING} THEN 'PRODUCES_NOTHING'
  END`;

const ORPHAN = `(a.retiredAt IS NULL OR a.retiredAt > $asOf) AND ($kinds IS NULL OR a.kind IN $kinds) AND ${visibleTo('a')}
WITH a, ${REASON} AS reason WHERE reason IS NOT NULL`;

/**
 * Reads assets in order of id from the index and stops at a full page, or when it has looked at `$scan` of them: where orphans
 * are rare, a page may be short, and `scannedTo` says where the next one begins. null: there are no more assets.
 */
export const LIST_ORPHANS_OF_LINEAGE = `// lineage.listOrphans
CALL () {
  MATCH (a:Asset) WHERE a.id > $low AND a.id < $viewer.ceiling
  WITH a.id AS id ORDER BY id SKIP $scan - 1 LIMIT 1
  RETURN collect(id)[0] AS scannedTo
}
CALL () {
  MATCH (a:Asset) WHERE a.id > $low AND a.id < $viewer.ceiling
  WITH a ORDER BY a.id LIMIT $scan
  WHERE ${ORPHAN}
  WITH a, reason LIMIT $limit
  RETURN collect({asset: properties(a), reason: reason}) AS orphans
}
RETURN scannedTo, orphans`;

/** Reads every asset: bounded by the time limit of a statement alone, and run only when the count is selected. */
export const COUNT_ORPHANS_OF_LINEAGE = `// lineage.countOrphans
MATCH (a:Asset) WHERE a.id > '' AND a.id < $viewer.ceiling AND ${ORPHAN}
RETURN count(a) AS total`;
