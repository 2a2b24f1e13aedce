import { visibleTo } from '../../auth/rights.cypher.js';
import { liveClaim } from '../../lineage/trace/trace.cypher.js';

/** Which namespaces a question is about: all that the viewer sees, or `$namespaces`. */
export type Namespaces = 'all' | 'some';

/** Rows `a`: what processes data and is visible. Each flow has exactly one such end. */
const processing = (namespaces: Namespaces): string => `${
  namespaces === 'all'
    ? "MATCH (a:Asset) WHERE a.id > '' AND a.id < $viewer.ceiling"
    : 'UNWIND $namespaces AS name\nMATCH (a:Asset {namespace: name}) WHERE a.id < $viewer.ceiling'
}
WITH a WHERE a.kind IN ['TRANSFORMATION', 'DEPLOYMENT'] AND ${visibleTo('a')}`;

/** Seen by a run or by Weftline itself, and not only said. */
const OBSERVED = `(claim.runId IS NOT NULL OR claim.source STARTS WITH 'weftline/')`;

/**
 * How much of what happened is known: counts over whole namespaces, each only when `$wants` it, so it reads them whole,
 * bounded by the time limit. A flow with a hidden end is counted as hidden.
 */
export const COVERAGE = (namespaces: Namespaces): string => `// lineage.coverage
${processing(namespaces)}
CALL (a) {
  WITH a WHERE $wants.runs
  MATCH (r:Run)-[:RUN_OF]->(a)
  WHERE r.id < $viewer.ceiling AND r.state = 'SUCCEEDED' AND r.endedAt <= $asOf
    AND ($since IS NULL OR coalesce(r.startedAt, r.createdAt) >= $since)
  WITH EXISTS { (:Version)-[:USED_BY]->(r) } AS reads, EXISTS { (r)-[:GENERATED]->(:Version) } AS makes
  RETURN count(*) AS runs, count(CASE WHEN reads THEN 1 END) AS withInputs, count(CASE WHEN makes THEN 1 END) AS withOutputs,
         count(CASE WHEN reads AND makes THEN 1 END) AS withBoth
}
CALL (a) {
  WITH a WHERE $wants.flows
  MATCH (a)-[claim:FEEDS]-(other:Asset) WHERE ${liveClaim('claim')}
  WITH other, startNode(claim) = a AS outward, max(CASE WHEN ${OBSERVED} THEN 1 ELSE 0 END) AS observed,
       max(CASE WHEN ${OBSERVED} THEN 0 ELSE 1 END) AS declared
  WITH observed, declared, ${visibleTo('other')} AS visible
  RETURN count(CASE WHEN visible AND observed = 1 AND declared = 0 THEN 1 END) AS observedOnly,
         count(CASE WHEN visible AND observed = 0 THEN 1 END) AS declaredOnly,
         count(CASE WHEN visible AND observed = 1 AND declared = 1 THEN 1 END) AS observedAndDeclared,
         count(CASE WHEN NOT visible THEN 1 END) AS hiddenFlows
}
RETURN sum(runs) AS runs, sum(withInputs) AS withInputs, sum(withOutputs) AS withOutputs, sum(withBoth) AS withBoth,
       sum(observedOnly) AS observedOnly, sum(declaredOnly) AS declaredOnly,
       sum(observedAndDeclared) AS observedAndDeclared, sum(hiddenFlows) AS hiddenFlows`;

/** What the stream said last of flows the viewer may see, saying the same again and reports that name no flow included. */
const STATED = `MATCH (s:ClaimStream) WHERE s.key STARTS WITH 'FEEDS ' + a.id + ' '
  MATCH (f:ClaimedFlow {streamId: s.id})
  MATCH (other:Asset {id: CASE f.sourceId WHEN a.id THEN f.targetId ELSE f.sourceId END}) WHERE ${visibleTo('other')}
  CALL (f) {
    MATCH (:LineageReport)-[st:STATES]->(f) WHERE st.recordedAt <= $knownAt
    RETURN max(st.recordedAt) AS statedAt
  }
  WITH s, max(statedAt) AS stated
  WHERE stated IS NOT NULL
  WITH s, stated, COLLECT {
    MATCH (c:CompleteReport) WHERE c.streamId = s.id AND c.validFrom IS NOT NULL AND c.recordedAt <= $knownAt RETURN max(c.recordedAt)
  }[0] AS complete
  RETURN s.source AS source, CASE WHEN complete > stated THEN complete ELSE stated END AS at, 0 AS live`;

/**
 * In whose name flows are stated, the longest silent first. Claims are read too: of graphs that were loaded there are no
 * statements. Who states nothing but flows with a hidden end is not named.
 */
export const COVERAGE_SOURCES = (namespaces: Namespaces): string => `// lineage.coverageSources
CALL () {
${processing(namespaces)}
CALL (a) {
  MATCH (a)-[claim:FEEDS]-(other:Asset) WHERE claim.recordedAt <= $knownAt AND ${visibleTo('other')}
  RETURN claim.source AS source, claim.recordedAt AS at, CASE WHEN ${liveClaim('claim')} THEN 1 ELSE 0 END AS live
  UNION ALL
  ${STATED}
}
WITH source, max(at) AS last, sum(live) AS claims
WITH source, last, claims, claims > 0 AND last < $staleBefore AS stale
WHERE stale OR NOT $staleOnly
ORDER BY last, source
RETURN collect({source: source, last: last, claims: claims, stale: stale}) AS sources
}
WITH sources, [s IN sources WHERE $after IS NULL OR s.last > $after.last OR (s.last = $after.last AND s.source > $after.source)] AS rest
RETURN size(sources) AS total, rest[0..$first] AS sources, size(rest) > $first AS hasNext`;
