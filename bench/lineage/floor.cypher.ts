/** True at `now`, which is both clocks: no claim begins or was recorded later, so two of the four times need not be read. */
const live = (now: string): string =>
  `(claim.validUntil IS NULL OR claim.validUntil > ${now}) AND claim.retractedAt IS NULL`;

const reach = (depth: number, now: string): string => `MATCH p = (root)-[:FEEDS*1..${depth}]->(b:Asset)
    WHERE all(claim IN relationships(p) WHERE ${live(now)})
    WITH root, b, min(length(p)) AS depth WHERE b <> root`;

const answer = (depth: number, now: string, scope: string): string => `MATCH (root:Asset {id: $of})
  CALL (root${scope}) {
    ${reach(depth, now)}
    ORDER BY depth, b.urn LIMIT $first
    RETURN collect(b) AS page, collect({id: b.id, urn: b.urn, name: b.name, depth: depth}) AS nodes
  }
  WITH nodes, [root] + page AS known${scope}
  CALL (known${scope}) {
    UNWIND known AS t
    MATCH (s:Asset)-[claim:FEEDS]->(t) WHERE s IN known AND ${live(now)}
    RETURN collect(DISTINCT {source: s.id, target: t.id}) AS edges
  }
  RETURN {nodes: nodes, edges: edges} AS lineage`;

/**
 * The answer that all give, written by hand by who knows the graph: the first nodes by depth with urn and name, and the
 * edges between them. Edges are looked up by where they lead to, for a hub has many that it feeds and few that feed it.
 * One row, because many are slow to decode. No rights, no completeness, no further pages.
 */
export const FLOOR = (depth: number): string => answer(depth, '$now', '');

/** The same for @neo4j/graphql, which hands a DateTime to a @cypher statement as text. */
export const FLOOR_OF_TEXT = (depth: number): string =>
  `WITH datetime($now) AS now\n  ${answer(depth, 'now', ', now')}`;

/** The same with what it leaves out: how many are reached in all, and how many lie one hop beyond the depth. */
export const FLOOR_COMPLETE = (depth: number): string => `CALL () {
    ${answer(depth, '$now', '')}
  }
  MATCH (root:Asset {id: $of})
  CALL (root) {
    ${reach(depth + 1, '$now')}
    RETURN count(CASE WHEN depth <= ${depth} THEN 1 END) AS total, count(CASE WHEN depth > ${depth} THEN 1 END) AS cutByDepth
  }
  RETURN lineage, total, cutByDepth`;

export const FLOOR_COUNT = (depth: number): string => `MATCH (root:Asset {id: $of})
  CALL (root) {
    ${reach(depth, '$now')}
    RETURN count(b) AS total
  }
  RETURN total`;

/** A point lookup as the product's: by name, through the index of aliases. */
export const FLOOR_LOOKUP = `MATCH (:Alias {key: $key})-[:NAMES]->(a:Asset)
  RETURN a {.id, .urn, .name, .kind} AS asset`;
