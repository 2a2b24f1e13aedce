import { MOST_HOPS } from '../labels/facts.js';
import { sought } from '../../neo4j/sought.js';

const WATCH = `MATCH (w:PolicyWatch) ${sought('w:PolicyWatch', 'key', "'policies'")}`;

/** How far the log was looked through, what waits, and what could be violated. */
export const LOOK = `// violations.look
${WATCH}
RETURN properties(w) AS watch, EXISTS { MATCH (c:PolicyCheck) WHERE c.dueAt <= $now AND c.id > '' } AS isDue,
  EXISTS { MATCH (v:Violation) WHERE v.openOn > '' AND v.policy >= '' } AS isOpen,
  EXISTS { MATCH (b:BreakGlass) WHERE b.expiresAt <= $now } AS isExpired`;

/** One server at a time. What is read after the lock is what is there now. */
export const LEASE_WATCH = `// violations.lease
${WATCH}
SET w.lockedAt = $now
REMOVE w.lockedAt
WITH w, properties(w) AS locked
WHERE locked.leaseOwner IS NULL OR locked.leaseOwner = $worker OR locked.leasedUntil <= $now
SET w.leaseOwner = $worker, w.leasedUntil = $until
RETURN properties(w) AS watch`;

/** Within a write: nothing is written by who has the lease no longer. */
export const HOLD_WATCH = `// violations.hold
${WATCH}
SET w.lockedAt = $now
REMOVE w.lockedAt
WITH properties(w) AS locked WHERE locked.leaseOwner = $worker
RETURN locked AS watch`;

export const KEEP_WATCH = `// violations.keepWatch
${WATCH}
SET w += $changes`;

export const RELEASE_WATCH = `// violations.releaseWatch
${WATCH}
SET w.lockedAt = $now
REMOVE w.lockedAt
WITH w, properties(w) AS locked WHERE locked.leaseOwner = $worker
REMOVE w.leaseOwner, w.leasedUntil`;

/** Whether somebody who may own something was changed, of whom no asset tells. */
export const PEOPLE_CHANGED = `// violations.peopleChanged
MATCH (e:AuditEntry) WHERE e.seq > $after AND e.seq <= $through AND e.action IN $actions
RETURN count(e) AS total`;

/** How much of versions and runs is there to begin a walk at. */
export const ROOTS_OF = `// violations.rootsOf
MATCH (a:Asset) WHERE a.id IN $ids
RETURN coalesce(sum(COUNT { (a)<-[:VERSION_OF|RUN_OF]-() }), 0) AS roots`;

/** The deployments among them, and those on which something serves that came of them: one walk down the line from all. */
export const AFFECTED_BY = `// violations.affectedBy
CALL () {
  MATCH (a:Asset)<-[:VERSION_OF|RUN_OF]-(root) WHERE a.id IN $ids
  RETURN collect(DISTINCT root) AS roots
}
CALL (roots) {
  UNWIND roots AS root
  MATCH p = (root)-[:USED_BY|GENERATED*1..${MOST_HOPS}]->(x)
  WITH x, min(length(p)) AS depth
  RETURN x
  UNION
  UNWIND roots AS x
  RETURN x
}
MATCH (x)-[:RELEASED_AS]->(r:Release) WHERE r.liveOf IS NOT NULL
RETURN DISTINCT r.liveOf AS id
UNION
MATCH (d:Deployment&Asset) WHERE d.id IN $ids
RETURN d.id AS id`;

/** All on which something serves, or is violated. */
export const ALL_WATCHED = `// violations.allWatched
MATCH (r:Release) WHERE r.liveOf > ''
RETURN r.liveOf AS id
UNION
MATCH (v:Violation) WHERE v.openOn > '' AND v.policy >= ''
RETURN v.openOn AS id`;

/** One that waits already waits once. */
export const ENQUEUE = `// violations.enqueue
UNWIND $checks AS check
CALL (check) {
  WITH check WHERE NOT EXISTS { MATCH (c:PolicyCheck) WHERE c.deploymentId = check.deploymentId }
  CREATE (c:PolicyCheck)
  SET c = check
}`;

export const DUE_CHECKS = `// violations.due
MATCH (c:PolicyCheck) WHERE c.dueAt <= $now AND c.id > ''
WITH c ORDER BY c.dueAt, c.id LIMIT $limit
RETURN c.id AS id, c.deploymentId AS deploymentId`;

export const END_CHECKS = `// violations.endChecks
UNWIND $ids AS id
MATCH (c:PolicyCheck) ${sought('c:PolicyCheck', 'id', 'id')}
DELETE c`;

/** What could not be decided waits for a while. */
export const POSTPONE_CHECKS = `// violations.postponeChecks
UNWIND $ids AS id
MATCH (c:PolicyCheck) ${sought('c:PolicyCheck', 'id', 'id')}
SET c.dueAt = $dueAt`;

export const OPEN_ON = `// violations.openOn
UNWIND $ids AS id
MATCH (v:Violation) WHERE v.openOn = id AND v.policy >= ''
RETURN properties(v) AS violation`;

export const OPEN_VIOLATION = `// violations.open
CREATE (v:Node:Violation)
SET v = $violation, v.openOn = $violation.deploymentId`;

export const CLOSE_VIOLATION = `// violations.close
MATCH (v:Violation) ${sought('v:Violation', 'id', '$id')}
SET v.closedAt = $now, v.closing = $closing
REMOVE v.openOn`;

/** How much waits, since when, and how much is open. */
export const MEASURE = `// violations.measure
CALL () {
  MATCH (c:PolicyCheck) WHERE c.dueAt <= $now AND c.id > ''
  RETURN count(c) AS waiting, min(c.since) AS oldest
}
RETURN waiting, oldest, COUNT { MATCH (v:Violation) WHERE v.openOn > '' AND v.policy >= '' } AS open`;
