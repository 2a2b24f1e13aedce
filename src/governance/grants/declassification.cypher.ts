import { visibleTo } from '../../auth/rights.cypher.js';
import { paged } from '../../graphql/page.js';
import { sought } from '../../neo4j/sought.js';

/** The caller holds the lock of the transformation. */
export const CREATE_GRANT = `// governance.createGrant
MATCH (t:Asset) ${sought('t:Asset', 'id', '$transformationId')}
CREATE (g:Node:DeclassificationGrant)-[:LOWERS]->(t)
SET g = $grant, g.codeRef = coalesce(t.codeRef, ''), g.assetRevision = t.revision`;

/** Other code than a grant is for makes it void, for good: also when the former code comes back, for nobody approved that. */
const VOIDED = `COLLECT { MATCH (r:AssetRevision)-[:REVISION_OF]->(t)
    WHERE r.revision > g.assetRevision AND coalesce(r.codeRef, '') <> g.codeRef RETURN r.from ORDER BY r.from LIMIT 1 }[0]`;
const TOLD = `properties(g) AS grant, t.id AS transformationId, ${VOIDED} AS voidedAt`;

/** Which transformation it is of; no row when the viewer may not know of that. */
export const GRANT_PLACE = `// governance.grantPlace
MATCH (g:DeclassificationGrant)-[:LOWERS]->(t:Asset) ${sought('g:DeclassificationGrant', 'id', '$id')} AND ${visibleTo('t')}
RETURN t.id AS transformationId`;

/** Of two who have a word on it, the second sees what the first said. */
export const LOCK_GRANT = `// governance.lockGrant
MATCH (g:DeclassificationGrant)-[:LOWERS]->(t:Asset) ${sought('g:DeclassificationGrant', 'id', '$id')}
SET g.lockedAt = $now
REMOVE g.lockedAt
WITH g, t
RETURN ${TOLD}`;

/** `Declassifies` stays for ever: by it a walk knows where to look. */
export const CHANGE_GRANT = `// governance.changeGrant
MATCH (g:DeclassificationGrant)-[:LOWERS]->(t:Asset) ${sought('g:DeclassificationGrant', 'id', '$id')}
SET g += $changes, t:Declassifies
RETURN g.id AS id`;

export const COUNT_GRANTS_OF = `// governance.countGrantsOf
MATCH (t:Asset {id: $id})
RETURN COUNT { (:DeclassificationGrant)-[:LOWERS]->(t) } AS total`;

/** Who registered or changed the transformation: of the code, nobody here knows more. */
export const CODE_AUTHORS = `// governance.codeAuthors
MATCH (e:AuditEntry) WHERE e.targetId = $id AND e.action IN ['transformation:register', 'asset:update'] AND e.outcome = 'DONE'
RETURN collect(DISTINCT e.actorId) AS authors`;

export const GRANT_SEEN = `MATCH (g:DeclassificationGrant {id: id})-[:LOWERS]->(t:Asset) WHERE g.id < $viewer.ceiling AND ${visibleTo('t')}`;
export const GRANTS_BY_ID = `// governance.grantsById
UNWIND $ids AS id
${GRANT_SEEN}
RETURN ${TOLD}`;

const ON_TRANSFORMATION = 'MATCH (g:DeclassificationGrant)-[:LOWERS]->(t:Asset {id: id})';

export const GRANTS_OF = paged(
  'g',
  'DESC',
  (window, tail) => `// governance.grantsOf
UNWIND $ids AS id
CALL (id) {
  ${ON_TRANSFORMATION} WHERE ${window} AND ${visibleTo('t')}
  WITH g, t ${tail}
  RETURN collect({grant: properties(g), transformationId: t.id, voidedAt: ${VOIDED}}) AS grants
}
RETURN id, grants`,
);

export const COUNT_GRANTS = `// governance.countGrants
UNWIND $ids AS id
RETURN id, COUNT { ${ON_TRANSFORMATION} WHERE g.id < $viewer.ceiling AND ${visibleTo('t')} } AS total`;
