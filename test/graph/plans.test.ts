import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Driver, Plan } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { asSent } from '../../src/neo4j/parameter-map.js';
import { TRACE_FIELDS } from '../../src/lineage/fields/field-lineage.cypher.js';
import { PROVENANCE } from '../../src/lineage/runs/provenance.cypher.js';
import { CONTAMINATION } from '../../src/questions/contamination/contamination.cypher.js';
import { IMPACT, IMPACT_COUNTS, IMPACT_OWNERS } from '../../src/questions/impact/impact.cypher.js';
import { DEPLOYMENTS_TRAINED_ON, TRAINED_ON } from '../../src/questions/trained-on/trained-on.cypher.js';
import { DIFF } from '../../src/questions/diff/diff.cypher.js';
import { DISTANCE, WAYS } from '../../src/questions/paths/paths.cypher.js';
import { COUNTS, FACETS, TOTAL, TRACE } from '../../src/lineage/trace/lineage.cypher.js';
import { FOOTPRINT_OF } from '../../src/training/footprint/footprint.cypher.js';
import type { TraceShape } from '../../src/lineage/trace/trace.cypher.js';
import { LOCKED_AT_TIMES, LOCKED_KEYS } from '../support/locked-keys.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';

const ROOT = join(import.meta.dirname, '../..');

/** Operators that read the whole graph, or all of a label: with a million assets each of them is an outage. */
const FULL_SCANS =
  /^(AllNodesScan|NodeByLabelScan|UnionNodeByLabelsScan|IntersectionNodeByLabelsScan|.*RelationshipsScan|.*RelationshipTypeScan)/;

const shape = (direction: TraceShape['direction'], bound: number, more: Partial<TraceShape> = {}): TraceShape => ({
  ...{ direction, bound, several: direction === 'BOTH', past: false, until: false, ignore: false },
  ...more,
});
const SHAPES: Record<string, TraceShape> = {
  upstream: shape('UPSTREAM', 5),
  downstream: shape('DOWNSTREAM', 20),
  both: shape('BOTH', 13),
  'of several roots': shape('DOWNSTREAM', 20, { several: true }),
  'as of a time': shape('DOWNSTREAM', 20, { past: true }),
  'past noise': shape('UPSTREAM', 20, { ignore: true }),
  'up to something': shape('DOWNSTREAM', 20, { until: true }),
  'all at once, as deep as can be': shape('BOTH', 10_000, { past: true, until: true, ignore: true }),
};

/** What statements that are made for an argument are made for here. */
const ARGUMENTS: Record<string, unknown[][]> = {
  PRESENT_CLAIMS: [['FEEDS'], ['FEEDS_FIELD']],
  RETIRE_CLAIMS: [['FEEDS'], ['FEEDS_FIELD']],
  ADD_CLAIMS: [['FEEDS'], ['FEEDS_FIELD']],
  CREATE_ASSET: [['Dataset'], ['Model']],
  FIND_NAMESPACE: [[false], [true]],
  NAMESPACES_BY_ID: [[false], [true]],
  LIST_NAMESPACES: [[false], [true]],
  CREATE_VERSION: [['DatasetVersion'], ['ModelVersion']],
  ...Object.fromEntries(
    ['TRACE', 'TOTAL', 'COUNTS', 'FACETS'].map((name) => [
      name,
      [[shape('BOTH', 13)], [shape('DOWNSTREAM', 5, { past: true, until: true, ignore: true })]],
    ]),
  ),
  TRACE_FIELDS: [
    ['UPSTREAM', 5],
    ['DOWNSTREAM', 10_000],
    ['BOTH', 1],
  ],
  IMPACT: [[shape('DOWNSTREAM', 5)], [shape('DOWNSTREAM', 10_000, { several: true, past: true })]],
  IMPACT_COUNTS: [[shape('DOWNSTREAM', 5)], [shape('DOWNSTREAM', 10_000, { several: true, past: true })]],
  IMPACT_OWNERS: [[shape('DOWNSTREAM', 5)], [shape('DOWNSTREAM', 10_000, { several: true, past: true })]],
  DIFF: [
    ['BOTH', 5],
    ['UPSTREAM', 10_000],
  ],
  WAYS: [[5], [10_000]],
  SHOWN_WAYS: [[false], [true]],
  COVERAGE: [['all'], ['some']],
  COVERAGE_SOURCES: [['all'], ['some']],
  LIST_ORPHANS_OF_LINEAGE: [[{ within: false, past: false }], [{ within: true, past: true }]],
  COUNT_ORPHANS_OF_LINEAGE: [[{ within: false, past: false }], [{ within: true, past: true }]],
  PROVENANCE: [
    ['UPSTREAM', 20],
    ['DOWNSTREAM', 20],
    ['BOTH', 10_000],
  ],
};

