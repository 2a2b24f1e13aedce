import fc from 'fast-check';
import { codeDigestOf } from '../../src/governance/labels/code.js';
import { Dimensions, joinOf, loweredBy, valueOf } from '../../src/governance/labels/dimensions.js';
import type { LabelValue } from '../../src/governance/labels/label.js';
import type { WriteTransaction } from '../../src/neo4j/graph.js';

/** Tables of two columns each, versions of them that runs make of others, and what is said of their columns; times are days. */
export interface ColumnWorld {
  versions: { table: number; run: number | null; at: number }[];
  runs: { code: number; begin: number; inputs: { version: number; at: number }[] }[];
  /** When each code became another; null: never. */
  changed: (number | null)[];
  claims: Claim[];
  said: {
    dimension: string;
    texts: string[];
    on: 'table' | 'version';
    which: number;
    column: number | null;
    from: number;
    until: number | null;
    at: number;
    gone: number | null;
  }[];
  grants: { code: number; dimension: string; from: string[]; to: string[]; at: number; expires: number }[];
}

export interface Claim {
  code: number;
  from: number;
  to: number;
  source: number;
  target: number;
  run: number | null;
  how: 'IDENTITY' | 'MASKED' | 'AGGREGATION' | 'FILTER';
  since: number;
  until: number | null;
  at: number;
  gone: number | null;
}

export interface Asked {
  valid: number;
  known: number;
}

const TABLES = 3;
const COLUMNS = 2;
const CODES = 2;
const RUNS = 4;
export const dimensions = new Dimensions();
const COMMIT = 'a'.repeat(40);
export const day = (number: number): Date => new Date(Date.UTC(2026, 0, 1) + number * 86_400_000);

const VALUES: Record<string, string[][]> = {
  classification: [['PUBLIC'], ['INTERNAL'], ['CONFIDENTIAL'], ['RESTRICTED']],
  personalData: [[], ['name'], ['email'], ['name', 'email']],
  regions: [['EU'], ['US'], ['EU', 'US'], ['EU', 'CH']],
};
const when = fc.integer({ min: 0, max: 9 });
const seldom = fc.oneof({ arbitrary: fc.constant(null), weight: 5 }, { arbitrary: when, weight: 1 });
const dimension = fc.constantFrom(...Object.keys(VALUES));
const texts = (name: string) => fc.constantFrom(...(VALUES[name] ?? []));

type Part = Pick<Claim, 'source' | 'how'>;
const part: fc.Arbitrary<Part> = fc.record({
  source: fc.nat(COLUMNS - 1),
  how: fc.constantFrom('IDENTITY' as const, 'MASKED' as const, 'AGGREGATION' as const, 'FILTER' as const),
});

/** What a source says of two tables at once: of most columns of what is made, so that the whole is often known. */
const claimsOf = (code: number, from: number, to: number) =>
  fc
    .record({
      run: fc.oneof({ arbitrary: fc.constant(null), weight: 4 }, { arbitrary: fc.nat(RUNS - 1), weight: 1 }),
      ...{ since: fc.integer({ min: 0, max: 4 }), until: seldom, at: fc.integer({ min: 0, max: 2 }), gone: seldom },
      // Often one column is the source of all, and the other goes nowhere.
      sources: fc.oneof(
        part.map((each) => Array(COLUMNS).fill([each]) as Part[][]),
        fc.array(fc.array(part, { minLength: 0, maxLength: 2 }), { minLength: COLUMNS, maxLength: COLUMNS }),
      ),
    })
    .map(({ sources, ...same }): Claim[] =>
      sources
        .flatMap((of, target) => of.map((each) => ({ ...same, ...each, code, from, to, target })))
        .filter(({ source, target }) => from !== to || source !== target),
    );
const claims = fc
  .tuple(
    ...[...Array(CODES * TABLES * TABLES).keys()].map((number) =>
      fc.option(claimsOf(number % CODES, Math.floor(number / CODES) % TABLES, Math.floor(number / CODES / TABLES)), {
        freq: 4,
        nil: [],
      }),
    ),
  )
  .map((groups) => groups.flat());

