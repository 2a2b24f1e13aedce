import { sought } from '../../neo4j/sought.js';

/** What an asset has of its own, and goes with it. All else hangs on it: a kind of relationship that comes later, too. */
const OWN = ['NAMES', 'OWNS', 'FIELD_OF', 'REVISION_OF', 'QUALITY_OF', 'SAID_OF', 'CHANGE_OF', 'CONCERNS'];
const isOwn = (relationship: string): string => `type(${relationship}) IN ${JSON.stringify(OWN).replaceAll('"', "'")}`;

/** The sessions of auditors to whom it is there what was so at `$since`: they see it until they end. */
const AUDITORS_SINCE = (since: string): string => `MATCH (s:AuditorSession)
  WHERE s.id > '' AND (s.endedAt IS NULL OR s.endedAt > $now) AND s.expiresAt > $now AND s.asOf >= ${since}`;

/** What hangs on the asset, by the kind of relationship and how many there are; and the sessions of auditors to whom it is there. */
export const WHAT_HANGS_ON = `// catalog.whatHangsOn
MATCH (a:Asset {id: $id})
CALL (a) {
  MATCH (a)-[own]-() WHERE NOT ${isOwn('own')}
  RETURN type(own) AS kind, count(own) AS number
  UNION ALL
  MATCH (a)<-[:FIELD_OF]-(:Field)-[flow]-() WHERE NOT type(flow) IN ['FIELD_OF', 'PART_OF']
  WITH type(flow) AS kind, count(flow) AS number
  RETURN kind, number
  UNION ALL
  ${AUDITORS_SINCE('a.createdAt')}
  WITH count(s) AS number WHERE number > 0
  RETURN 'AUDITOR_SESSION' AS kind, number
}
RETURN kind, sum(number) AS number ORDER BY kind`;

/** The urns that an asset has and had. */
export const URNS_OF = `// catalog.urnsOf
MATCH (alias:Alias)-[:NAMES]->(:Asset {id: $id}) WHERE alias.urn IS NOT NULL
RETURN alias.urn AS urn ORDER BY urn`;

/**
 * Leaves of the asset only to what entries of the audit log lead, with who owned it, who find them by that. Not DETACH: what came to
 * hang on it meanwhile refuses it.
 */
export const DELETE_ASSET = `// catalog.deleteAsset
MATCH (a:Asset {id: $id})
CALL (a) {
  MATCH (f:Field)-[of:FIELD_OF]->(a)
  OPTIONAL MATCH (f)-[place:PART_OF]->(:Field)
  DELETE place, of, f
}
CALL (a) {
  MATCH (r:AssetRevision)-[of:REVISION_OF]->(a)
  DELETE of, r
}
CALL (a) {
  MATCH (q:QualityResult)-[of:QUALITY_OF]->(a)
  DELETE of, q
}
CALL (a) {
  MATCH (f:ReportedFacet)-[of:SAID_OF]->(a)
  DELETE of, f
}
CALL (a) {
  MATCH (c:DatasetChange)-[of:CHANGE_OF]->(a)
  DELETE of, c
}
CALL (a) {
  MATCH (alias:Alias)-[names:NAMES]->(a)
  DELETE names, alias
}
CALL (a) {
  MATCH (:Principal)-[owns:OWNS]->(a)
  DELETE owns
}
WITH a, a {.id, .kind, .urn, .ownerIds, .visibility, .createdAt} AS kept
CREATE (gone:DeletedAsset) SET gone = kept, gone.deletedAt = $now
WITH a, gone
CALL (a, gone) {
  MATCH (e:AuditEntry)-[concerns:CONCERNS]->(a)
  CREATE (e)-[:CONCERNS]->(gone)
  DELETE concerns
}
DELETE a`;

/** How many auditors have a session to whom the urn leads to the asset. */
export const AUDITORS_BY_URN = `// catalog.auditorsByUrn
MATCH (alias:Alias {key: $key})-[:NAMES]->(a:Asset {id: $id})
CALL (alias, a) {
  ${AUDITORS_SINCE('coalesce(alias.from, a.createdAt)')}
  RETURN count(s) AS auditors
}
RETURN auditors`;

/** From now on the urn names nothing, and may be taken. */
export const RELEASE_ALIAS = `// catalog.releaseAlias
MATCH (alias:Alias)-[names:NAMES]->(a:Asset) ${sought('alias:Alias', 'key', '$key')} AND a.id = $id
DELETE names, alias
RETURN a.id AS id`;
