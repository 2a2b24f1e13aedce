import { beforeAll, describe, expect, it } from 'vitest';
import { IMPACT } from '../../src/questions/impact/impact.cypher.js';
import { DISTANCE } from '../../src/questions/paths/paths.cypher.js';
import { TRACE } from '../../src/lineage/trace/lineage.cypher.js';
import { LOCKED_AT_TIMES, LOCKED_KEYS } from '../support/locked-keys.js';
import { type Plans, plansInEmptyGraph, type Step } from '../support/plans.js';
import { allStatements, shape, SHAPES, TALLIED, TALLIES, WALKS } from '../support/statements.js';

/** Operators that read the whole graph, or all of a label: with a million assets each of them is an outage. */
const FULL_SCANS =
  /^(AllNodesScan|NodeByLabelScan|UnionNodeByLabelsScan|IntersectionNodeByLabelsScan|.*RelationshipsScan|.*RelationshipTypeScan)/;

let plans: Plans;
beforeAll(async () => {
  plans = await plansInEmptyGraph();
});

function planOf(statement: string): readonly Step[] {
  const plan = plans.get(statement);
  if (plan === undefined) throw new Error(`It was not planned: ${statement}`);
  return plan;
}

const operatorsOf = (statement: string): string[] => planOf(statement).map(({ operator }) => operator);

/** The unique keys that a plan seeks with a lock: "Asset.id". */
function lockedKeys(plan: readonly Step[]): string[] {
  const seeks = plan.filter(({ operator }) => operator.startsWith('NodeUniqueIndexSeek(Locking)'));
  return seeks.map(({ details }) => {
    const [, label, keys] = /^UNIQUE [^:]*:(\w+)\(([^)]*)\)/.exec(details) ?? [];
    if (label === undefined || keys === undefined) throw new Error(`What is sought is not told: ${details}`);
    return `${label}.${keys}`;
  });
}

const listsTrails = (operator: string): boolean => !operator.startsWith('VarLengthExpand(Pruning,BFS');

describe('the plans of statements', () => {
  it('never scan the graph or a label', async () => {
    const statements = await allStatements();
    expect(statements.size).toBeGreaterThan(70);
    const scans: string[] = [];
    for (const [name, statement] of statements) {
      const scanning = planOf(statement).filter(({ operator }) => FULL_SCANS.test(operator));
      const told = scanning.map(({ operator, details }) => `${operator} ${details}`);
      if (told.length > 0) scans.push(`${name}: ${told.join(', ')}`);
    }
    expect(scans).toEqual([]);
  });

  it('lock no unique key that may not be there, save where that key is made', async () => {
    const locked = new Set<string>();
    for (const statement of (await allStatements()).values()) {
      const name = /^\/\/ (\S+)/.exec(statement)?.[1] ?? statement;
      for (const key of lockedKeys(planOf(statement))) locked.add(`${name} ${key}`);
    }
    const known = Object.values(LOCKED_KEYS).flat();
    const atTimes = Object.values(LOCKED_AT_TIMES).flat();
    expect([...locked].filter((key) => !atTimes.includes(key)).sort()).toEqual(known.sort());
  });

  it.each(Object.entries(SHAPES))(
    'walk lineage breadth-first with a visited set, and no further than the page: %s',
    (_name, each) => {
      const all = operatorsOf(TRACE(each));
      expect(all.filter((operator) => operator.startsWith('VarLengthExpand')).filter(listsTrails)).toEqual([]);
      // Ordering a page goes on where the walk is in the order of depth; `Top` and `Sort` would read all of it first.
      expect(all.filter((operator) => operator === 'PartialTop')).toHaveLength(each.direction === 'BOTH' ? 2 : 1);
      expect(all.filter((operator) => operator === 'Sort')).toEqual([]);
    },
  );

  it('reads no further than the page of an impact', () => {
    const all = operatorsOf(IMPACT(shape('DOWNSTREAM', 20)));
    expect(all.filter((operator) => operator === 'PartialTop')).toHaveLength(1);
  });

  it.each(TALLIED)('count facets and all that is reached breadth-first: %s', (name) => {
    for (const statement of TALLIES) {
      const all = operatorsOf(statement(SHAPES[name] ?? shape('BOTH', 1)));
      const walks = all.filter((operator) => operator.startsWith('VarLengthExpand'));
      expect(walks.length).toBeGreaterThan(0);
      expect(walks.filter(listsTrails)).toEqual([]);
    }
  });

  it.each(Object.entries(WALKS))('walk lineage breadth-first with a visited set: %s', (_name, statement) => {
    const expanding = operatorsOf(statement).filter((operator) => operator.startsWith('VarLengthExpand'));
    expect(expanding.length).toBeGreaterThan(0);
    expect(expanding.every((operator) => operator.startsWith('VarLengthExpand(Pruning,BFS'))).toBe(true);
  });

  it('look for the distance between two assets from both ends at once', () => {
    const all = operatorsOf(DISTANCE);
    expect(all).toContain('ShortestPath');
    expect(all.filter((operator) => operator.startsWith('VarLengthExpand'))).toEqual([]);
  });
});
