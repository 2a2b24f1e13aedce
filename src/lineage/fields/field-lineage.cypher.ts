import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import { heldAt } from '../../catalog/model/revision.cypher.js';
import type { Direction } from '../trace/lineage.js';
import { liveClaim } from '../trace/trace.cypher.js';

/**
 * A field counts while it is in its data set: what was removed has no lineage, whatever is still claimed of it. Before
 * it was recorded it counts as there, so that back-dated claims can be walked. `$then`: the earlier of the two clocks.
 */
const present = (field: string): string =>
  `(${field}.removedAt IS NULL OR ${field}.removedAt > $then)
    AND (${field}.absentFrom IS NULL
      OR none(i IN range(0, size(${field}.absentFrom) - 1) WHERE ${field}.absentFrom[i] <= $then AND ${field}.absentUntil[i] > $then))`;

/** The name that a field had at `$then`. */
export const nameThen = (field: string): string =>
  `coalesce([i IN range(0, size(coalesce(${field}.formerNames, [])) - 1) WHERE ${field}.formerUntil[i] > $then | ${field}.formerNames[i]][0], ${field}.name)`;

/** That a field lies in another held at `$then`. */
const lies = (place: string): string =>
  `coalesce(${place}.from <= $then, true) AND coalesce(${place}.until > $then, true)`;

/**
 * The field of that name in a data set at `$then`: by its key, or by a name that it had. A field that was added later counts as there
 * before, but one that truly was there goes before it.
 */
const NAMED = `CALL (question, dataset) {
            MATCH (f:Field {key: dataset + ':' + question.name}) RETURN f
            UNION
            MATCH (f:Field {renamedIn: dataset}) WHERE f.name = question.name OR question.name IN f.formerNames RETURN f
          }
          WITH f, question WHERE ${nameThen('f')} = question.name AND ${present('f')}
          WITH f ORDER BY f.addedAt > $then, f.addedAt LIMIT 1`;

/**
 * The fields a question starts from, a row each: by id or by name, with what lies in them and what they lie in, or those of the data
 * sets it names. Never as a list: a row that is sorted or grouped would carry it, and of a table with thousands of columns that fills
 * the memory of a transaction. Whether they are present the walk asks, of all on its way.
 */
const ROOT = `CALL (question, datasets) {
        CALL (question, datasets) {
          UNWIND question.ids AS id
          MATCH (f:Field&Node {id: id})-[:FIELD_OF]->(a:Asset) WHERE ${visibleTo('a')}
          RETURN f
          UNION
          UNWIND CASE WHEN question.name IS NULL THEN [] ELSE datasets END AS dataset
          CALL (question, dataset) {
          ${NAMED}
          RETURN f
          }
          RETURN f
        }
        CALL (f) {
          RETURN f AS relative
          UNION
          MATCH (f)-[place:PART_OF]-(relative:Field) WHERE ${lies('place')} RETURN relative
        }
        RETURN relative AS f
        UNION
        UNWIND CASE WHEN question.name IS NULL THEN datasets ELSE [] END AS dataset
        MATCH (f:Field)-[:FIELD_OF]->(:Asset {id: dataset})
        RETURN f
      }
      WITH f WHERE f.id < $viewer.ceiling`;

/** Distinct fields reached from `f`, which is at the distance 0, with the shortest distance: planned breadth-first, as in trace.cypher.ts. */
const reach = (pattern: string): string => `MATCH p = ${pattern}
      WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')}) AND all(n IN nodes(p) WHERE ${present('n')})
      WITH b, min(length(p)) AS depth`;

/** Walks one hop beyond the depth: what is found there tells how much the depth cuts off. */
function walk(direction: Direction, bound: number): string {
  const hops = bound + 1;
  const downstream = reach(`(f)-[:FEEDS_FIELD*0..${hops}]->(b:Field)`);
  const upstream = reach(`(f)<-[:FEEDS_FIELD*0..${hops}]-(b:Field)`);
  if (direction === 'DOWNSTREAM') return downstream;
  if (direction === 'UPSTREAM') return upstream;
  return `CALL (f) {
      ${downstream}
      RETURN b, depth
      UNION
      ${upstream}
      RETURN b, depth
      }
      WITH b, min(depth) AS depth`;
}

/** The ids of the visible data sets that a question names. */
const DATASETS = `CALL (question) {
    UNWIND question.datasets AS wanted
    MATCH (name:Alias {key: wanted.key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} AND ${visibleTo('a')}
    RETURN collect(a.id) AS datasets
  }`;

/**
 * One whole answer a row: the page of fields in the order of depth, data set and name, the edges that touch the page,
 * and exact counts of what is left out. A field is visible as its data set is.
 * Hidden ones come after the visible of their depth, so their place does not tell their name. Claims of a transformation
 * that is hidden keep the edge and are not given.
 */
