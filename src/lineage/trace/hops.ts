import { MAX_LINEAGE_DEPTH } from './lineage.js';

const LADDER = [1, 2, 3, 5, 8, 13, 20, 50, 100, 500, 2_000, MAX_LINEAGE_DEPTH];

/**
 * How many hops the text of a walk allows where `depth` are asked for. Cypher takes only a literal there, so each bound makes a text
 * of its own, which Neo4j has to plan: all walks take the next step of one ladder, and leave out by the parameter
 * `$depth` what lies beyond it.
 */
export function hopLimit(depth: number): number {
  return LADDER.find((hops) => hops >= depth) ?? MAX_LINEAGE_DEPTH;
}