export const columnWorld: fc.Arbitrary<ColumnWorld> = fc.record({
  versions: fc
    .array(fc.record({ table: fc.nat(TABLES - 1), run: fc.option(fc.nat(RUNS - 1), { freq: 8 }), at: when }), {
      minLength: 4,
      maxLength: 7,
    })
    // The first are there to be read.
    .map((versions) => versions.map((each, index) => (index < 2 ? { ...each, run: null } : each))),
  runs: fc.array(
    fc.record({
      ...{ code: fc.nat(CODES - 1), begin: when },
      inputs: fc.array(fc.record({ version: fc.nat(2), at: fc.integer({ min: 0, max: 5 }) }), {
        minLength: 2,
        maxLength: 3,
      }),
    }),
    { minLength: RUNS, maxLength: RUNS },
  ),
  changed: fc.array(seldom, { minLength: CODES, maxLength: CODES }),
  claims,
  said: fc.array(
    dimension.chain((name) =>
      fc.record({
        ...{
          dimension: fc.constant(name),
          texts: texts(name),
          on: fc.constantFrom('table' as const, 'version' as const),
        },
        ...{ which: fc.nat(20), column: fc.option(fc.nat(COLUMNS - 1), { freq: 5 }) },
        ...{ from: fc.integer({ min: 0, max: 5 }), until: seldom, at: fc.integer({ min: 0, max: 5 }), gone: seldom },
      }),
    ),
    { minLength: 2, maxLength: 5 },
  ),
  grants: fc.array(
    fc.constantFrom('classification', 'personalData', 'regions').chain((name) =>
      fc.record({
        ...{ code: fc.nat(CODES - 1), dimension: fc.constant(name), from: texts(name), to: texts(name) },
        ...{ at: when, expires: fc.integer({ min: 3, max: 12 }) },
      }),
    ),
    { maxLength: 2 },
  ),
});

interface VersionsAndRuns {
  versions: readonly { run: number | null; at: number }[];
  runs: readonly { inputs: readonly { version: number; at: number }[] }[];
}

/** What the runs read and made, without what would go round: a run makes versions after all that it read. */
export function edgesOf({ versions, runs }: VersionsAndRuns) {
  const made = versions.flatMap(({ run, at }, version) => (run === null ? [] : [{ run, version, at }]));
  const used = runs.flatMap(({ inputs }, run) => {
    const first = Math.min(...made.filter((each) => each.run === run).map((each) => each.version));
    const wanted = inputs.filter(({ version }) => version < versions.length && version < first);
    return [...new Map(wanted.map((each) => [each.version, { run, ...each }])).values()];
  });
  return { made, used };
}

/** What a version has: of the whole, and of each column. */
interface Held {
  whole: LabelValue | null;
  columns: (LabelValue | null)[];
}

/** The labels of a version by the words of the definition: joined at each version, column by column where that is known. */
export function labelsByDefinition(world: ColumnWorld, root: number, clocks: Asked): Map<string, LabelValue | null> {
  const { made, used } = edgesOf(world);
  const held = (at: number) => at <= clocks.valid && at <= clocks.known;
  const known = world.claims.filter(
    ({ since, at, gone }) => since <= clocks.valid && at <= clocks.known && (gone === null || gone > clocks.known),
  );
  const codeAt = (code: number, time: number) => {
    const change = world.changed[code] ?? null;
    return change !== null && change <= time ? 'new' : 'old';
  };
  return new Map(dimensions.all.map(({ name }) => [name, one(name)]));

  function one(name: string): LabelValue | null {
    const dimension = dimensions.named(name);
    const join = (values: readonly (LabelValue | null)[]) =>
      values.reduce((a, b) => (a === null ? b : b === null ? a : joinOf(dimension, a, b)), null);
    const declared = (version: number, column: number | null) =>
      join(
        world.said
          .filter((each) => each.dimension === name && each.column === column && each.from <= clocks.valid)
          .filter(({ until, at }) => (until === null || until > clocks.valid) && at <= clocks.known)
          .filter(({ gone }) => gone === null || gone > clocks.known)
          .filter(({ on, which }) =>
            on === 'version' ? which % world.versions.length === version : which % TABLES === tableOf(version),
          )
          .map((each) => valueOf(dimension, each.texts)),
      );
    const tableOf = (version: number): number => world.versions[version]?.table ?? 0;
    const lowered = (value: LabelValue | null, code: number) =>
      world.grants
        .filter((each) => each.dimension === name && each.code === code && held(each.at) && each.expires > clocks.valid)
        .reduce<LabelValue | null>(
          (v, { from, to }) =>
            v && loweredBy(dimension, v, { from: valueOf(dimension, from), to: valueOf(dimension, to) }),
          value,
        );
    const labels = (version: number): Held => {
      const own = { whole: declared(version, null), columns: [0, 1].map((column) => declared(version, column)) };
      const maker = made.find((each) => each.version === version && held(each.at));
      const run = maker && world.runs[maker.run];
      if (!maker || !run) return own;
      for (const input of used.filter((each) => each.run === maker.run && held(each.at))) {
        const before = labels(input.version);
        own.whole = join([own.whole, lowered(before.whole, run.code)]);
        const said = claimsOf(maker.run, tableOf(version));
        const isTold = [0, 1].every((column) => said.sure.some(({ target }) => target === column));
        if (!isTold || !said.sure.some(({ from }) => from === tableOf(input.version))) {
          own.whole = join([own.whole, ...before.columns.map((each) => lowered(each, run.code))]);
          continue;
        }
        for (const [target, value] of own.columns.entries()) {
          const arriving = before.columns.map((label, source) => {
            const between = said.all.filter(
              (each) => each.from === tableOf(input.version) && each.source === source && each.target === target,
            );
            if (between.length === 0) return null;
            return between.some(({ how }) => how === 'IDENTITY') ? label : lowered(label, run.code);
          });
          own.columns[target] = join([value, ...arriving]);
        }
      }
      return own;
    };
    const { whole, columns } = labels(root);
    return join([whole, ...columns]);
  }

  /** What is said of a run: `sure` is enough to leave other columns out. */
  function claimsOf(number: number, to: number): { all: Claim[]; sure: Claim[] } {
    const run = world.runs[number];
    if (!run) return { all: [], sure: [] };
    const own = known.filter((each) => each.code === run.code && each.to === to);
    const then = own.filter(
      ({ run: of, since, until }) => of === number || (since <= run.begin && (until === null || until > run.begin)),
    );
    const later = own.filter(
      (each) =>
        !then.includes(each) && each.since > run.begin && codeAt(run.code, each.since) === codeAt(run.code, run.begin),
    );
    const live = later.filter((each) => each.run === null && (each.until === null || each.until > clocks.valid));
    return { all: [...then, ...later], sure: [...then, ...live] };
  }
}

