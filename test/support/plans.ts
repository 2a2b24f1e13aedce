import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Driver, Plan } from 'neo4j-driver';
import { inject } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { asSent } from '../../src/neo4j/parameter-map.js';
import { ownGraph } from './own-graph.js';
import { allStatements, SHAPES, TALLIED, TALLIES, WALKS } from './statements.js';
import { TRACE } from '../../src/lineage/trace/lineage.cypher.js';

/** One operator of a plan, and what it is about. */
export interface Step {
  operator: string;
  details: string;
}
/** By the text of the statement. */
export type Plans = ReadonlyMap<string, readonly Step[]>;

/** Asked side by side: planning takes one processor each. */
const AT_ONCE = 2;

/**
 * How an empty graph goes about each statement of the product and each kind of walk: what the planner takes depends on how much there
 * is of each label. In an empty graph a scan costs least, so what does without one there does without it everywhere.
 */
export async function plansInEmptyGraph(): Promise<Plans> {
  const written = inject('plans');
  if (written !== null) return new Map(JSON.parse(readFileSync(written, 'utf8')) as [string, Step[]][]);
  const graph = await ownGraph();
  const driver = openDriver(graph);
  try {
    // What was planned while another file filled it tells nothing of an empty one.
    await driver.executeQuery('CALL db.clearQueryCaches()');
    return await planned(driver);
  } finally {
    await driver.close();
    await graph.giveBack();
  }
}

/** The same into a file for `plansInEmptyGraph`, in the graph that the tests share, which has the plans from then on. */
export async function writePlans(driver: Driver, file: string): Promise<void> {
  writeFileSync(file, JSON.stringify([...(await planned(driver))]));
}

async function planned(driver: Driver): Promise<Plans> {
  const walks = Object.entries(SHAPES).flatMap(([name, shape]) =>
    [TRACE, ...(TALLIED.includes(name) ? TALLIES : [])].map((statement) => statement(shape)),
  );
  const texts = [...(await allStatements()).values(), ...Object.values(WALKS), ...walks];
  const left = [...new Set(texts)];
  const plans = new Map<string, Step[]>();
  const lane = async (): Promise<void> => {
    const session = driver.session();
    for (let text = left.pop(); text !== undefined; text = left.pop()) {
      const { summary } = await session.run(`EXPLAIN ${asSent(text)}`, { p: {} });
      if (summary.plan === false) throw new Error('EXPLAIN gave no plan.');
      plans.set(text, stepsOf(summary.plan));
    }
    await session.close();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return plans;
}

const stepsOf = ({ operatorType, arguments: { Details: details }, children }: Plan): Step[] => [
  { operator: operatorType.replace('@neo4j', ''), details: String(details) },
  ...children.flatMap(stepsOf),
];
