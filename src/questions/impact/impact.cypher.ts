import { visibleTo } from '../../auth/rights.cypher.js';
import { each, nearest, ownersThen, resolved, START } from '../../lineage/trace/lineage.cypher.js';
import { shownAsset } from '../../lineage/trace/asset-snapshot.cypher.js';
import { type TraceShape, walk } from '../../lineage/trace/trace.cypher.js';

const ROOTS = `CALL () {
    ${resolved('$refs')}
    RETURN collect(DISTINCT a) AS roots, collect(wanted.ref) AS found
  }`;

/** What serves on the deployment `b`; as of a clock, also what ended since, and not what ended before and was known to. */
const liveOn = ({ past }: TraceShape): string =>
  past
    ? `MATCH (r:Release)-[:RELEASE_OF]->(b)
      WHERE $wants.live AND x.visible AND r.from <= $asOf AND r.from <= $knownAt
        AND (r.until IS NULL OR r.until > $asOf OR r.until > $knownAt)
      RETURN properties(r) ORDER BY r.id DESC LIMIT 1`
    : `MATCH (r:Release {liveOf: b.id}) WHERE $wants.live AND x.visible
      RETURN properties(r)`;

/**
 * What is downstream of the roots: a page by distance and urn, hidden ones after the visible ones of their distance. Walks,
 * filters and pages are those of lineage (lineage.cypher.ts).
 */
export const IMPACT = (shape: TraceShape): string => `// lineage.impact
  ${ROOTS}
  ${nearest(shape)}
  WITH *, ${START} AS start
  CALL (reached, start) {
    UNWIND reached[start..start + $first] AS x
    WITH x, x.node AS b
    RETURN collect({id: b.id, depth: x.depth, visible: x.visible, name: x.name,
      asset: CASE WHEN x.visible THEN ${shownAsset('b', shape.past)} END,
      live: head(COLLECT {
      ${liveOn(shape)}
      })}) AS nodes
  }
RETURN found, nodes, start, size(reached) AS taken`;

/** How many there are of each kind, hidden, and one hop beyond the depth. */
export const IMPACT_COUNTS = (shape: TraceShape): string => `// lineage.impactCounts
  ${ROOTS}
  CALL (roots) {
    ${walk(shape, 'true', 1, '\n      RETURN b, depth')}
    ${each(shape)}
    RETURN CASE WHEN depth > $depth THEN 'BEYOND' WHEN ${visibleTo('b')} THEN b.kind ELSE 'HIDDEN' END AS what
  }
WITH what, count(*) AS total ORDER BY what
RETURN collect({what: what, total: total}) AS counts`;

/** Who owns the visible assets downstream of the roots, the owners of most first. */
export const IMPACT_OWNERS = (shape: TraceShape): string => `// lineage.impactOwners
  ${ROOTS}
  CALL (roots) {
    ${walk(shape, 'true', 0, '\n      RETURN b, depth')}
    ${each(shape)}
    WITH b WHERE ${visibleTo('b')}
    ${ownersThen(shape.past)}
    WITH owner, count(*) AS total ORDER BY total DESC, owner
    RETURN collect({owner: owner, total: total}) AS owners
  }
  WITH owners, [o IN owners WHERE $after IS NULL OR o.total < $after.assets
    OR (o.total = $after.assets AND o.owner > $after.owner)] AS rest
RETURN size(owners) AS total, rest[0..$first] AS owners, size(rest) > $first AS hasNext`;
