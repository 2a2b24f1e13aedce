/**
 * How one data set is set aside for another, and given back. What moves is marked with the id of what it comes from: `joined` on
 * things, names and owners, `saidSource` and `saidTarget` on flows. The kept one `joins` a list of ids.
 */
const PAIR = `MATCH (a:Asset {id: $keptId}), (b:Node {id: $otherId})`;
const OWNER_IDS = `SET a.ownerIds = COLLECT { MATCH (p:Principal)-[:OWNS]->(a) RETURN DISTINCT p.id ORDER BY p.id }
SET a.unownedId = CASE WHEN size(a.ownerIds) = 0 THEN a.id END,
  a.unownedSince = CASE WHEN size(a.ownerIds) = 0 THEN coalesce(a.unownedSince, $now) END`;

const hangs = (thing: string, relationship: string): string => `CALL (a, b) {
  MATCH (x:${thing})-[r:${relationship}]->(b)
  DELETE r
  MERGE (x)-[:${relationship}]->(a)
  SET x.assetId = a.id, x.joined = b.id
}`;
const hangsBack = (thing: string, relationship: string): string => `CALL (a, b) {
  MATCH (x:${thing})-[r:${relationship}]->(a) WHERE x.joined = b.id
  DELETE r
  CREATE (x)-[:${relationship}]->(b)
  SET x.assetId = b.id
  REMOVE x.joined
}`;

/**
 * Sets aside: names, owners and rights of the one are of the kept one from now on, and what it has of versions, facets and quality. All of
 * it, or what was added since it was given back in this transaction.
 */
export const SET_ASIDE = `// access.setAside
${PAIR}
CALL (a, b) {
  MATCH (n:Alias)-[r:NAMES]->(b)
  DELETE r
  CREATE (n)-[:NAMES]->(a)
  SET n.joined = b.id
}
CALL (a, b) {
  MATCH (p:Principal)-[own:OWNS]->(b) WHERE NOT EXISTS { (p)-[:OWNS]->(a) }
  CREATE (p)-[:OWNS {role: own.role, since: own.since, joined: b.id}]->(a)
}
${hangs('AccessGrant', 'GRANTED_ON')}
${hangs('AccessRequest', 'ABOUT')}
${hangs('Version', 'VERSION_OF')}
${hangs('ReportedFacet', 'SAID_OF')}
${hangs('DatasetChange', 'CHANGE_OF')}
${hangs('LabelDeclaration', 'LABELS')}
CALL (a, b) {
  WITH a, b WHERE b:Labelled
  SET a:Labelled
}
CALL (a, b) {
  MATCH (q:QualityResult {assetId: b.id}) WHERE q.key > ''
  SET q.assetId = a.id, q.joined = b.id
  WITH a, b, q
  MATCH (q)-[r:QUALITY_OF]->(b)
  DELETE r
  CREATE (q)-[:QUALITY_OF]->(a)
}
MERGE (b)-[:JOINED_INTO]->(a)
${OWNER_IDS}, a.joins = [each IN coalesce(a.joins, []) WHERE each <> b.id] + [b.id]
REMOVE b:Asset
SET b:JoinedAsset, b.keptId = a.id
RETURN a.id AS id`;

/** The names that were joined lead to what was set aside again, with who owns it and what was granted on it; all else stays where it is. */
export const NAME_AGAIN = `// access.nameAgain
${PAIR}
CALL (a, b) {
  MATCH (n:Alias)-[r:NAMES]->(a) WHERE n.joined = b.id
  DELETE r
  CREATE (n)-[:NAMES]->(b)
  REMOVE n.joined
}
CALL (a, b) {
  MATCH (:Principal)-[own:OWNS]->(a) WHERE own.joined = b.id
  DELETE own
}
${hangsBack('AccessGrant', 'GRANTED_ON')}
${hangsBack('AccessRequest', 'ABOUT')}
${OWNER_IDS}
REMOVE b:JoinedAsset
SET b:Asset
RETURN a.id AS id`;