export const TRACE_FIELDS = (direction: Direction, bound: number): string => `// lineage.traceFields
UNWIND $questions AS question
  ${DATASETS}
  CALL (question, datasets) {
      ${ROOT}
      ${walk(direction, bound)}
    WITH b, depth WHERE depth <= $depth + 1
    MATCH (b)-[:FIELD_OF]->(a:Asset)
    WITH b, depth, a, ${visibleTo('a')} AS visible
    WITH b, depth, a.id AS dataset, visible,
         CASE WHEN visible THEN '0' + CASE WHEN $viewer.asOf IS NULL THEN a.urn ELSE a.id END + ' ' + ${nameThen('b')} ELSE '1' + b.id END AS place
    ORDER BY depth, CASE depth WHEN 0 THEN dataset END, CASE WHEN depth = 0 AND $viewer.asOf IS NULL THEN b.ordinal END,
         CASE depth WHEN 0 THEN b.id END, place
    RETURN collect({field: b, depth: depth, dataset: dataset, visible: visible, place: place}) AS reached
  }
  WITH question, size([x IN reached WHERE x.depth > $depth]) AS cutByDepth, [x IN reached WHERE x.depth = 0] AS asked,
       [x IN reached WHERE x.depth > 0 AND x.depth <= $depth] AS shown
  WITH *, [x IN asked | x.field] AS roots
  WITH *, CASE WHEN $afterPlace IS NULL THEN 0
          ELSE size([x IN shown WHERE x.depth < $afterDepth OR (x.depth = $afterDepth AND x.place <= $afterPlace)]) END AS start
  WITH *, shown[start..start + $first] AS page,
       roots + [x IN shown[0..start + $first] | x.field] AS known,
       CASE WHEN start = 0 THEN roots ELSE [] END AS rootsHere
  CALL (page, known, rootsHere) {
    UNWIND [x IN page | x.field] + rootsHere AS n
    CALL (n, known) {
      MATCH (n)-[claim:FEEDS_FIELD]->(m:Field) WHERE ${liveClaim('claim')} AND m IN known RETURN claim
      UNION
      MATCH (n)<-[claim:FEEDS_FIELD]-(m:Field) WHERE ${liveClaim('claim')} AND m IN known RETURN claim
    }
    WITH claim.via AS via, collect(DISTINCT claim) AS claims
    OPTIONAL MATCH (t:Asset {id: via}) WHERE ${visibleTo('t')}
    WITH t IS NOT NULL AS told, claims
    UNWIND claims AS claim
    RETURN collect({source: startNode(claim).id, target: endNode(claim).id, claim: CASE WHEN told THEN properties(claim) END}) AS edges
  }
RETURN question.key AS key, [x IN asked | {id: x.field.id, dataset: x.dataset, field: properties(x.field)}] AS roots, edges, cutByDepth,
       [x IN page | {id: x.field.id, depth: x.depth, place: x.place, dataset: CASE WHEN x.visible THEN x.dataset END,
                     field: CASE WHEN x.visible THEN properties(x.field) END}] AS nodes,
       size(shown) AS total, size([x IN shown WHERE NOT x.visible]) AS hidden,
       [x IN shown[0..start + $first] WHERE NOT x.visible | x.field.id] AS hiddenIds,
       start > 0 AS hasPrevious, size(shown) > start + $first AS hasNext`;

/** What the data sets were at a time. */
export const DATASETS_THEN = `// lineage.datasetsThen
UNWIND $ids AS id
MATCH (r:AssetRevision)-[:REVISION_OF]->(:Asset {id: id}) WHERE ${heldAt('r', '$then')}
RETURN id, properties(r) AS asset, r.fields AS fields`;

/** The data sets of fields, each once; none for a field whose data set is hidden. */
export const DATASETS_OF_FIELDS = `// lineage.datasetsOfFields
UNWIND $ids AS id
MATCH (:Field&Node {id: id})-[:FIELD_OF]->(a:Asset)
WITH a, collect(id) AS fields WHERE ${visibleTo('a')}
RETURN a.id AS dataset, fields`;

/** The data set a question names, and its fields, to say why it has no answer. No row: hidden, or not there. */
export const NAMED_DATASET = `// lineage.namedDataset
MATCH (name:Alias {key: $key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} AND ${visibleTo('a')}
RETURN a.urn AS urn, a.kind AS kind,
       COLLECT { MATCH (f:Field)-[:FIELD_OF]->(a) WHERE f.id < $viewer.ceiling AND ${present('f')} RETURN ${nameThen('f')} ORDER BY CASE WHEN $viewer.asOf IS NULL THEN f.ordinal ELSE 0 END, f.id } AS names,
       head(COLLECT {
         MATCH (f:Field)-[:FIELD_OF]->(a)
         WHERE f.id < $viewer.ceiling AND (f.name = $name OR $name IN f.formerNames) AND ($viewer.asOf IS NULL OR ${nameThen('f')} = $name)
         RETURN {removedAt: f.removedAt, name: ${nameThen('f')}}
         ORDER BY ${nameThen('f')} = $name DESC, f.removedAt DESC
       }) AS former`;
