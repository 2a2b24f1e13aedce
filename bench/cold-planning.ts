import { everydayStatements } from '../src/everyday.statements.js';
import type { openDriver } from '../src/neo4j/graph.js';
import { asSent } from '../src/neo4j/parameter-map.js';
import { round } from './load.js';

type Driver = ReturnType<typeof openDriver>;

/** A statement by the name in its first line, and what it took to plan. */
export interface Planned {
  name: string;
  ms: number;
}

/** How many plans the database keeps; it forgets them. */
export async function countPlans(driver: Driver): Promise<number> {
  const { records } = await driver.executeQuery('CALL db.clearQueryCaches()');
  return Number(/\d+/.exec(String(records[0]?.get('value')))?.[0] ?? Number.NaN);
}

/** Milliseconds of each statement, planned once more by a Java that has planned all of them before. */
export async function planAll(driver: Driver): Promise<Planned[]> {
  const plan = async () => {
    const times: Planned[] = [];
    for (const statement of everydayStatements()) {
      const began = performance.now();
      await driver.executeQuery(`EXPLAIN ${asSent(statement)}`, { p: {} });
      times.push({ name: /^\/\/ (\S+)/.exec(statement)?.[1] ?? '', ms: round(performance.now() - began) });
    }
    return times;
  };
  await plan();
  await countPlans(driver);
  return (await plan()).sort((a, b) => b.ms - a.ms);
}

/** The dearest text of each name, the dearest names first: variants of one statement do not fill the list. */
export function dearestNames(planned: readonly Planned[], most: number): Planned[] {
  const dearest = new Map<string, Planned>();
  for (const each of planned) if (each.ms > (dearest.get(each.name)?.ms ?? -1)) dearest.set(each.name, each);
  return [...dearest.values()].sort((a, b) => b.ms - a.ms).slice(0, most);
}