/** Puts it into the database; the ids of its versions and runs. */
export async function buildColumns(tx: WriteTransaction, world: ColumnWorld, name: string) {
  const { made, used } = edgesOf(world);
  const createdAt = day(0);
  const numbers = (count: number): bigint[] => Array.from({ length: count }, (_each, index) => BigInt(index));
  const run = async (cypher: string, rows: readonly object[]): Promise<void> => {
    await tx.run(`UNWIND $rows AS row ${cypher}`, { rows: rows, name, createdAt });
  };
  const maybe = (time: number | null): Date | null => (time === null ? null : day(time));
  await run(
    `CREATE (a:Node:Asset:Dataset {id: $name + '-a' + row.table, urn: $name + row.table, visibility: 'DISCOVERABLE', createdAt: $createdAt})
     WITH a, row UNWIND row.columns AS column
     CREATE (:Node:Field {id: a.id + '-c' + column, key: a.id + ':c' + column, name: 'c' + column, addedAt: $createdAt, ordinal: 1})-[:FIELD_OF]->(a)`,
    numbers(TABLES).map((table) => ({ table, columns: numbers(COLUMNS) })),
  );
  const code = (path: number) => ({
    repository: 'r',
    revision: COMMIT,
    path: String(path),
    image: null,
    command: null,
  });
  const facets = (path: number) =>
    JSON.stringify({ sourceCodeLocation: { url: 'r', version: COMMIT, path: String(path) } });
  await run(
    `CREATE (t:Node:Asset:Transformation:Declassifies {id: $name + '-t' + row.code, urn: $name + 't' + row.code, visibility: 'DISCOVERABLE', createdAt: $createdAt})
     WITH t, row UNWIND row.was AS was
     CREATE (r:AssetRevision {revision: was.revision, from: was.from, codeRef: was.codeRef, since: was.from, until: datetime('9999-12-31T00:00:00Z')})-[:REVISION_OF]->(t)`,
    numbers(CODES).map((each) => {
      const change = world.changed[Number(each)] ?? null;
      const first = { revision: 1n, from: createdAt, codeRef: '{"note":"old"}' };
      return {
        code: each,
        was: [first, ...(change === null ? [] : [{ revision: 2n, from: day(change), codeRef: '{"note":"new"}' }])],
      };
    }),
  );
  await run(
    `MATCH (a:Asset {id: $name + '-a' + row.table})
     CREATE (:Node:Version:DatasetVersion {id: $name + '-v' + row.index, createdAt: $createdAt, version: '1'})-[:VERSION_OF]->(a)`,
    world.versions.map(({ table }, index) => ({ table: BigInt(table), index: BigInt(index) })),
  );
  await run(
    `MATCH (t:Asset {id: $name + '-t' + row.code})
     CREATE (:Node:Run {id: $name + '-r' + row.index, createdAt: $createdAt, startedAt: row.begin, facets: row.facets})-[:RUN_OF]->(t)`,
    world.runs.map(({ code: of, begin }, index) => ({
      ...{ code: BigInt(of), index: BigInt(index), begin: day(begin), facets: facets(of) },
    })),
  );
  const ends = (each: { run: number; version: number; at: number }) => ({
    ...{ run: `${name}-r${each.run}`, version: `${name}-v${each.version}`, at: day(each.at) },
  });
  const ENDS = 'MATCH (r:Node {id: row.run}), (v:Node {id: row.version})';
  await run(`${ENDS} CREATE (r)-[:GENERATED {since: row.at, recordedAt: row.at}]->(v)`, made.map(ends));
  await run(`${ENDS} CREATE (v)-[:USED_BY {since: row.at, recordedAt: row.at}]->(r)`, used.map(ends));
  await claimColumns(tx, name, world.claims);
  await run(
    'MATCH (x:Node {id: row.target}) CREATE (d:Node:LabelDeclaration)-[:LABELS]->(x) SET d = row.properties, x:Labelled',
    world.said.map((each, index) => {
      const number = each.which % (each.on === 'table' ? TABLES : world.versions.length);
      const target = `${name}-${each.on === 'table' ? 'a' : 'v'}${number}`;
      return {
        target,
        properties: {
          ...{ id: `${name}-d${index}`, dimension: each.dimension, values: each.texts, declaredById: 'x' },
          ...{ assetId: target, versionId: each.on === 'version' ? target : null },
          ...{ field: each.column === null ? null : `c${each.column}` },
          ...{ validFrom: day(each.from), validUntil: maybe(each.until) },
          ...{ recordedAt: day(each.at), retractedAt: maybe(each.gone) },
        },
      };
    }),
  );
  await run(
    'MATCH (t:Asset {id: row.target}) CREATE (g:Node:DeclassificationGrant)-[:LOWERS]->(t) SET g = row.properties',
    world.grants.map((each, index) => ({
      target: `${name}-t${each.code}`,
      properties: {
        ...{ id: `${name}-g${index}`, dimension: each.dimension, from: each.from, to: each.to },
        ...{ codeDigest: codeDigestOf(code(each.code)), approvedAt: day(each.at), expiresAt: day(each.expires) },
      },
    })),
  );
  return { version: (number: number) => `${name}-v${number}`, run: (number: number) => `${name}-r${number}` };
}