/** The rest goes back too, and nothing says any more that both were joined. Grants given on both since end. */
export const PART = `// access.partJoined
${PAIR}
${hangsBack('Version', 'VERSION_OF')}
${hangsBack('ReportedFacet', 'SAID_OF')}
${hangsBack('DatasetChange', 'CHANGE_OF')}
${hangsBack('LabelDeclaration', 'LABELS')}
CALL (a, b) {
  MATCH (q:QualityResult {assetId: a.id}) WHERE q.key > '' AND q.joined = b.id
  SET q.assetId = b.id
  REMOVE q.joined
  WITH a, b, q
  MATCH (q)-[r:QUALITY_OF]->(a)
  DELETE r
  CREATE (q)-[:QUALITY_OF]->(b)
}
CALL (a) {
  MATCH (g:AccessGrant)-[:GRANTED_ON]->(a) WHERE g.id >= $since AND g.revokedAt IS NULL AND g.joined IS NULL
  SET g.revokedAt = $now, g.revokedBy = $actorId
}
CALL (a, b) {
  MATCH (b)-[into:JOINED_INTO]->(a)
  DELETE into
}
WITH a, b, [each IN coalesce(a.joins, []) WHERE each <> b.id] AS left
SET a.joins = CASE WHEN size(left) = 0 THEN null ELSE left END
REMOVE b.keptId
RETURN a.id AS id`;

const moved = (kind: string, from: string, to: string): string => `CALL (${from}, ${to}) {
  MATCH (${from})-[c:${kind}]->(x)
  CREATE (${to})-[m:${kind}]->(x)
  SET m = properties(c), m.saidSource = coalesce(c.saidSource, ${from}.id)
  DELETE c
}
CALL (${from}, ${to}) {
  MATCH (x)-[c:${kind}]->(${from})
  CREATE (x)-[m:${kind}]->(${to})
  SET m = properties(c), m.saidTarget = coalesce(c.saidTarget, ${from}.id)
  DELETE c
}`;
const movedBack = (kind: string, from: string, to: string): string => `CALL (${from}, ${to}) {
  MATCH (${to})-[c:${kind}]->(x) WHERE c.saidSource = ${from}.id
  CREATE (${from})-[m:${kind}]->(x)
  SET m = properties(c), m.saidSource = null
  DELETE c
}
CALL (${from}, ${to}) {
  MATCH (x)-[c:${kind}]->(${to}) WHERE c.saidTarget = ${from}.id
  CREATE (x)-[m:${kind}]->(${from})
  SET m = properties(c), m.saidTarget = null
  DELETE c
}`;

/** The claims on what is set aside lie on the kept one, where a walk finds them. */
export const MOVE_FLOWS = `// access.moveFlows
${PAIR}
${moved('FEEDS', 'b', 'a')}`;

export const MOVE_FLOWS_BACK = `// access.moveFlowsBack
${PAIR}
${movedBack('FEEDS', 'b', 'a')}`;

/** Columns that the data set has and none of the kept one stands for, in their order. */
export const COLUMNS_MISSING = `// access.columnsMissing
MATCH (f:Field)-[:FIELD_OF]->(b:Node {id: $otherId})
WHERE f.removedAt IS NULL AND NOT EXISTS { MATCH (f)-[:JOINED_INTO]->(k:Field) WHERE k.removedAt IS NULL }
WITH f ORDER BY f.ordinal, f.name
RETURN f.name AS name, f.type AS type, f.description AS description`;

/** Columns of the kept one that stood for those of others, none of which has them any more. */
export const COLUMNS_LEFT = `// access.columnsLeft
MATCH (k:Field)-[:FIELD_OF]->(:Asset {id: $keptId}) WHERE k.joined AND k.removedAt IS NULL
  AND NOT EXISTS { MATCH (f:Field)-[:JOINED_INTO]->(k) WHERE f.removedAt IS NULL }
RETURN k.name AS name`;

/** Columns that are gone have a place, too, for what was said of them then. */
export const FORMER_COLUMNS = `// access.formerColumns
MATCH (f:Field)-[:FIELD_OF]->(:Node {id: $otherId})
WHERE f.removedAt IS NOT NULL AND f.key IS NOT NULL AND NOT EXISTS { (f)-[:JOINED_INTO]->() }
RETURN f.name AS name`;

export const KEEP_COLUMNS = `// access.keepColumns
MATCH (a:Asset {id: $keptId})
UNWIND $rows AS row
MERGE (k:Field {key: a.id + ':' + row.name})
ON CREATE SET k:Node, k.id = row.id, k.name = row.name, k.addedAt = $now, k.removedAt = $now, k.ordinal = 0, k.joined = true
MERGE (k)-[:FIELD_OF]->(a)`;

