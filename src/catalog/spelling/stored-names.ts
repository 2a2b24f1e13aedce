import { KEEP_OWNERS } from '../assets/asset-change.cypher.js';
import { keepPast, kindOf } from '../../principals/accounts/principal.cypher.js';
import { FOLLOW, REVISION_BEFORE } from '../model/revision.cypher.js';

/** What was spelt by the rules of which version, and what collided then: one text each. */
export const READ_RULES = `// spelling.readRules
MATCH (s:SpellingRules {name: 'names'}) RETURN s.rules AS rules`;
export const WRITE_RULES = `// spelling.writeRules
MERGE (s:SpellingRules {name: 'names'}) SET s.rules = $p.rules, s.collisions = $p.collisions`;

export const NAMESPACES = `// spelling.namespaces
MATCH (n:Namespace) RETURN n.id AS id, n.name AS name ORDER BY n.createdAt, n.id`;
export const RENAME_NAMESPACE = `// spelling.renameNamespace
MATCH (n:Namespace {id: $p.id})
SET n.name = $p.name, n.revision = coalesce(n.revision, 0) + 1
CREATE (r:NamespaceRevision)-[:REVISION_OF]->(n)
SET r = properties(n), r.key = n.id + ':' + toString(n.revision), r.from = datetime($p.now)`;

export const ASSETS = `// spelling.assets
MATCH (a:Asset) WHERE a.id > $p.after
WITH a ORDER BY a.id LIMIT $p.portion
RETURN a.id AS id, a.kind AS kind, a.namespace AS namespace, a.name AS name, a.urn AS urn, a.description AS description,
  coalesce(a.tags, []) AS tags, a.environment AS environment, coalesce(a.fieldNames, []) AS fieldNames`;
export const WRITE_KEYS = `// spelling.writeKeys
UNWIND $p.rows AS row
MATCH (a:Asset {id: row.id}) SET a += row.keys`;
export const HAS_URN = `// spelling.hasUrn
MATCH (:Alias {key: $p.key})-[:NAMES]->(a:Asset) WHERE a.id <> $p.id RETURN a.urn AS urn`;

/** Fields, also those that were ended: by their keys new fields are told from old ones. */
export const FIELDS = `// spelling.fields
MATCH (f:Field)-[:FIELD_OF]->(a:Asset {id: $p.id})
RETURN f.id AS id, f.name AS name, f.removedAt IS NULL AS present ORDER BY present DESC, f.ordinal, f.id`;
export const RENAME_FIELDS = `// spelling.renameFields
UNWIND $p.rows AS row
MATCH (f:Field&Node {id: row.id}) SET f.name = row.name, f.key = row.key`;
export const PRESENT_FIELDS = `// spelling.presentFields
MATCH (f:Field)-[:FIELD_OF]->(:Asset {id: $p.id}) WHERE f.removedAt IS NULL
RETURN f {.id, .name, .type, .description, .ordinal} AS field ORDER BY f.ordinal, f.name`;

/** As a change of the asset, which is kept as a revision. A name that is only spelt otherwise has been its name before. */
export const RESPELL_ASSET = `// spelling.respellAsset
MATCH (a:Asset {id: $p.id})
OPTIONAL MATCH (own:Alias {key: $p.key})-[:NAMES]->(a)
FOREACH (_ IN CASE WHEN own IS NULL THEN [1] ELSE [] END |
  CREATE (:Alias {key: $p.key, urn: $p.changes.urn, from: datetime($p.from)})-[:NAMES]->(a))
SET a += $p.changes, a.revision = a.revision + 1, a.updatedAt = datetime($p.now)
WITH a
OPTIONAL MATCH (before:AssetRevision) ${REVISION_BEFORE}
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = properties(a), r.key = a.id + ':' + toString(a.revision), r.from = a.updatedAt,
    r.fields = coalesce($p.fields, before.fields, '[]')
${FOLLOW}
${KEEP_OWNERS}
RETURN a.id AS id`;

/** Tags are without case at every time, or a filter would not find what had one. */
export const REVISIONS = `// spelling.revisions
MATCH (r:AssetRevision) WHERE r.key > $p.after
WITH r ORDER BY r.key LIMIT $p.portion
RETURN r.key AS key, coalesce(r.tags, []) AS tags`;
export const WRITE_TAGS = `// spelling.writeTags
UNWIND $p.rows AS row
MATCH (r:AssetRevision {key: row.key}) SET r.tags = row.tags`;

export const VERSIONS = `// spelling.versions
MATCH (v:Version) WHERE v.key > $p.after
WITH v ORDER BY v.key LIMIT $p.portion
RETURN v.key AS key, v.assetId AS assetId, v.version AS version`;
export const HAS_VERSION = `// spelling.hasVersion
MATCH (v:Version {key: $p.key}) RETURN v.version AS version`;
export const RENAME_VERSION = `// spelling.renameVersion
MATCH (v:Version {key: $p.key}) SET v.key = $p.newKey, v.version = $p.version`;

export const PRINCIPALS = `// spelling.principals
MATCH (p:Principal) WHERE p.name IS NOT NULL
RETURN p.id AS id, p.name AS name, ${kindOf('p')} AS kind ORDER BY p.createdAt, p.id`;
export const RENAME_PRINCIPAL = `// spelling.renamePrincipal
MATCH (p:Principal {id: $p.id})
${keepPast('p', 'datetime($p.now)')}
SET p.name = $p.name
FOREACH (_ IN CASE WHEN $p.nameKey IS NULL THEN [] ELSE [1] END | SET p.nameKey = $p.nameKey REMOVE p.twinOf)`;
