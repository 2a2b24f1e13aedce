import { accountFor } from '../../audit/record/record.js';
import { sought } from '../../neo4j/sought.js';
import { FIRST } from '../model/revision.cypher.js';
import { termsOf } from '../model/terms.cypher.js';

/** What decides in which of the namespaces the viewer may register, as `NAMESPACE_TERMS` says it of one. */
export const TERMS_OF_NAMESPACES = `// catalog.termsOfNamespaces
UNWIND $names AS name
OPTIONAL MATCH (n:Namespace {name: name})
RETURN name, ${termsOf('n')} AS terms`;

/**
 * Registers assets, each with its aliases, owners, fields, first revision and audit entry, in one trip; `$rows` is what
 * `registrationRow` makes. A row a namespace: of each of its `rows` whether it is `taken`, an asset has or had this urn, and how many
 * `owners` exist and are enabled, which are fewer than asked for when one is not; then those that are `done`, the others being all
 * right. Of two who register one urn at the same moment, the constraint on Alias.key lets one in. The alias of the id has no urn.
 *
 * The lock of each namespace is taken, which a change of it holds too: its visibility is what an asset inherits, and by the terms
 * that are read under it the caller is judged once more. Where nothing is done, nothing is locked or made.
 */
export const REGISTER_ASSETS = `// catalog.registerAssets
UNWIND $rows AS row
OPTIONAL MATCH (taken:Alias) ${sought('taken:Alias', 'key', 'row.key')}
WITH row, taken IS NOT NULL AS taken
CALL (row) {
  UNWIND row.owners AS wanted
  MATCH (p:Principal) ${sought('p:Principal', 'id', 'wanted.id')} AND p.disabledAt IS NULL
  WITH p, wanted ORDER BY wanted.role, p.name
  RETURN collect(p) AS owners, collect(wanted.role) AS roles
}
WITH row.asset.namespace AS namespace, collect({row: row, taken: taken, owners: owners, roles: roles}) AS rows
CALL (namespace, rows) {
  WITH namespace, [each IN rows WHERE NOT each.taken AND size(each.owners) = size(each.row.owners)] AS ready
  WHERE size(ready) > 0
  MERGE (n:Namespace {name: namespace}) ON CREATE SET n:Node, n.id = ready[0].row.namespaceId, n.createdAt = $now
  SET n.lockedAt = $now
  REMOVE n.lockedAt
  WITH ready, ${termsOf('n')} AS terms, coalesce(n.visibility, 'DISCOVERABLE') AS inherited
  UNWIND ready AS each
  WITH each.row AS row, each.owners AS owners, each.roles AS roles, terms, inherited
  CREATE (a:Node:Asset)
  SET a = row.asset, a:$(row.label), a.ownerIds = [owner IN owners | owner.id],
      a.unownedId = CASE WHEN size(owners) = 0 THEN row.asset.id END,
      a.unownedSince = CASE WHEN size(owners) = 0 THEN row.asset.createdAt END,
      a.visibility = CASE WHEN row.inherits THEN inherited ELSE row.asset.visibility END
  CREATE (:Alias {key: row.key, urn: row.asset.urn})-[:NAMES]->(a), (:Alias {key: row.idKey})-[:NAMES]->(a)
  FOREACH (place IN range(0, size(owners) - 1) | FOREACH (owner IN [owners[place]] |
    CREATE (owner)-[:OWNS {role: roles[place], since: $now}]->(a)))
  FOREACH (field IN row.fields | CREATE (f:Node:Field)-[:FIELD_OF]->(a) SET f = field)
  WITH *
  CALL (row) {
    UNWIND row.parts AS each
    MATCH (part:Field {key: each.part}), (whole:Field {key: each.whole})
    CREATE (part)-[:PART_OF]->(whole)
  }
  CREATE (r:AssetRevision)-[:REVISION_OF]->(a)
  SET r = properties(a), r.key = a.id + ':1', r.from = a.createdAt, ${FIRST}, r.fields = row.fieldsKept,
      r.ownerRoles = roles, r.ownerSince = [owner IN owners | $now]
  ${accountFor('row.entry')}
  RETURN collect({place: row.place, visibility: a.visibility}) AS done, collect(terms)[0] AS terms
}
RETURN [each IN rows | {place: each.row.place, taken: each.taken, owners: size(each.owners)}] AS rows, done, terms`;
