import { rightsOn, visibleTo } from '../auth/rights.cypher.js';

/**
 * Adds a claim for each flow the source does not already state: saying the same again changes nothing. The node the
 * flow starts from is locked, so two who say it at the same time leave one claim.
 */
export const CLAIM_FLOWS = `// lineage.claimFlows
UNWIND $flows AS flow
MATCH (s:Asset {id: flow.source})
SET s.lockedAt = $now
REMOVE s.lockedAt
WITH s, flow
MATCH (t:Asset {id: flow.target})
CALL (s, t, flow) {
  WITH s, t, flow
  WHERE NOT EXISTS {
    MATCH (s)-[open:FEEDS {source: $claimSource}]->(t) WHERE open.validUntil IS NULL AND open.retractedAt IS NULL
  }
  CREATE (s)-[made:FEEDS {
    id: flow.id, source: $claimSource, runId: $runId, byId: $byId,
    validFrom: $validFrom, validUntil: $validUntil, recordedAt: $now
  }]->(t)
  RETURN count(made) AS made
}
WITH s, t
MATCH (s)-[claim:FEEDS {source: $claimSource}]->(t) WHERE claim.retractedAt IS NULL
WITH s, t, claim ORDER BY claim.recordedAt DESC
RETURN s.id AS source, t.id AS target, collect(properties(claim)) AS claims`;

/** Takes back what the source states of the flows. Nothing is deleted: the claim is known until now. */
export const RETRACT_FLOWS = `// lineage.retractFlows
UNWIND $flows AS flow
MATCH (s:Asset {id: flow.source})-[claim:FEEDS {source: $claimSource}]->(:Asset {id: flow.target})
WHERE claim.retractedAt IS NULL
SET claim.retractedAt = $now
RETURN count(claim) AS retracted`;

/** Ends what the source states of the flows: true until now, no longer. */
export const END_FLOWS = `// lineage.endFlows
UNWIND $flows AS flow
MATCH (s:Asset {id: flow.source})-[claim:FEEDS {source: $claimSource}]->(:Asset {id: flow.target})
WHERE claim.retractedAt IS NULL AND claim.validUntil IS NULL
SET claim.validUntil = $now
RETURN count(claim) AS ended`;

/** Both ends of each flow, with what the viewer may do with them. An end that is missing or hidden gives no row. */
export const FLOW_ENDS = `// lineage.flowEnds
UNWIND $refs AS wanted
CALL (wanted) {
  MATCH (a:Asset {id: wanted.ref}) RETURN a
  UNION
  MATCH (:Alias {key: wanted.key})-[:NAMES]->(a:Asset) RETURN a
}
WITH wanted, a WHERE ${visibleTo('a')}
RETURN wanted.ref AS ref, a.id AS id, a.urn AS urn, a.kind AS kind, ${rightsOn('a')} AS rights`;
