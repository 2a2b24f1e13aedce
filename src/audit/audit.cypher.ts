import { paged } from '../graphql/page.js';

/** One sees what one did oneself and what concerns assets one owns; administrators and auditors see all. */
const CONCERNS_VIEWER = `($viewer.readsAll OR e.actorId IN $viewer.ids
  OR EXISTS { MATCH (e)-[:CONCERNS]->(:Asset)<-[:OWNS]-(owner:Principal) WHERE owner.id IN $viewer.ids })`;

const MATCHES = `($actorId IS NULL OR e.actorId = $actorId)
  AND ($targetId IS NULL OR e.targetId = $targetId)
  AND ($actions IS NULL OR e.action IN $actions)
  AND ($outcome IS NULL OR e.outcome = $outcome)
  AND ($from IS NULL OR e.at >= $from) AND ($until IS NULL OR e.at < $until)`;

export const LIST_AUDIT = paged(
  'e',
  'DESC',
  (window, tail) => `// audit.list
MATCH (e:AuditEntry) WHERE ${window} AND ${MATCHES} AND ${CONCERNS_VIEWER}
WITH e ${tail}
RETURN properties(e) AS entry`,
);

export const COUNT_AUDIT = `// audit.count
MATCH (e:AuditEntry) WHERE e.id > '' AND e.id < $viewer.ceiling AND ${MATCHES} AND ${CONCERNS_VIEWER}
RETURN count(e) AS total`;

/** The same, for what concerns each of several assets. */
export const AUDIT_OF = paged(
  'e',
  'DESC',
  (window, tail) => `// audit.of
UNWIND $ids AS id
CALL (id) {
  MATCH (e:AuditEntry)-[:CONCERNS]->(:Asset {id: id}) WHERE ${window} AND ${CONCERNS_VIEWER}
  WITH e ${tail}
  RETURN collect(properties(e)) AS entries
}
RETURN id, entries`,
);

export const COUNT_AUDIT_OF = `// audit.countOf
UNWIND $ids AS id
RETURN id, COUNT { MATCH (e:AuditEntry)-[:CONCERNS]->(:Asset {id: id}) WHERE e.id < $viewer.ceiling AND ${CONCERNS_VIEWER} } AS total`;

export const AUDIT_BY_ID = `// audit.byId
UNWIND $ids AS id
MATCH (e:AuditEntry {id: id}) WHERE e.id < $viewer.ceiling AND ${CONCERNS_VIEWER}
RETURN properties(e) AS entry`;

/** What happened to assets after a place in the log, for the subscription: oldest first. */
export const AUDIT_AFTER = `// audit.after
MATCH (e:AuditEntry) WHERE e.id > $after AND e.id < $before AND size(e.assetIds) > 0 AND e.outcome = 'DONE'
RETURN properties(e) AS entry ORDER BY e.id LIMIT $limit`;
