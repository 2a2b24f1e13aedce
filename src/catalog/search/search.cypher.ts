import { visibleTo } from '../../auth/rights.cypher.js';
import { MATCHES_FILTER, matchingThen } from '../assets/asset.cypher.js';
import { heldAt } from '../model/revision.cypher.js';

/**
 * The index follows what is written; who searches waits until it has all of it, so that what was answered is found. An index
 * that is written within each transaction, as in a database whose indexes are not ours to make, has nothing to wait for.
 */
const found = (options = ''): string => `CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()
CALL db.index.fulltext.queryNodes('asset_search', $lucene${options})`;

/** Of the hit `a`: what has changed since the first page was read stands where it stood then (`SEARCH_CHANGED`). */
const UNCHANGED = '($began IS NULL OR a.updatedAt <= $began)';

/** Rows `a`, `score`: those of them that are to be shown, in the order of relevance. `luceneOf` says what a score is made of. */
const shown = (
  more: string,
): string => `WITH a, score WHERE ${more}${UNCHANGED} AND ${MATCHES_FILTER} AND ${visibleTo('a')}
  AND ($afterScore IS NULL OR score < $afterScore OR (score = $afterScore AND a.id > $afterId))
WITH a, score ORDER BY score DESC, a.id LIMIT $limit`;
const ANSWER = 'RETURN properties(a) AS asset, a.fieldNames AS fieldNames, score';

/**
 * The first hits by score, and nothing that costs more where half of all assets are hits. Lucene gives the `$bestHits` with the highest
 * scores; `floor` is the lowest of them where there are more: of that score it gave some, of those above it all. One row without an
 * asset where none is to be shown.
 */
export const SEARCH_BEST = `// catalog.searchBest
${found(', {limit: $bestHits}')} YIELD node, score
WITH collect(node) AS nodes, collect(score) AS scores
WITH nodes, scores, CASE WHEN size(nodes) = $bestHits THEN scores[-1] END AS floor
WITH floor, COLLECT {
  UNWIND range(0, size(nodes) - 1) AS place
  WITH nodes[place] AS a, scores[place] AS score, floor
  ${shown('(floor IS NULL OR score > floor) AND ')}
  RETURN {node: a, score: score}
} AS hits
UNWIND CASE WHEN size(hits) = 0 THEN [null] ELSE hits END AS hit
RETURN floor, properties(hit.node) AS asset, hit.node.fieldNames AS fieldNames, hit.score AS score`;

/**
 * Of the hits with the score `$floor`, in the order of their ids, those among the `$chunk` assets behind `$behind`; Lucene looks at
 * no others. `upTo` is the last of these, null where there is none. One row without an asset where none is to be shown.
 */
export const SEARCH_STEP = `// catalog.searchStep
CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()
CALL () {
  MATCH (s:Asset) WHERE s.id > $behind
  WITH s.id AS id ORDER BY id LIMIT $chunk
  RETURN max(id) AS upTo
}
WITH upTo, COLLECT {
  WITH upTo WHERE upTo IS NOT NULL
  CALL db.index.fulltext.queryNodes('asset_search', $lucene + ' +id:{' + $behind + ' TO ' + upTo + ']^0') YIELD node AS a, score
  WITH a, score WHERE score = $floor AND ${UNCHANGED} AND ${MATCHES_FILTER} AND ${visibleTo('a')}
  RETURN a ORDER BY a.id LIMIT $limit
} AS nodes
UNWIND CASE WHEN size(nodes) = 0 THEN [null] ELSE nodes END AS node
RETURN upTo, properties(node) AS asset, node.fieldNames AS fieldNames, $floor AS score`;

/** All hits, each looked at, by relevance. */
export const SEARCH_ALL = `// catalog.searchAll
${found()} YIELD node AS a, score
${shown('')}
${ANSWER}`;

export const SEARCH_BY_NAME = `// catalog.searchByName
${found()} YIELD node AS a, score
WITH a, score, toLower(a.name) AS lowerName WHERE ${UNCHANGED} AND ${MATCHES_FILTER} AND ${visibleTo('a')}
  AND ($afterName IS NULL OR lowerName > $afterName OR (lowerName = $afterName AND a.id > $afterId))
WITH a, score, lowerName ORDER BY lowerName, a.id LIMIT $limit
${ANSWER}, lowerName`;

export const SEARCH_BY_UPDATE = `// catalog.searchByUpdate
${found()} YIELD node AS a, score
WITH a, score WHERE ${UNCHANGED} AND ${MATCHES_FILTER} AND ${visibleTo('a')}
  AND ($afterTime IS NULL OR a.updatedAt < $afterTime OR (a.updatedAt = $afterTime AND a.id > $afterId))
WITH a, score ORDER BY a.updatedAt DESC, a.id LIMIT $limit
${ANSWER}`;

export const COUNT_FOUND = `// catalog.countFound
${found()} YIELD node AS a
WITH a WHERE ${MATCHES_FILTER} AND ${visibleTo('a')}
RETURN count(a) AS total`;

/** A facet in each row: how many of the hits have each value, the most frequent first. Hits are counted as they come, for there may be a million. */
export const FACETS_OF_FOUND = `// catalog.facetsOfFound
${found()} YIELD node AS a
WITH a WHERE ${MATCHES_FILTER} AND ${visibleTo('a')}
UNWIND [['kind', a.kind], ['namespace', a.namespace]] + [tag IN a.tags | ['tag', tag]] + [id IN a.ownerIds | ['owner', id]] AS pair
WITH pair[0] AS name, pair[1] AS value, count(*) AS count
ORDER BY count DESC, value
RETURN name, collect({value: value, count: count})[..$facets] AS buckets`;

/** Whether the revision may hold the words, which `scoreOf` then says for sure. */
const mayHold = (revision: string): string => {
  const places = ['nameTokens', 'tagTokens', 'fieldTokens', 'namespaceTokens', 'descriptionTokens'];
  const tokens = places.map((place) => `coalesce(${revision}.${place}, '')`).join(" + ' ' + ");
  return `any(tokens IN [' ' + ${tokens}] WHERE all(word IN $searched
  WHERE all(part IN word.parts WHERE tokens CONTAINS ' ' + part) OR tokens CONTAINS ' ' + word.whole))`;
};

/** What was found when the first page was read and has changed since: as it is, and as it was then. */
export const SEARCH_CHANGED = `// catalog.searchChanged
MATCH (a:Asset) WHERE a.updatedAt > $began AND ${MATCHES_FILTER} AND ${visibleTo('a')}
MATCH (r:AssetRevision)-[:REVISION_OF]->(a) WHERE ${heldAt('r', '$began')} AND r.from <= $began AND ${mayHold('r')}
RETURN properties(a) AS asset, a.fieldNames AS fieldNames, properties(r) AS then, toLower(r.name) AS lowerName`;

/** What was found at the time a session is frozen at: the index holds only what is. */
export const SEARCH_THEN = `// catalog.searchThen
${matchingThen("a.id > ''")}
WITH a, then WHERE ${mayHold('then')}
RETURN properties(then) AS asset ORDER BY a.id`;