/** Says more of columns. */
export async function claimColumns(tx: WriteTransaction, name: string, claims: readonly Claim[]): Promise<void> {
  const rows = claims.map(({ code, from, to, source, target, run, how, since, until, at, gone }) => ({
    ...{ source: `${name}-a${from}-c${source}`, target: `${name}-a${to}-c${target}` },
    properties: {
      ...{ via: `${name}-t${code}`, runId: run === null ? null : `${name}-r${run}`, masking: how === 'MASKED' },
      ...{ type: how === 'FILTER' ? 'INDIRECT' : 'DIRECT', subtype: how === 'MASKED' ? 'TRANSFORMATION' : how },
      ...{ validFrom: day(since), validUntil: until === null ? null : day(until) },
      ...{ recordedAt: day(at), retractedAt: gone === null ? null : day(gone) },
    },
  }));
  await tx.run(
    `UNWIND $rows AS row MATCH (s:Field&Node {id: row.source}), (t:Field&Node {id: row.target})
     CREATE (s)-[c:FEEDS_FIELD]->(t) SET c = row.properties`,
    { rows },
  );
}

/** One in which columns tell: of table 0 the one column goes into table 1, the other, which is labelled, does not. */
export const TOLD: ColumnWorld = {
  versions: [
    { table: 0, run: null, at: 0 },
    { table: 1, run: 0, at: 0 },
  ],
  runs: [{ code: 0, begin: 1, inputs: [{ version: 0, at: 0 }] }],
  changed: [null, null],
  claims: [0, 1].map((target) => ({
    ...{ code: 0, from: 0, to: 1, source: 0, target, run: null, how: 'IDENTITY' as const },
    ...{ since: 0, until: null, at: 0, gone: null },
  })),
  said: [0, 1].map((column) => ({
    ...{ dimension: 'classification', texts: [column === 0 ? 'INTERNAL' : 'RESTRICTED'], on: 'table' as const },
    ...{ which: 0, column, from: 0, until: null, at: 0, gone: null },
  })),
  grants: [],
};
