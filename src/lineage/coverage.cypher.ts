import { visibleTo } from '../auth/rights.cypher.js';
import { liveClaim } from './trace.cypher.js';

/** What processes data and is visible: each flow has exactly one such end. */
const processing = (namespaces: 'all' | 'some'): string => `CALL () {
  ${
    namespaces === 'all'
      ? "MATCH (a:Asset) WHERE a.id > '' AND a.id < $viewer.ceiling"
      : 'UNWIND $namespaces AS name\n  MATCH (a:Asset {namespace: name}) WHERE a.id < $viewer.ceiling'
  }
  WITH a WHERE a.kind IN ['TRANSFORMATION', 'DEPLOYMENT'] AND ${visibleTo('a')}
  RETURN collect(DISTINCT a) AS processing
}`;

/** Seen by a run or by Weftline itself, and not only said. */
const OBSERVED = `(claim.runId IS NOT NULL OR claim.source STARTS WITH 'weftline/')`;

/**
 * How much of what happened is known: counts over whole namespaces, so it reads them whole, bounded by the time limit. A flow
 * with a hidden end is counted as hidden, and the names of those who state it are not told.
 */
export const COVERAGE = (namespaces: 'all' | 'some'): string => `// lineage.coverage
${processing(namespaces)}
CALL (processing) {
  UNWIND processing AS a
  MATCH (r:Run)-[:RUN_OF]->(a)
  WHERE r.id < $viewer.ceiling AND r.state = 'SUCCEEDED' AND r.endedAt <= $asOf
    AND ($since IS NULL OR coalesce(r.startedAt, r.createdAt) >= $since)
  WITH EXISTS { (:Version)-[:USED_BY]->(r) } AS reads, EXISTS { (r)-[:GENERATED]->(:Version) } AS makes
  RETURN count(*) AS runs, count(CASE WHEN reads THEN 1 END) AS withInputs, count(CASE WHEN makes THEN 1 END) AS withOutputs,
         count(CASE WHEN reads AND makes THEN 1 END) AS withBoth
}
CALL (processing) {
  UNWIND processing AS a
  MATCH (a)-[claim:FEEDS]-(other:Asset) WHERE ${liveClaim('claim')}
  WITH a, other, startNode(claim) = a AS outward, max(CASE WHEN ${OBSERVED} THEN 1 ELSE 0 END) AS observed,
       max(CASE WHEN ${OBSERVED} THEN 0 ELSE 1 END) AS declared
  WITH observed, declared, ${visibleTo('other')} AS visible
  RETURN count(CASE WHEN visible AND observed = 1 AND declared = 0 THEN 1 END) AS observedOnly,
         count(CASE WHEN visible AND observed = 0 THEN 1 END) AS declaredOnly,
         count(CASE WHEN visible AND observed = 1 AND declared = 1 THEN 1 END) AS observedAndDeclared,
         count(CASE WHEN NOT visible THEN 1 END) AS hiddenFlows
}
CALL (processing) {
  UNWIND processing AS a
  MATCH (a)-[claim:FEEDS]-(other:Asset) WHERE claim.recordedAt <= $knownAt AND ${visibleTo('other')}
  WITH claim.source AS source, max(claim.recordedAt) AS last, count(CASE WHEN ${liveClaim('claim')} THEN 1 END) AS claims
  ORDER BY last, source
  RETURN collect({source: source, last: last, claims: claims}) AS sources
}
RETURN runs, withInputs, withOutputs, withBoth, observedOnly, declaredOnly, observedAndDeclared, hiddenFlows,
       sources[0..$sourcesShown] AS sources, size(sources) AS sourceCount`;