// A Neo4j of its own, and empty: what the planner takes depends on how much there is of each label, and in the one that tests share
// that is whatever they have left by then. In an empty graph a scan costs least, so what does without one there does without it everywhere.
let graph: OwnGraph;
let driver: Driver;
beforeAll(async () => {
  graph = await ownGraph();
  driver = openDriver(graph);
  // What was planned while another file filled it tells nothing of an empty one.
  await driver.executeQuery('CALL db.clearQueryCaches()');
});
afterAll(async () => {
  await driver.close();
  await graph.giveBack();
});

/** Every statement of the product, by the name of its constant. */
async function allStatements(): Promise<Map<string, string>> {
  const statements = new Map<string, string>();
  const add = (name: string, value: unknown): void => {
    if (typeof value === 'string' && value.startsWith('// ')) statements.set(name, value);
    else if (typeof value === 'object' && value !== null)
      for (const [key, each] of Object.entries(value)) add(`${name}.${key}`, each);
    else if (typeof value === 'function' && ARGUMENTS[name]) {
      for (const args of ARGUMENTS[name])
        add(`${name}(${JSON.stringify(args)})`, (value as (...args: unknown[]) => unknown)(...args));
    }
  };
  for (const file of readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' }).map((each) =>
    join(ROOT, 'src', each),
  )) {
    if (
      !/\.cypher\.ts$|audit\/record\/record\.ts$|node\.resolver\.ts$|installation\.ts$/.test(file) ||
      file.includes('/neo4j/')
    )
      continue;
    const exported = (await import(file)) as Record<string, unknown>;
    for (const [name, value] of Object.entries(exported)) add(name, value);
  }
  return statements;
}

async function planOf(statement: string): Promise<Plan[]> {
  const session = driver.session();
  try {
    const { summary } = await session.run(`EXPLAIN ${asSent(statement)}`, { p: {} });
    if (summary.plan === false) throw new Error('EXPLAIN gave no plan.');
    return steps(summary.plan);
  } finally {
    await session.close();
  }
}

const steps = (plan: Plan): Plan[] => [plan, ...plan.children.flatMap(steps)];
const operatorOf = ({ operatorType }: Plan): string => operatorType.replace('@neo4j', '');
const operatorsOf = async (statement: string): Promise<string[]> => (await planOf(statement)).map(operatorOf);

/** The unique keys that a plan seeks with a lock: "Asset.id". */
function lockedKeys(plan: readonly Plan[]): string[] {
  const seeks = plan.filter((step) => operatorOf(step).startsWith('NodeUniqueIndexSeek(Locking)'));
  return seeks.map(({ arguments: { Details: details } }) => {
    const [, label, keys] = /^UNIQUE [^:]*:(\w+)\(([^)]*)\)/.exec(String(details)) ?? [];
    if (label === undefined || keys === undefined) throw new Error(`What is sought is not told: ${String(details)}`);
    return `${label}.${keys}`;
  });
}

const listsTrails = (operator: string): boolean => !operator.startsWith('VarLengthExpand(Pruning,BFS');

