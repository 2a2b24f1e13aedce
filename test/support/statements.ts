import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TRACE_FIELDS } from '../../src/lineage/fields/field-lineage.cypher.js';
import { PROVENANCE } from '../../src/lineage/runs/provenance.cypher.js';
import { CONTAMINATION } from '../../src/questions/contamination/contamination.cypher.js';
import { IMPACT, IMPACT_COUNTS, IMPACT_OWNERS } from '../../src/questions/impact/impact.cypher.js';
import { DEPLOYMENTS_TRAINED_ON, TRAINED_ON } from '../../src/questions/trained-on/trained-on.cypher.js';
import { DIFF } from '../../src/questions/diff/diff.cypher.js';
import { WAYS } from '../../src/questions/paths/paths.cypher.js';
import { COUNTS, FACETS, TOTAL } from '../../src/lineage/trace/lineage.cypher.js';
import { FOOTPRINT_OF } from '../../src/training/footprint/footprint.cypher.js';
import type { TraceShape } from '../../src/lineage/trace/trace.cypher.js';

const ROOT = join(import.meta.dirname, '../..');

/** A walk of that direction, to so many hops. */
export const shape = (
  direction: TraceShape['direction'],
  bound: number,
  more: Partial<TraceShape> = {},
): TraceShape => ({
  ...{ direction, bound, several: direction === 'BOTH', past: false, until: false, ignore: false },
  ...more,
});

/** Walks of lineage of every kind. */
export const SHAPES: Record<string, TraceShape> = {
  upstream: shape('UPSTREAM', 5),
  downstream: shape('DOWNSTREAM', 20),
  both: shape('BOTH', 13),
  'of several roots': shape('DOWNSTREAM', 20, { several: true }),
  'as of a time': shape('DOWNSTREAM', 20, { past: true }),
  'past noise': shape('UPSTREAM', 20, { ignore: true }),
  'up to something': shape('DOWNSTREAM', 20, { until: true }),
  'all at once, as deep as can be': shape('BOTH', 10_000, { past: true, until: true, ignore: true }),
};

/** The kinds of walks of which it is counted what they reach. */
export const TALLIED = ['upstream', 'all at once, as deep as can be'];

/** What counts what a walk reaches. */
export const TALLIES = [FACETS, COUNTS, TOTAL];

/** Walks over lineage, by what they answer. */
export const WALKS: Record<string, string> = {
  'TRACE_FIELDS upstream': TRACE_FIELDS('UPSTREAM', 20),
  'TRACE_FIELDS downstream': TRACE_FIELDS('DOWNSTREAM', 10_000),
  'TRACE_FIELDS both': TRACE_FIELDS('BOTH', 20),
  'PROVENANCE upstream': PROVENANCE('UPSTREAM', 20),
  TRAINED_ON: TRAINED_ON,
  DEPLOYMENTS_TRAINED_ON: DEPLOYMENTS_TRAINED_ON,
  CONTAMINATION: CONTAMINATION,
  FOOTPRINT_OF: FOOTPRINT_OF,
  IMPACT: IMPACT(shape('DOWNSTREAM', 20)),
  'IMPACT in the past': IMPACT(shape('DOWNSTREAM', 10_000, { several: true, past: true })),
  IMPACT_COUNTS: IMPACT_COUNTS(shape('DOWNSTREAM', 20)),
  IMPACT_OWNERS: IMPACT_OWNERS(shape('DOWNSTREAM', 20)),
  'PROVENANCE both': PROVENANCE('BOTH', 10_000),
  DIFF: DIFF('DOWNSTREAM', 20),
  'DIFF both': DIFF('BOTH', 10_000),
  WAYS: WAYS(20),
  'WAYS of any length': WAYS(10_000),
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

/** Every statement of the product, by the name of its constant. */
export async function allStatements(): Promise<Map<string, string>> {
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
