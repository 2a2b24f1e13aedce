/**
 * A statement as Neo4j gets it: all parameters inside one map, `$limit` becoming `$p.limit`. Neo4j plans a text anew for
 * each type and size class of its parameters (a string of another length class, a list of 0, 2 or 20 items, a null that
 * becomes a list), which costs 50 to 75 ms each time; of a map it asks neither (measured on 5.26). What writes statements
 * need not know, but for one thing: Neo4j 2026 takes no `LIMIT $limit` on a WITH or RETURN that aggregates; it wants a WITH between.
 */
export function asSent(cypher: string): string {
  let text = sent.get(cypher);
  if (text === undefined) sent.set(cypher, (text = cypher.replace(PARAMETER, '$p.$1')));
  return text;
}

/** No statement has a `$` in a text of its own: test/graph/plans.test.ts runs all of them through the planner. */
const PARAMETER = /\$([A-Za-z]\w*)/g;

/** The statements are constants, or made for a few shapes: their number is bounded. */
const sent = new Map<string, string>();
