import { visibleTo } from '../auth/rights.cypher.js';
import type { Direction } from './lineage.js';

/** A claim counts when it was true at `$asOf` and known at `$knownAt`. */
export const liveClaim = (claim: string): string =>
  `${claim}.validFrom <= $asOf AND (${claim}.validUntil IS NULL OR ${claim}.validUntil > $asOf)
    AND ${claim}.recordedAt <= $knownAt AND (${claim}.retractedAt IS NULL OR ${claim}.retractedAt > $knownAt)`;

/**
 * Distinct assets reached, with the shortest distance. Written so that Neo4j plans it as VarLengthExpand(Pruning,BFS): a
 * breadth-first walk with a visited set (test/graph/plans.test.ts holds it to that). It must bind the path, take only
 * min(length) of it, and have an upper bound, which Cypher wants as a literal: hence one statement text per depth.
 */
const reach = (pattern: string): string => `
      UNWIND roots AS root
      MATCH p = ${pattern}
      WHERE all(claim IN relationships(p) WHERE ${liveClaim('claim')})
      WITH b, min(length(p)) AS depth
      RETURN b, depth`;

/** Walks one hop beyond the depth: what is found there tells how much the depth cuts off. */
function walk(direction: Direction, depth: number): string {
  const hops = depth + 1;
  const downstream = reach(`(root)-[:FEEDS*1..${hops}]->(b:Asset)`);
  const upstream = reach(`(root)<-[:FEEDS*1..${hops}]-(b:Asset)`);
  if (direction === 'BOTH') return `${downstream}\n      UNION${upstream}`;
  return direction === 'DOWNSTREAM' ? downstream : upstream;
}

const ROOTS = `CALL (question) {
    UNWIND question.refs AS wanted
    CALL (wanted) {
      MATCH (a:Asset {id: wanted.ref}) RETURN a
      UNION
      MATCH (:Alias {key: wanted.key})-[:NAMES]->(a:Asset) RETURN a
    }
    WITH wanted, a WHERE ${visibleTo('a')}
    RETURN collect(DISTINCT a) AS roots, collect(wanted.ref) AS found
  }`;

const more = (wanted: boolean, pattern: string): string =>
  wanted ? `COUNT { MATCH ${pattern} WHERE ${liveClaim('claim')} AND NOT m IN known RETURN DISTINCT m }` : '0';

/** What an answer shows of a visible asset; its long list of field names stays where it is. */
const SHOWN_ASSET = `n {.id, .urn, .kind, .namespace, .name, .description, .tags, .properties, .visibility, .ownVisibility, .createdAt, .updatedAt,
        .retiredAt, .revision, .format, .uri, .codeRef, .task, .license, .environment, .endpoint}`;

/**
 * One whole answer a row: the page of nodes in the order of depth and urn, the edges that touch the page, and exact
 * counts of what is left out. A kinds filter hides but does not cut; a hidden node passes it, because being filtered
 * would tell its kind. Hidden nodes come after the visible ones of their depth, so their place does not tell their name.
 * An edge belongs to the page on which its second end appears, so that all pages together hold each edge once.
 */
export const TRACE = (direction: Direction, depth: number): string => `// lineage.trace
UNWIND $questions AS question
  ${ROOTS}
  CALL (roots) {
    CALL (roots) {${walk(direction, depth)}
    }
    WITH roots, b, min(depth) AS depth
    WHERE NOT b IN roots
    WITH b, depth, ${visibleTo('b')} AS visible
    WHERE depth > $depth OR NOT visible OR $kinds IS NULL OR b.kind IN $kinds
    WITH b, depth, visible, CASE WHEN visible THEN '0' + b.urn ELSE '1' + b.id END AS place
    ORDER BY depth, place
    RETURN collect({node: b, depth: depth, visible: visible, place: place}) AS reached
  }
  WITH question, roots, found, size([x IN reached WHERE x.depth > $depth]) AS cutByDepth,
       [x IN reached WHERE x.depth <= $depth] AS shown
  WITH *, CASE WHEN $afterPlace IS NULL THEN 0
          ELSE size([x IN shown WHERE x.depth < $afterDepth OR (x.depth = $afterDepth AND x.place <= $afterPlace)]) END AS start
  WITH *, shown[start..start + $first] AS page,
       roots + [x IN shown[0..start + $first] | x.node] AS known,
       CASE WHEN start = 0 THEN roots ELSE [] END AS rootsHere
  CALL (page, known, rootsHere) {
    UNWIND [x IN page | x.node] + rootsHere AS n
    CALL (n, known) {
      MATCH (n)-[claim:FEEDS]->(m:Asset) WHERE ${liveClaim('claim')} AND m IN known RETURN claim
      UNION
      MATCH (n)<-[claim:FEEDS]-(m:Asset) WHERE ${liveClaim('claim')} AND m IN known RETURN claim
    }
    WITH DISTINCT claim
    RETURN collect({source: startNode(claim).id, target: endNode(claim).id, claim: properties(claim)}) AS edges
  }
  CALL (page, known) {
    UNWIND page AS x
    WITH x, x.node AS n, known
    RETURN collect({
      id: n.id, depth: x.depth, place: x.place,
      moreUpstream: ${more(direction !== 'DOWNSTREAM', '(n)<-[claim:FEEDS]-(m:Asset)')},
      moreDownstream: ${more(direction !== 'UPSTREAM', '(n)-[claim:FEEDS]->(m:Asset)')},
      asset: CASE WHEN x.visible THEN ${SHOWN_ASSET} END
    }) AS nodes
  }
RETURN question.key AS key, found, [r IN roots | properties(r)] AS roots, nodes, edges, cutByDepth,
       size(shown) AS total, size([x IN shown WHERE NOT x.visible]) AS hidden,
       [x IN shown[0..start + $first] WHERE NOT x.visible | x.node.id] AS hiddenIds,
       start > 0 AS hasPrevious, size(shown) > start + $first AS hasNext`;

/** How many of the visible assets reached have which kind, owner and tag. */
export const FACETS = (direction: Direction, depth: number): string => `// lineage.facets
UNWIND $questions AS question
  ${ROOTS}
  CALL (roots) {
    CALL (roots) {${walk(direction, depth - 1)}
    }
    WITH roots, b, min(depth) AS depth
    WHERE NOT b IN roots AND ($kinds IS NULL OR b.kind IN $kinds) AND ${visibleTo('b')}
    RETURN collect(b) AS reached
  }
  CALL (reached) {
    UNWIND reached AS b RETURN 'kind' AS facet, b.kind AS value, count(*) AS total
    UNION ALL
    UNWIND reached AS b UNWIND b.tags AS tag RETURN 'tag' AS facet, tag AS value, count(*) AS total
    UNION ALL
    UNWIND reached AS b MATCH (p:Principal)-[:OWNS]->(b) RETURN 'owner' AS facet, p.id AS value, count(*) AS total
  }
WITH question, facet, value, total ORDER BY total DESC, value
RETURN question.key AS key, collect({facet: facet, value: value, total: total}) AS buckets`;
