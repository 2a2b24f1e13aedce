import { visibleTo } from '../../auth/rights.cypher.js';
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
}`;

/** A decision is seen by whoever sees what was decided about; what is gone, by who sees all. */
const SEEN = `($viewer.seesAll OR EXISTS { MATCH (a:Asset {id: d.resourceId}) WHERE ${visibleTo('a')} })`;
/** Which of the assets that it names the viewer sees: the others are told as hidden. */
const TOLD = `properties(d) AS decision,
  COLLECT { UNWIND d.namedIds AS named MATCH (x:Asset {id: named}) WHERE ${visibleTo('x')} RETURN x.id } AS seen`;

export const DECISIONS_BY_ID = `// governance.decisionsById
UNWIND $ids AS id
MATCH (d:PolicyDecision {id: id}) WHERE d.id < $viewer.ceiling AND ${SEEN}
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
export const DECISIONS_ON = listed('decisionsOn', ON_ASSET);
export const COUNT_DECISIONS_ON = counted('countDecisionsOn', ON_ASSET);
export const DECISIONS_THAT_ALLOWED = listed('decisionsThatAllowed', THAT_ALLOWED);
export const COUNT_DECISIONS_THAT_ALLOWED = counted('countDecisionsThatAllowed', THAT_ALLOWED);

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

export const APPROVALS_BY_ID = `// governance.approvalsById
UNWIND $ids AS id
MATCH (p:PolicyApproval {id: id}) WHERE p.id < $viewer.ceiling
MATCH (a:Asset {id: p.resourceId}) WHERE ${visibleTo('a')}
RETURN properties(p) AS approval`;
