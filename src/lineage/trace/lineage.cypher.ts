import { calledSo, visibleTo } from '../../auth/rights.cypher.js';
import { bridges, flows, more } from './edges.cypher.js';
import { shownAsset, urnThen, revisionAt } from './asset-snapshot.cypher.js';
import { isShown, type TraceShape, walk } from './trace.cypher.js';

/** Rows `wanted`, `a`: the refs, as `refParameters` makes them, that lead to an asset the viewer may see. */
export const resolved = (refs: string): string => `UNWIND ${refs} AS wanted
    MATCH (name:Alias {key: wanted.key})-[:NAMES]->(a:Asset) WHERE ${calledSo('name')} AND ${visibleTo('a')}`;

/** The assets a question is about; `found` are the refs that resolved to one the viewer may see. */
const questions = ({ ignore }: TraceShape): string => `${
  ignore
    ? `CALL () {
    ${resolved('$ignore.refs')}
    RETURN collect(DISTINCT a) AS noise, collect(wanted.ref) AS noiseFound
  }
  `
    : ''
}UNWIND $questions AS question
  CALL (question) {
    ${resolved('question.refs')}
    RETURN collect(DISTINCT a) AS roots, collect(wanted.ref) AS found
  }`;

/** The first `$limit` of what is reached, in the order of depth and urn; to who is frozen at a time, of id: urns change. */
export const nearest = (shape: TraceShape): string => `CALL (roots${shape.ignore ? ', noise' : ''}) {
    ${walk(
      shape,
      '$wants.page',
      0,
      `
      WITH b, depth, ${visibleTo('b')} AS visible WHERE ${isShown(shape)}
      WITH b, depth, visible, CASE WHEN visible AND $viewer.asOf IS NULL THEN b.urn ELSE b.id END AS name
      ORDER BY depth, visible DESC, name LIMIT $limit
      RETURN b, depth, visible, name`,
    )}
    WITH b, visible, name, min(depth) AS depth
    WITH b, visible, name, depth ORDER BY depth, visible DESC, name LIMIT $limit
    RETURN collect({node: b, depth: depth, visible: visible, name: name}) AS reached
  }`;

/** One row for each asset reached. */
export const each = (shape: TraceShape): string => (shape.several ? 'WITH b, min(depth) AS depth' : 'WITH b, depth');

/** How many are reached in all, where each of them counts: nothing of an asset is read. */
export const TOTAL = (shape: TraceShape): string => `// lineage.total
  ${questions(shape)}
  CALL (roots${shape.ignore ? ', noise' : ''}) {
    ${walk(shape, 'true', 0, '\n      RETURN b, depth')}
    RETURN count(${shape.several ? 'DISTINCT b' : '*'}) AS shown
  }
RETURN question.key AS key, shown, 0 AS hidden, 0 AS cutByDepth`;

/** How many are shown on all pages, how many of them are hidden, and how many lie one hop beyond the depth. */
export const COUNTS = (shape: TraceShape): string => `// lineage.counts
  ${questions(shape)}
  CALL (roots${shape.ignore ? ', noise' : ''}) {
    ${walk(shape, 'true', 1, '\n      RETURN b, depth')}
    ${each(shape)}
    WITH b, depth, ${visibleTo('b')} AS visible
    RETURN count(CASE WHEN depth <= $depth AND ${isShown(shape)} THEN 1 END) AS shown,
           count(CASE WHEN depth <= $depth AND NOT visible THEN 1 END) AS hidden,
           count(CASE WHEN depth > $depth THEN 1 END) AS cutByDepth
  }
RETURN question.key AS key, shown, hidden, cutByDepth`;

/** How many of what is `reached` lie before the page. */
export const START = `CASE WHEN $after IS NULL THEN 0 ELSE size([x IN reached WHERE x.depth < $after.depth OR (x.depth = $after.depth
          AND ((x.visible AND NOT $after.visible) OR (x.visible = $after.visible AND x.name <= $after.name)))]) END`;

/**
 * One page a row: its nodes in the order of depth and urn and the edges that touch it, as columns; each part only when `$wants`
 * it. What is counted over all pages is asked beside it (COUNTS, FACETS). A kinds filter hides but does not cut; a hidden node passes it,
 * because being filtered would tell its kind. Hidden nodes come after the visible ones of their depth, so their place does
 * not tell their name. An edge belongs to the page on which its second end appears, so that all pages together hold each
 * edge once.
 */
export const TRACE = (shape: TraceShape): string => `// lineage.page
  ${questions(shape)}
  ${nearest(shape)}
  WITH *, ${START} AS start
  WITH *, reached[start..start + $first] AS page, roots + [x IN reached[0..start] | x.node] AS before,
       CASE WHEN start = 0 THEN roots ELSE [] END AS rootsHere
  WITH *, before + [x IN page | x.node] AS known
  ${shape.ignore ? bridges(shape) : flows(shape)}
  CALL (page, known) {
    UNWIND page AS x
    WITH x, x.node AS n, known
    WITH x, n.id AS id,
      ${more(shape, shape.direction !== 'DOWNSTREAM', '(n)<-[claim:FEEDS]-(m)')} AS up,
      ${more(shape, shape.direction !== 'UPSTREAM', '(n)-[claim:FEEDS]->(m)')} AS down,
      ${shape.past ? `CASE WHEN $wants.names AND x.visible THEN ${urnThen('n')} END` : 'null'} AS urn,
      CASE WHEN $wants.assets AND x.visible THEN ${shownAsset('n', shape.past)} END AS asset
    RETURN collect(id) AS ids, collect(x.depth) AS depths, collect(x.visible) AS visible, collect(x.name) AS names,
      collect(up) AS moreUpstream, collect(down) AS moreDownstream, collect(urn) AS urns, collect(asset) AS assets
  }
RETURN question.key AS key, found, ${shape.ignore ? 'noiseFound' : '[]'} AS noiseFound,
       [r IN roots | ${shownAsset('r', shape.past)}] AS roots, ids, depths, visible, names,
       moreUpstream, moreDownstream, urns, assets, sources, targets, through, claims, start,
       [x IN reached[0..start + $first] WHERE NOT x.visible | x.node.id] AS hiddenIds, size(reached) AS taken`;

const tagsThen = (past: boolean): string => (past ? `${revisionAt('b')}.tags` : 'b.tags');
/** Rows `owner`: the ids of who owns, or owned, the asset `b`. */
export const ownersThen = (past: boolean): string => `UNWIND ${past ? revisionAt('b') : 'b'}.ownerIds AS owner`;

/** How many of the visible assets reached have which kind, owner and tag. */
export const FACETS = (shape: TraceShape): string => `// lineage.facets
  ${questions(shape)}
  CALL (roots${shape.ignore ? ', noise' : ''}) {
    ${walk(shape, 'true', 0, '\n      RETURN b, depth')}
    WITH DISTINCT b, ${visibleTo('b')} AS visible
    WITH b, visible WHERE visible AND ${isShown(shape)}
    RETURN collect(b) AS reached
  }
  CALL (reached) {
    UNWIND reached AS b RETURN 'kind' AS facet, b.kind AS value, count(*) AS total
    UNION ALL
    UNWIND reached AS b UNWIND ${tagsThen(shape.past)} AS tag RETURN 'tag' AS facet, tag AS value, count(*) AS total
    UNION ALL
    UNWIND reached AS b ${ownersThen(shape.past)} RETURN 'owner' AS facet, owner AS value, count(*) AS total
  }
WITH question, facet, value, total ORDER BY total DESC, value
RETURN question.key AS key, collect({facet: facet, value: value, total: total}) AS buckets`;
