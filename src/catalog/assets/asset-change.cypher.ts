import { accountFor } from '../../audit/record/record.js';
import { sought } from '../../neo4j/sought.js';
import { FOLLOW, REVISION_BEFORE } from '../model/revision.cypher.js';
import { termsOf } from '../model/terms.cypher.js';

/**
 * Puts each of the `{part, wholes}` into the structs of `a` that it lies in, by keys. That it lay in another stays known, until now; a
 * new field lies there since ever, as it itself counts as there before it was recorded.
 */
const place = (placed: string): string => `CALL (a) {
  UNWIND ${placed} AS each
  MATCH (part:Field {key: each.part})
  CALL (part, each) {
    MATCH (part)-[was:PART_OF]->(before:Field) WHERE was.until IS NULL AND NOT before.key IN each.wholes
    SET was.until = $now
  }
  UNWIND each.wholes AS key
  MATCH (whole:Field {key: key}) WHERE NOT EXISTS { MATCH (part)-[is:PART_OF]->(whole) WHERE is.until IS NULL }
  CREATE (part)-[:PART_OF {from: CASE WHEN part.addedAt = $now THEN null ELSE $now END}]->(whole)
}`;

/** The present fields of `a`, up to 500 in a row: the driver reads each row in one go. */
const PRESENT_FIELDS = `WITH COLLECT {
  MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL
  RETURN f {.id, .name, .type, .description, .ordinal} ORDER BY f.ordinal, f.name
} AS fields
UNWIND range(0, (size(fields) - 1) / 500) AS portion
RETURN fields[portion * 500..(portion + 1) * 500] AS fields`;

export const ADD_ALIAS = `// catalog.addAlias
MATCH (a:Asset {id: $id})
OPTIONAL MATCH (own:Alias {key: $key})-[:NAMES]->(a)
FOREACH (_ IN CASE WHEN own IS NULL THEN [1] ELSE [] END | CREATE (:Alias {key: $key, urn: $urn, from: $now})-[:NAMES]->(a))`;

/**
 * Fields keep their id while their name stays; a field no longer named is ended, not deleted. One that comes back keeps
 * the times it was away: it has no lineage in them. It is the data set's own, whatever of another it stood for (`joined`).
 * `$fields` are those that are new or change, `$placed` those whose place in structs may do. Returns the present ones.
 */
export const WRITE_FIELDS = `// catalog.writeFields
MATCH (a:Dataset&Asset {id: $id})
CALL (a) {
  MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.removedAt IS NULL AND NOT f.name IN $names
  SET f.removedAt = $now
}
CALL (a) {
  UNWIND $fields AS field
  MERGE (f:Field {key: a.id + ':' + field.name})
    ON CREATE SET f:Node, f.id = field.id, f.name = field.name, f.addedAt = $now
    ON MATCH SET
      f.absentFrom = CASE WHEN f.removedAt IS NULL THEN f.absentFrom ELSE coalesce(f.absentFrom, []) + [f.removedAt] END,
      f.absentUntil = CASE WHEN f.removedAt IS NULL THEN f.absentUntil ELSE coalesce(f.absentUntil, []) + [$now] END,
      f.joined = CASE WHEN f.removedAt IS NULL THEN f.joined END
  SET f.type = field.type, f.description = field.description, f.ordinal = field.ordinal, f.removedAt = null
  MERGE (f)-[:FIELD_OF]->(a)
}
${place('$placed')}
${PRESENT_FIELDS}`;

/**
 * Gives fields of the data set `a` other names, and what is in the place of one of them and was removed no name to be found by but in
 * the past. Keys first go and then come, for one name may become another that is renamed too. A field knows the names it had, and
 * until when; of those that had another `renamedIn` says where.
 */
export const RENAME_FIELDS = `// catalog.renameFields
MATCH (a:Dataset&Asset {id: $id})
CALL (a) {
  UNWIND $renames AS each
  MATCH (f:Field&Node {id: each.id})-[:FIELD_OF]->(a)
  SET f.formerNames = coalesce(f.formerNames, []) + [f.name], f.formerUntil = coalesce(f.formerUntil, []) + [$now],
      f.renamedIn = a.id, f.name = each.name
  REMOVE f.key
}
CALL (a) {
  UNWIND $renames AS each
  MATCH (removed:Field) ${sought('removed:Field', 'key', 'each.key')}
  SET removed.renamedIn = a.id
  REMOVE removed.key
}
CALL (a) {
  UNWIND $renames AS each
  MATCH (f:Field&Node {id: each.id})-[:FIELD_OF]->(a)
  SET f.key = each.key
}
${place('$placed')}
${PRESENT_FIELDS}`;

/** Gives the new revision `r` of the asset `a` who owns it: lists side by side, because a property holds no maps. */
export const KEEP_OWNERS = `WITH *
CALL (a, r) {
  OPTIONAL MATCH (p:Principal)-[own:OWNS]->(a)
  WITH r, p, own ORDER BY own.role, p.name
  WITH r, collect(p.id) AS ids, collect(own.role) AS roles, collect(own.since) AS since
  SET r.ownerIds = ids, r.ownerRoles = roles, r.ownerSince = since
}`;

/**
 * Writes the changes, keeps what the asset then is so that it can be read as of any time from then on, and accounts for it: one
 * trip. `$fields` is the JSON of its fields, or null when they did not change: then they are those of the revision before.
 * The visibility is taken from the namespace under its lock, which a change of the namespace holds too, when `$inherits`; and
 * the terms of registering are read under it when a name comes in. As the last statement of the transaction, so that the
 * lock is held for a moment only.
 */
const change = (locks: string, more: string): string => `MATCH (a:Asset {id: $id})
SET a += $changes, a.revision = a.revision + 1, a.updatedAt = $now
MERGE (n:Namespace {name: a.namespace}) ON CREATE SET n:Node, n.id = $namespaceId, n.createdAt = $now
${locks}
WITH a, n
SET a.visibility = CASE WHEN $inherits THEN coalesce(n.visibility, 'DISCOVERABLE') ELSE a.visibility END
WITH a, n
OPTIONAL MATCH (before:AssetRevision) ${REVISION_BEFORE}
CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
SET r = properties(a), r.key = a.id + ':' + toString(a.revision), r.from = a.updatedAt,
    r.fields = coalesce($fields, before.fields, '[]')
${FOLLOW}
${KEEP_OWNERS}
${accountFor('$entry')}
RETURN properties(a) AS asset${more}`;

export const CHANGE_ASSET = `// catalog.changeAsset
${change('FOREACH (_ IN CASE WHEN $inherits THEN [1] ELSE [] END | SET n.lockedAt = $now REMOVE n.lockedAt)', '')}`;

/** The same where a name came into the namespace, with the terms under which it may. */
export const MOVE_ASSET = `// catalog.moveAsset
${change('SET n.lockedAt = $now\nREMOVE n.lockedAt', `, ${termsOf('n')} AS terms`)}`;
