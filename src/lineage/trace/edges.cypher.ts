import { isNoise, lives, type TraceShape } from './trace.cypher.js';

/**
 * The flows that touch the page, as columns: lists of maps take twice as long to read. They are looked up by where they lead to: few things are made by many, and many are made
 * of one. What leads from this page back to an earlier one is looked up from its beginning.
 */
export const flows = (shape: TraceShape): string => `CALL (page, before, known, rootsHere) {
    CALL (page, before, known, rootsHere) {
      UNWIND CASE WHEN $wants.edges THEN [x IN page | x.node] + rootsHere ELSE [] END AS t
      MATCH (t)<-[claim:FEEDS]-(s) WHERE ${lives(shape, 'claim')} AND s IN known
      RETURN s, t, claim
      UNION ALL
      UNWIND CASE WHEN $wants.edges AND size(rootsHere) = 0 THEN [x IN page | x.node] ELSE [] END AS s
      MATCH (s)-[claim:FEEDS]->(t) WHERE ${lives(shape, 'claim')} AND t IN before
      RETURN s, t, claim
    }
    WITH s, t, collect(CASE WHEN $wants.claims THEN properties(claim) END) AS claims
    RETURN collect(s.id) AS sources, collect(t.id) AS targets, collect(null) AS through,
           collect(CASE WHEN $wants.claims THEN claims END) AS claims
  }`;

const bridge = (shape: TraceShape, from: string, pattern: string, passed: string): string => `
      CALL (${from}, roots, noise) {
        MATCH p = ${pattern}
        WHERE all(claim IN relationships(p) WHERE ${lives(shape, 'claim')} AND (${passed} = ${from}
          OR (NOT ${passed} IN roots AND ${isNoise(shape, passed)})))
        WITH ${from}, m, min(length(p)) AS hops
        RETURN m, hops
      }`;

/** The same where noise is left out: an edge also bridges over a run of it, and says through how many. */
export const bridges = (shape: TraceShape): string => `CALL (page, before, known, rootsHere, roots, noise) {
    CALL (page, before, known, rootsHere, roots, noise) {
      UNWIND CASE WHEN $wants.edges THEN [x IN page | x.node] + rootsHere ELSE [] END AS t
      ${bridge(shape, 't', `(t)<-[:FEEDS*1..${shape.bound}]-(m)`, 'endNode(claim)')}
      WITH m AS s, t, hops WHERE hops <= $depth AND s IN known AND s <> t
      RETURN s, t, hops
      UNION ALL
      UNWIND CASE WHEN $wants.edges AND size(rootsHere) = 0 THEN [x IN page | x.node] ELSE [] END AS s
      ${bridge(shape, 's', `(s)-[:FEEDS*1..${shape.bound}]->(m)`, 'startNode(claim)')}
      WITH s, m AS t, hops WHERE hops <= $depth AND t IN before AND s <> t
      RETURN s, t, hops
    }
    RETURN collect(s.id) AS sources, collect(t.id) AS targets, collect(hops - 1) AS through,
      collect(CASE WHEN NOT $wants.claims THEN null WHEN hops = 1
        THEN COLLECT { MATCH (s)-[claim:FEEDS]->(t) WHERE ${lives(shape, 'claim')} RETURN properties(claim) } ELSE [] END) AS claims
  }`;

/** How many neighbours this answer does not show; null where they were not asked for. */
export const more = (shape: TraceShape, wanted: boolean, pattern: string): string =>
  wanted
    ? `CASE WHEN $wants.more THEN COUNT { MATCH ${pattern} WHERE ${lives(shape, 'claim')} AND NOT m IN known RETURN DISTINCT m } END`
    : 'null';