describe('the plans of statements', () => {
  it('never scan the graph or a label', { timeout: 600_000 }, async () => {
    const statements = await allStatements();
    expect(statements.size).toBeGreaterThan(70);
    const scans: string[] = [];
    for (const [name, statement] of statements) {
      const scanning = (await planOf(statement)).filter((step) => FULL_SCANS.test(operatorOf(step)));
      const told = scanning.map((step) => `${operatorOf(step)} ${String(step.arguments['Details'])}`);
      if (told.length > 0) scans.push(`${name}: ${told.join(', ')}`);
    }
    expect(scans).toEqual([]);
  });

  it('lock no unique key that may not be there, save where that key is made', { timeout: 600_000 }, async () => {
    const locked = new Set<string>();
    for (const statement of (await allStatements()).values()) {
      const name = /^\/\/ (\S+)/.exec(statement)?.[1] ?? statement;
      for (const key of lockedKeys(await planOf(statement))) locked.add(`${name} ${key}`);
    }
    const known = Object.values(LOCKED_KEYS).flat();
    const atTimes = Object.values(LOCKED_AT_TIMES).flat();
    expect([...locked].filter((key) => !atTimes.includes(key)).sort()).toEqual(known.sort());
  });

  it.each(Object.entries(SHAPES))(
    'walk lineage breadth-first with a visited set, and no further than the page: %s',
    { timeout: 300_000 },
    async (_name, each) => {
      const all = await operatorsOf(TRACE(each));
      expect(all.filter((operator) => operator.startsWith('VarLengthExpand')).filter(listsTrails)).toEqual([]);
      // Ordering a page goes on where the walk is in the order of depth; `Top` and `Sort` would read all of it first.
      expect(all.filter((operator) => operator === 'PartialTop')).toHaveLength(each.direction === 'BOTH' ? 2 : 1);
      expect(all.filter((operator) => operator === 'Sort')).toEqual([]);
    },
  );

  it('reads no further than the page of an impact', async () => {
    const all = await operatorsOf(IMPACT(shape('DOWNSTREAM', 20)));
    expect(all.filter((operator) => operator === 'PartialTop')).toHaveLength(1);
  });

  it.each(['upstream', 'all at once, as deep as can be'])(
    'count facets and all that is reached breadth-first: %s',
    { timeout: 300_000 },
    async (name) => {
      for (const statement of [FACETS, COUNTS, TOTAL]) {
        const all = await operatorsOf(statement(SHAPES[name] ?? shape('BOTH', 1)));
        const walks = all.filter((operator) => operator.startsWith('VarLengthExpand'));
        expect(walks.length).toBeGreaterThan(0);
        expect(walks.filter(listsTrails)).toEqual([]);
      }
    },
  );

  it.each([
    ['TRACE_FIELDS upstream', TRACE_FIELDS('UPSTREAM', 20)],
    ['TRACE_FIELDS downstream', TRACE_FIELDS('DOWNSTREAM', 10_000)],
    ['TRACE_FIELDS both', TRACE_FIELDS('BOTH', 20)],
    ['PROVENANCE upstream', PROVENANCE('UPSTREAM', 20)],
    ['TRAINED_ON', TRAINED_ON],
    ['DEPLOYMENTS_TRAINED_ON', DEPLOYMENTS_TRAINED_ON],
    ['CONTAMINATION', CONTAMINATION],
    ['FOOTPRINT_OF', FOOTPRINT_OF],
    ['IMPACT', IMPACT(shape('DOWNSTREAM', 20))],
    ['IMPACT in the past', IMPACT(shape('DOWNSTREAM', 10_000, { several: true, past: true }))],
    ['IMPACT_COUNTS', IMPACT_COUNTS(shape('DOWNSTREAM', 20))],
    ['IMPACT_OWNERS', IMPACT_OWNERS(shape('DOWNSTREAM', 20))],
    ['PROVENANCE both', PROVENANCE('BOTH', 10_000)],
    ['DIFF', DIFF('DOWNSTREAM', 20)],
    ['DIFF both', DIFF('BOTH', 10_000)],
    ['WAYS', WAYS(20)],
    ['WAYS of any length', WAYS(10_000)],
  ])('walk lineage breadth-first with a visited set: %s', async (_name, statement) => {
    const expanding = (await operatorsOf(statement)).filter((operator) => operator.startsWith('VarLengthExpand'));
    expect(expanding.length).toBeGreaterThan(0);
    expect(expanding.every((operator) => operator.startsWith('VarLengthExpand(Pruning,BFS'))).toBe(true);
  });

  it('look for the distance between two assets from both ends at once', async () => {
    const all = await operatorsOf(DISTANCE);
    expect(all).toContain('ShortestPath');
    expect(all.filter((operator) => operator.startsWith('VarLengthExpand'))).toEqual([]);
  });
});
