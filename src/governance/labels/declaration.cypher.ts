import { visibleTo } from '../../auth/rights.cypher.js';
import { sought } from '../../neo4j/sought.js';

/** The caller holds the lock of the asset. `Labelled` stays for ever: by it a walk knows where to look. */
export const DECLARE = `// governance.declareLabel
UNWIND $declarations AS said
MATCH (x:Node) ${sought('x:Node', 'id', 'coalesce(said.versionId, said.assetId)')}
CREATE (d:Node:LabelDeclaration)-[:LABELS]->(x)
SET d = said, x:Labelled
RETURN d.id AS id`;

/** Which asset it is of; no row when the viewer may not know of that. */
export const FIND_DECLARATION = `// governance.findDeclaration
MATCH (d:LabelDeclaration)-[:LABELS]->(x) ${sought('d:LabelDeclaration', 'id', '$id')}
OPTIONAL MATCH (x)-[:VERSION_OF]->(own:Asset)
WITH d, coalesce(own, x) AS a WHERE ${visibleTo('a')}
RETURN properties(d) AS said, a.id AS assetId`;

export const RETRACT = `// governance.retractLabel
MATCH (d:LabelDeclaration) ${sought('d:LabelDeclaration', 'id', '$id')}
SET d.retractedAt = $now, d.retractedById = $byId, d.withdrawReason = $reason
RETURN d.id AS id`;

/** How many an asset has, with its versions and fields. */
export const COUNT_DECLARATIONS = `// governance.countDeclarations
MATCH (x:Node {id: $id})
RETURN COUNT { (:LabelDeclaration)-[:LABELS]->(x) } AS total`;

/** What is said of each at the clocks: of an asset, or of a version and its asset. */
export const DECLARED_OF = `// governance.declaredOf
UNWIND $ids AS id
MATCH (x:Node {id: id})
OPTIONAL MATCH (x)-[:VERSION_OF]->(own:Asset)
WITH id, x, coalesce(own, x) AS a
WITH id, [x] + [each IN [a] WHERE each <> x] AS targets, a WHERE ${visibleTo('a')}
UNWIND targets AS target
MATCH (d:LabelDeclaration)-[:LABELS]->(target)
WHERE d.validFrom <= $validAt AND coalesce(d.validUntil > $validAt, true)
  AND d.recordedAt <= $knownAt AND coalesce(d.retractedAt > $knownAt, true)
WITH id, a, d ORDER BY d.dimension, d.id
RETURN id, collect({said: properties(d), assetId: a.id}) AS declarations`;
