import { rightsOn, visibleTo } from '../../auth/rights.cypher.js';

/** The relationship a claim is; chosen in code, never by a request. Each kind of flow has its own (claim.ts, FlowKind). */
export type ClaimRelationship = 'FEEDS' | 'FEEDS_FIELD';

/**
 * The ends on which the claims of a flow lie: those of what was joined into another lie on that one (access/aliases), and keep under
 * which ids they were said.
 */
const ENDS = `WITH *, coalesce(head([(a)-[:JOINED_INTO]->(into) | into]), a) AS from, coalesce(head([(b)-[:JOINED_INTO]->(into) | into]), b) AS to`;

/** Claims as now known on each flow. Both ends are bound first, so that a hub's thousand neighbours are not walked. */
export const PRESENT_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.presentClaims
UNWIND $flows AS flow
MATCH (a:Node {id: flow.source}), (b:Node {id: flow.target})
${ENDS}
CALL (from, to, flow) {
  MATCH (from)-[c:${relationship} {source: flow.claimSource}]->(to)
  WHERE c.retractedAt IS NULL AND coalesce(c.saidSource, from.id) = flow.source AND coalesce(c.saidTarget, to.id) = flow.target
    AND all(fact IN $facts WHERE c[fact] = flow.facts[fact])
  RETURN c
}
RETURN flow.key AS key, properties(c) AS claim`;

/** Nothing is deleted: what is believed no longer is known until now. */
export const RETIRE_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.retireClaims
UNWIND $claims AS claim
MATCH (a:Node {id: claim.source}), (b:Node {id: claim.target})
${ENDS}
CALL (from, to, claim) {
  MATCH (from)-[c:${relationship} {id: claim.id}]->(to)
  SET c.retractedAt = $now
}`;

export const ADD_CLAIMS = (relationship: ClaimRelationship): string => `// lineage.addClaims
UNWIND $claims AS claim
MATCH (a:Node {id: claim.source}), (b:Node {id: claim.target})
${ENDS}
CREATE (from)-[c:${relationship}]->(to)
SET c = claim.facts, c += claim.record, c.saidSource = CASE WHEN from <> a THEN a.id END, c.saidTarget = CASE WHEN to <> b THEN b.id END`;

/** Both ends of each flow, with what the viewer may do with them, and under which id they are named. An end that is missing or hidden gives no row. */
export const FLOW_ENDS = `// lineage.flowEnds
UNWIND $refs AS wanted
MATCH (name:Alias {key: wanted.key})-[:NAMES]->(a:Asset) WHERE ${visibleTo('a')}
RETURN wanted.ref AS ref, a.id AS id, coalesce(name.joined, a.id) AS said, a.urn AS urn, a.kind AS kind, ${rightsOn('a')} AS rights`;
