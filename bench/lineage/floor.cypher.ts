/** As the product's liveClaim, with one time for both clocks: what is true at `$asOf`, as known by `$knownAt`. */
const live = `claim.validFrom <= $asOf AND (claim.validUntil IS NULL OR claim.validUntil > $asOf)
      AND claim.recordedAt <= $knownAt AND (claim.retractedAt IS NULL OR claim.retractedAt > $knownAt)`;

const reach = (depth: number): string => `MATCH p = (root)-[:FEEDS*1..${depth}]->(b:Asset)
    WHERE all(claim IN relationships(p) WHERE ${live})
    WITH root, b, min(length(p)) AS depth WHERE b <> root`;

/**
 * The answer that all give, written by hand by who knows the graph: the first nodes by depth with urn and name, and the
 * edges between them. Edges are looked up by where they lead to, for a hub has many that it feeds and few that feed it.
 * One row, because many are slow to decode. No rights, no completeness, no further pages.
 */
export const FLOOR = (depth: number): string => `MATCH (root:Asset {id: $of})
  CALL (root) {
    ${reach(depth)}
    ORDER BY depth, b.urn LIMIT $first
    RETURN collect(b) AS page, collect({id: b.id, urn: b.urn, name: b.name, depth: depth}) AS nodes
  }
  WITH nodes, [root] + page AS known
  CALL (known) {
    UNWIND known AS t
    MATCH (s:Asset)-[claim:FEEDS]->(t) WHERE s IN known AND ${live}
    RETURN collect(DISTINCT {source: s.id, target: t.id}) AS edges
  }
  RETURN {nodes: nodes, edges: edges} AS lineage`;

export const FLOOR_COUNT = (depth: number): string => `MATCH (root:Asset {id: $of})
  CALL (root) {
    ${reach(depth)}
    RETURN count(b) AS total
  }
  RETURN total`;

/** A point lookup as the product's: by name, through the index of aliases. */
export const FLOOR_LOOKUP = `MATCH (:Alias {key: $key})-[:NAMES]->(a:Asset)
  RETURN a {.id, .urn, .name, .kind} AS asset`;
