import { rightsOn, visibleTo } from '../../auth/rights.cypher.js';

/** The relationship a claim is; chosen in code, never by a request. Each kind of flow has its own (claim.ts, FlowKind). */
export type ClaimRelationship = 'FEEDS' | 'FEEDS_FIELD';

/** Claims as now known on each flow. Both ends are bound first, so that a hub's thousand neighbours are not walked. */
export const PRESENT_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.presentClaims
UNWIND $flows AS flow
MATCH (a:Node {id: flow.source}), (b:Node {id: flow.target})
CALL (a, b, flow) {
  MATCH (a)-[c:${relationship} {source: flow.claimSource}]->(b)
  WHERE c.retractedAt IS NULL AND all(fact IN $facts WHERE c[fact] = flow.facts[fact])
  RETURN c
}
RETURN flow.key AS key, properties(c) AS claim`;

/** Nothing is deleted: what is believed no longer is known until now. */
export const RETIRE_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.retireClaims
UNWIND $claims AS claim
MATCH (a:Node {id: claim.source}), (b:Node {id: claim.target})
CALL (a, b, claim) {
  MATCH (a)-[c:${relationship} {id: claim.id}]->(b)
  SET c.retractedAt = $now
}`;

export const ADD_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.addClaims
UNWIND $claims AS claim
MATCH (a:Node {id: claim.source}), (b:Node {id: claim.target})
CREATE (a)-[c:${relationship}]->(b)
SET c = claim.facts, c += claim.record`;

/** Both ends of each flow, with what the viewer may do with them. An end that is missing or hidden gives no row. */
export const FLOW_ENDS = `// lineage.flowEnds
UNWIND $refs AS wanted
MATCH (:Alias {key: wanted.key})-[:NAMES]->(a:Asset) WHERE ${visibleTo('a')}
RETURN wanted.ref AS ref, a.id AS id, a.urn AS urn, a.kind AS kind, ${rightsOn('a')} AS rights`;
