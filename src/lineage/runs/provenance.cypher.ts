import { visibleTo } from '../../auth/rights.cypher.js';
import type { Direction } from '../trace/lineage.js';

/**
 * That a run read or made a version counts when it was true at `$asOf` and recorded by `$knownAt`. Both stand on the
 * relationship, so a walk need not look at the nodes: a run that is reported late lands at its own time.
 */
export const heldFlow = (flow: string): string => `${flow}.since <= $asOf AND ${flow}.recordedAt <= $knownAt`;

/**
 * Versions and runs reached from each root, with the shortest distance. Written as `walkOneWay` in trace.cypher.ts, and for the
 * same reason: Neo4j plans it as VarLengthExpand(Pruning,BFS).
 */
export const reachFlows = (pattern: string): string => `
  UNWIND roots AS root
  MATCH p = ${pattern}
  WHERE all(flow IN relationships(p) WHERE ${heldFlow('flow')})
  WITH x, min(length(p)) AS depth
  RETURN x, depth`;

/** What the runs and versions around the given versions are, at any remove up to the depth; `bound` is a bound of `hopLimit`. */
export const PROVENANCE = (direction: Direction, bound: number): string => `// lineage.provenance
UNWIND $ids AS id
MATCH (root:Version&Node {id: id})-[:VERSION_OF]->(own:Asset) WHERE ${visibleTo('own')}
WITH id, [root] AS roots
CALL (roots) {${walk(direction, bound + 1)}
}
WITH id, roots, x, min(depth) AS depth WHERE NOT x IN roots AND depth <= $depth + 1
MATCH (x)-[:VERSION_OF|RUN_OF]->(a:Asset)
WITH id, roots, x, depth, ${visibleTo('a')} AS visible
ORDER BY depth, x.id
WITH id, roots, collect({node: x, depth: depth, visible: visible}) AS reached
WITH id, roots, [r IN reached WHERE r.depth <= $depth] AS within, size([r IN reached WHERE r.depth > $depth]) AS cutByDepth
WITH id, roots, within, cutByDepth, within[0..$limit] AS shown
WITH *, roots + [s IN shown | s.node] AS known
CALL (known) {
  UNWIND known AS s
  MATCH (s)-[flow:USED_BY|GENERATED]->(t) WHERE t IN known AND ${heldFlow('flow')}
  RETURN collect({source: s.id, target: t.id, used: CASE WHEN type(flow) = 'USED_BY' THEN properties(flow) END}) AS edges
}
RETURN id, edges, cutByDepth, size(within) > $limit AS cut, size([s IN within WHERE NOT s.visible]) AS hidden,
       [s IN shown WHERE NOT s.visible | s.node.id] AS hiddenIds,
       [s IN shown WHERE s.visible AND s.node:Version | properties(s.node)] AS versions,
       [s IN shown WHERE s.visible AND s.node:Run | properties(s.node)] AS runs`;

function walk(direction: Direction, hops: number): string {
  const upstream = reachFlows(`(root)<-[:USED_BY|GENERATED*1..${hops}]-(x)`);
  const downstream = reachFlows(`(root)-[:USED_BY|GENERATED*1..${hops}]->(x)`);
  if (direction === 'BOTH') return `${upstream}\n  UNION${downstream}`;
  return direction === 'UPSTREAM' ? upstream : downstream;
}
