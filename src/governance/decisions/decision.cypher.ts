import { rightsOn, visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/** Keeps a decision beside what it is about. Nothing writes to it any more. */
export const CREATE_DECISION = `// governance.createDecision
CREATE (d:Node:PolicyDecision)
SET d = $decision
WITH d
CALL (d) {
  UNWIND $assetIds AS id
  MATCH (a:Asset) ${sought('a:Asset', 'id', 'id')}
  CREATE (d)-[:DECIDED_ON]->(a)
}
CALL (d) {
  UNWIND $versionIds AS id
  MATCH (v:Version&Node) ${sought('v:Node', 'id', 'id')}
  CREATE (d)-[:DECIDED_ON]->(v)
}
CALL (d) {
  MATCH (b:BreakGlass) ${sought('b:BreakGlass', 'id', 'd.breakGlassId')}
  CREATE (d)-[:USED]->(b)
}`;

/** A decision is seen by whoever sees what was decided about; what is gone, by who sees all. */
const SEEN = `($viewer.seesAll OR EXISTS { MATCH (a:Asset {id: d.resourceId}) WHERE ${visibleTo('a')} })`;
/** Which of the assets that it names the viewer sees: the others are told as hidden. */
const TOLD = `properties(d) AS decision,
  COLLECT { UNWIND d.namedIds AS named MATCH (x:Asset {id: named}) WHERE ${visibleTo('x')} RETURN x.id } AS seen`;

export const DECISION_SEEN = `MATCH (d:PolicyDecision {id: id}) WHERE d.id < $viewer.ceiling AND ${SEEN}`;
export const DECISIONS_BY_ID = `// governance.decisionsById
UNWIND $ids AS id
${DECISION_SEEN}
RETURN ${TOLD}`;

const listed = (name: string, match: string) =>
  paged(
    'd',
    'DESC',
    (window, tail) => `// governance.${name}
UNWIND $ids AS id
CALL (id) {
  ${match} WHERE ${window} AND ${SEEN}
  WITH d ${tail}
  RETURN collect({decision: properties(d),
    seen: COLLECT { UNWIND d.namedIds AS named MATCH (x:Asset {id: named}) WHERE ${visibleTo('x')} RETURN x.id }}) AS decisions
}
RETURN id, decisions`,
  );
const counted = (name: string, match: string): string => `// governance.${name}
UNWIND $ids AS id
RETURN id, COUNT { ${match} WHERE d.id < $viewer.ceiling AND ${SEEN} } AS total`;

const ON_ASSET = 'MATCH (d:PolicyDecision)-[:DECIDED_ON]->(:Asset {id: id})';
const THAT_ALLOWED = 'MATCH (d:PolicyDecision {allowedId: id})';
const BY_BREAK_GLASS = 'MATCH (d:PolicyDecision)-[:USED]->(:BreakGlass {id: id})';
export const DECISIONS_ON = listed('decisionsOn', ON_ASSET);
export const COUNT_DECISIONS_ON = counted('countDecisionsOn', ON_ASSET);
export const DECISIONS_THAT_ALLOWED = listed('decisionsThatAllowed', THAT_ALLOWED);
export const COUNT_DECISIONS_THAT_ALLOWED = counted('countDecisionsThatAllowed', THAT_ALLOWED);

export const DECISIONS_BY_BREAK_GLASS = listed('decisionsByBreakGlass', BY_BREAK_GLASS);
export const COUNT_DECISIONS_BY_BREAK_GLASS = counted('countDecisionsByBreakGlass', BY_BREAK_GLASS);

export const CREATE_APPROVAL = `// governance.createApproval
CREATE (p:Node:PolicyApproval)
SET p = $approval`;

/** What was asked and granted of one action on one thing, the newest first. */
export const APPROVALS_OF = `// governance.approvalsOf
MATCH (p:PolicyApproval) WHERE p.subject = $subject AND p.id > ''
RETURN properties(p) AS approval ORDER BY p.id DESC LIMIT 200`;

/** Of two who decide, the second sees what the first did. */
export const LOCK_APPROVAL = `// governance.lockApproval
MATCH (p:PolicyApproval) ${sought('p:PolicyApproval', 'id', '$id')}
SET p.lockedAt = $now
REMOVE p.lockedAt
RETURN properties(p) AS approval`;

export const DECIDE_APPROVAL = `// governance.decideApproval
MATCH (p:PolicyApproval) ${sought('p:PolicyApproval', 'id', '$id')}
SET p += $changes
RETURN properties(p) AS approval`;

export const APPROVAL_SEEN = `MATCH (p:PolicyApproval {id: id}) WHERE p.id < $viewer.ceiling
OPTIONAL MATCH (a:Asset {id: p.resourceId})
WITH p, a WHERE $viewer.seesAll OR ${visibleTo('a')}`;
export const APPROVALS_BY_ID = `// governance.approvalsById
UNWIND $ids AS id
${APPROVAL_SEEN}
RETURN properties(p) AS approval, CASE WHEN a IS NULL THEN null ELSE ${rightsOn('a')} END AS rights`;

/** What the viewer asked for, or may answer; who reads everything, all. */
const CONCERNED = `($viewer.readsAll OR (p.requesterId = $viewerId AND EXISTS { MATCH (a:Asset {id: p.resourceId}) WHERE ${visibleTo('a')} })
    OR EXISTS { MATCH (o:Principal)-[:OWNS {role: 'OWNER'}]->(:Asset {id: p.resourceId}) WHERE o.id IN $viewer.ids })`;
/** As it was to an auditor session. */
const STATE_THEN = `CASE WHEN p.decidedAt <= coalesce($viewer.asOf, p.decidedAt) THEN p.state ELSE 'REQUESTED' END`;
const LISTED = `p.id < $viewer.ceiling AND ($states IS NULL OR ${STATE_THEN} IN $states)
    AND ($isOpen IS NULL OR $isOpen = (${STATE_THEN} = 'REQUESTED' AND p.expiresAt > coalesce($viewer.asOf, $now)))
    AND ($askedByMe IS NULL OR $askedByMe = (p.requesterId = coalesce($viewerId, ''))) AND ${CONCERNED}`;

export const LIST_APPROVALS = paged(
  'p',
  'DESC',
  (window, tail) => `// governance.listApprovals
MATCH (p:PolicyApproval) WHERE ${window} AND ${LISTED}
WITH p ${tail}
RETURN p.id AS id`,
);

export const COUNT_APPROVALS = `// governance.countApprovals
MATCH (p:PolicyApproval) WHERE p.id > '' AND ${LISTED}
RETURN count(p) AS total`;

/** What ends is told once, by who did it or by who saw that it cannot be done; then the request is not kept any longer. */
export const TELL_CONTINUATION = `// governance.tellContinuation
MATCH (p:PolicyApproval) ${sought('p:PolicyApproval', 'id', '$id')}
SET p.lockedAt = 1
REMOVE p.lockedAt
WITH p WHERE p.continuation IN ['WAITING', 'DUE']
SET p += $changes
FOREACH (_ IN CASE WHEN $isOver THEN [1] ELSE [] END | REMOVE p.request, p.dueAt)`;

/** What was approved and is to be done by now, what waits longest first. */
export const DUE_APPROVALS = `// governance.dueApprovals
MATCH (p:PolicyApproval) WHERE p.dueAt <= $now
RETURN properties(p) AS approval ORDER BY p.dueAt LIMIT 100`;

/** One of them, however many wait longer. */
export const DUE_APPROVAL = `// governance.dueApproval
MATCH (p:PolicyApproval {id: $id}) WHERE p.dueAt <= $now
RETURN properties(p) AS approval`;

/** Who asked, as they are now; `revoked`: what they asked with was taken from them. */
export const REQUESTER_NOW = `// governance.requesterNow
MATCH (u:Principal {id: $id}) WHERE NOT u:Team AND u.disabledAt IS NULL
RETURN u.name AS name, u.role AS role, COLLECT { MATCH (u)-[:MEMBER_OF]->(t:Team) RETURN t.id } AS teamIds,
  EXISTS { MATCH (t:ApiToken) WHERE t.id = $tokenId AND t.revokedAt IS NOT NULL } AS revoked`;
