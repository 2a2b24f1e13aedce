import { heldFlow, reachFlows } from '../../lineage/runs/provenance.cypher.js';
import { MAX_LINEAGE_DEPTH } from '../../lineage/trace/lineage.js';
import { sought } from '../../neo4j/sought.js';

/** Whether somebody who is active owns the asset, by themselves or in a team. */
const isOwned = (
  asset: string,
): string => `(EXISTS { MATCH (owner:Principal)-[:OWNS]->(${asset}) WHERE owner.disabledAt IS NULL AND NOT owner:Team }
    OR EXISTS { MATCH (member:Principal)-[:MEMBER_OF]->(team:Team)-[:OWNS]->(${asset}) WHERE member.disabledAt IS NULL AND team.disabledAt IS NULL })`;

/**
 * All that policies are told of what goes in and what it is about, in one statement: each version with the newest outcome of each of its tests (of
 * several of one time the worst), whether a model upstream is retired, who wrote the code, and what has no owner. It sees all there is,
 * whoever asks: what a viewer may not see counts all the same.
 */
export const GATHER_FACTS = `// governance.gatherFacts
CALL () {
  UNWIND $versionIds AS id
  MATCH (v:Version&Node) ${sought('v:Node', 'id', 'id')}
  MATCH (v)-[:VERSION_OF]->(a:Asset)
  CALL (v) {
    MATCH (q:QualityResult {versionId: v.id}) WHERE q.key > '' AND q.kind = 'ASSERTION'
    WITH q.check AS check, q.measuredAt AS at, max(q.outcome) AS outcome ORDER BY at DESC
    WITH check, collect(outcome)[0] AS newest, max(at) AS at
    RETURN count(check) AS tests, count(CASE WHEN newest = 2 THEN 1 END) AS failed, max(at) AS checkedAt
  }
  RETURN collect({id: v.id, assetId: a.id, digest: v.digest, uri: v.uri, createdAt: v.createdAt, properties: a.properties,
    tests: tests, failed: failed, checkedAt: checkedAt, owned: ${isOwned('a')}}) AS versions
}
CALL () {
  UNWIND $assetIds AS id
  MATCH (a:Asset) ${sought('a:Asset', 'id', 'id')}
  RETURN collect({id: a.id, kind: a.kind, codeRef: a.codeRef, environment: a.environment, properties: a.properties, retired: a.retiredAt IS NOT NULL, owned: ${isOwned('a')}}) AS assets
}
CALL () {
  UNWIND $versionIds AS id
  MATCH (root:ModelVersion&Node) ${sought('root:Node', 'id', 'id')}
  WITH collect(root) AS roots
  CALL (roots) {${reachFlows(`(root)<-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH}]-(x:ModelVersion)`)}
  }
  MATCH (x)-[:VERSION_OF]->(base:Asset) WHERE base.retiredAt IS NOT NULL
  WITH x, base ORDER BY depth, x.id LIMIT 20
  RETURN collect({id: x.id, assetId: base.id}) AS retiredBases
}
CALL () {
  UNWIND $versionIds AS id
  MATCH (made:ModelVersion&Node) ${sought('made:Node', 'id', 'id')}
  MATCH (made)<-[flow:GENERATED]-(r:Run)-[:RUN_OF]->(t:Asset) WHERE ${heldFlow('flow')}
  RETURN collect(DISTINCT t.id) AS makers, collect(DISTINCT COLLECT { MATCH (j:TrainingJob)-[:EXECUTES]->(r) RETURN j.requestedById }[0]) AS launchers
}
CALL (makers) {
  UNWIND makers + $codeIds AS id
  MATCH (e:AuditEntry) WHERE e.targetId = id AND e.action IN ['transformation:register', 'asset:update'] AND e.outcome = 'DONE'
  RETURN collect(DISTINCT e.actorId) AS authors
}
RETURN versions, assets, retiredBases, makers, launchers, authors`;

/**
 * How a model version was evaluated: by runs that read it, ended well, and are of a transformation with the tag `evaluation`. What else
 * they read is what it was judged by; which of that, by name or by digest, is among what it was made from.
 */
export const EVALUATIONS = `// governance.evaluations
UNWIND $versionIds AS id
MATCH (root:ModelVersion&Node) ${sought('root:Node', 'id', 'id')}
CALL (root) {
  MATCH (root)-[flow:USED_BY]->(r:Run)-[:RUN_OF]->(t:Asset)
  WHERE ${heldFlow('flow')} AND r.state = 'SUCCEEDED' AND any(tag IN t.tags WHERE toLower(tag) = 'evaluation')
  WITH DISTINCT r
  RETURN collect(r) AS runs, max(coalesce(r.endedAt, r.createdAt)) AS evaluatedAt
}
CALL (runs) {
  UNWIND runs AS r
  MATCH (e:DatasetVersion)-[flow:USED_BY]->(r) WHERE ${heldFlow('flow')}
  RETURN collect(DISTINCT e) AS judges
}
WITH root, evaluatedAt, judges, [e IN judges WHERE e.digest IS NOT NULL | e.digest] AS digests
CALL (root, judges, digests) {
  WITH [root] AS roots, judges, digests WHERE size(judges) > 0
  CALL (roots) {${reachFlows(`(root)<-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH}]-(x:Version)`)}
  }
  WITH x, depth WHERE x IN judges OR x.digest IN digests
  ORDER BY depth, x.id LIMIT 20
  MATCH (x)-[:VERSION_OF]->(a:Asset)
  RETURN collect({id: x.id, assetId: a.id}) AS shared
}
RETURN evaluatedAt, size(judges) AS judges, shared`;

/** The shortest way from what goes in to each of the things that facts come from. */
export const WITNESSES = `// governance.witnesses
UNWIND $ends AS end
MATCH (x:Version&Node {id: end.at})
CALL (x) {
  UNWIND $versionIds AS id
  MATCH (root:Version&Node {id: id})
  WITH x, root WHERE root <> x
  MATCH p = shortestPath((x)-[:USED_BY|GENERATED*1..${MAX_LINEAGE_DEPTH}]->(root))
  WHERE all(flow IN relationships(p) WHERE ${heldFlow('flow')})
  RETURN p ORDER BY length(p), root.id LIMIT 1
}
RETURN end.fact AS fact, [n IN reverse(nodes(p)) | {kind: CASE WHEN n:Run THEN 'RUN' ELSE 'VERSION' END, id: n.id,
  assetId: COLLECT { MATCH (n)-[:VERSION_OF|RUN_OF]->(a:Asset) RETURN a.id }[0]}] AS steps`;

/** What the steps of a way are. A release has no place in it: what it serves has. */
export const WAY_STEPS = `// governance.wayOfFact
UNWIND $ids AS id
MATCH (n:Node {id: id}) WHERE n:Version OR n:Run OR n:Asset
OPTIONAL MATCH (n)-[:VERSION_OF|RUN_OF]->(of:Asset)
RETURN id, CASE WHEN n:Run THEN 'RUN' WHEN n:Version THEN 'VERSION' ELSE 'ASSET' END AS kind, coalesce(of.id, n.id) AS assetId`;