/** Marks those that stand for columns of others alone. */
export const MARK_COLUMNS = `// access.markColumns
UNWIND $names AS name
MATCH (k:Field) USING INDEX k:Field(key) WHERE k.key >= $keptId + ':' + name AND k.key <= $keptId + ':' + name
SET k.joined = true`;

/** Those that are its own as well. */
export const OWN_COLUMNS = `// access.ownColumns
UNWIND $names AS name
MATCH (k:Field) USING INDEX k:Field(key) WHERE k.key >= $keptId + ':' + name AND k.key <= $keptId + ':' + name
REMOVE k.joined`;

/** Each column that has a place is led there, with the flows that lie on it. */
export const LEAD_COLUMNS = `// access.leadColumns
MATCH (f:Field)-[:FIELD_OF]->(:Node {id: $otherId}) WHERE f.key IS NOT NULL AND NOT EXISTS { (f)-[:JOINED_INTO]->() }
MATCH (k:Field) USING INDEX k:Field(key) WHERE k.key >= $keptId + ':' + f.name AND k.key <= $keptId + ':' + f.name
CREATE (f)-[:JOINED_INTO]->(k)
WITH f, k
${moved('FEEDS_FIELD', 'f', 'k')}`;

export const LEAD_COLUMNS_BACK = `// access.leadColumnsBack
MATCH (f:Field)-[:FIELD_OF]->(:Node {id: $otherId})
MATCH (f)-[into:JOINED_INTO]->(k:Field)
DELETE into
WITH f, k
${movedBack('FEEDS_FIELD', 'f', 'k')}`;

/** How much would move, and what stands in the way. */
export const WEIGH = `// access.weighJoin
MATCH (b:Node {id: $otherId}), (a:Node {id: $keptId})
RETURN COUNT { (b)<-[:NAMES|VERSION_OF|SAID_OF|CHANGE_OF|LABELS|GRANTED_ON|ABOUT|FIELD_OF|FEEDS]-() } + COUNT { (b)-[:FEEDS]->() }
  + COUNT { MATCH (f:Field)-[:FIELD_OF]->(b) MATCH (f)-[:FEEDS_FIELD]-() } + COUNT { MATCH (q:QualityResult {assetId: b.id}) WHERE q.key > '' } AS things,
  any(x IN [a, b] WHERE EXISTS { MATCH (x)<-[:OFFERED_ON]-(o:OwnershipOffer) WHERE o.state = 'OPEN' AND o.until > $now }) AS offered,
  any(x IN [a, b] WHERE EXISTS {
    MATCH (x)<-[:VERSION_OF]-(:Version)-[:USED_BY]->(:Run)<-[:EXECUTES]-(j:TrainingJob) WHERE j.endedAt IS NULL
  }) AS training,
  EXISTS { MATCH (s:AuditorSession) WHERE s.id > '' AND (s.endedAt IS NULL OR s.endedAt > $now) AND s.expiresAt > $now
           AND s.asOf >= CASE WHEN a.createdAt < b.createdAt THEN a.createdAt ELSE b.createdAt END } AS audited`;

/** What was set aside for the kept one. */
export const ASIDE_OF = `// access.asideOf
MATCH (b:JoinedAsset)-[:JOINED_INTO]->(:Asset {id: $keptId})
RETURN b.id AS id, b.tags AS tags, b.visibility AS visibility, b.name AS name, b.namespace AS namespace,
  coalesce(b.symlinks, []) AS symlinks ORDER BY b.id`;

/** What the kept one is by itself. */
export const OF_ITSELF = `// access.keptOfItself
MATCH (a:Asset {id: $keptId})
RETURN a.visibilityApart AS apart, a.ownVisibility AS own, a.tags AS tags, coalesce(a.joinedTags, []) AS joinedTags,
  a.name AS name, a.namespace AS namespace, coalesce(a.symlinks, []) AS symlinks`;

/** Which of the ids were set aside, and for what. */
export const ASIDE = `// access.aside
UNWIND $ids AS id
MATCH (b:JoinedAsset {id: id})-[:JOINED_INTO]->(a:Asset)
RETURN b.id AS otherId, a.id AS keptId ORDER BY keptId, otherId`;
