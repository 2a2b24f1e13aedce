import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dimensions, joinOf, loweredBy, valueOf } from '../../src/governance/labels/dimensions.js';
import { EffectiveRepository } from '../../src/governance/labels/effective.repository.js';
import { codeDigestOf } from '../../src/governance/labels/code.js';
import type { LabelClocks, LabelValue } from '../../src/governance/labels/label.js';
import { type Followed, follow } from '../../src/governance/labels/propagation.js';
import type { WriteTransaction } from '../../src/neo4j/graph.js';
import { edgesOf } from '../support/column-world.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** A small line: versions, and runs that read some and made others, numbered so that no one is made of a later one. */
interface World {
  /** Of each version: its asset, the run that made it, and when that was said. */
  versions: { asset: number; run: number | null; at: number }[];
  /** Of each run: its transformation and what it read, and when that was said. */
  runs: { code: number; inputs: { version: number; at: number }[] }[];
  said: {
    dimension: string;
    texts: string[];
    on: 'asset' | 'version';
    which: number;
    from: number;
    until: number | null;
    at: number;
    gone: number | null;
  }[];
  grants: {
    code: number;
    dimension: string;
    from: string[];
    to: string[];
    at: number;
    expires: number;
    revoked: number | null;
    isOther: boolean;
  }[];
}

const ASSETS = 3;
const dimensions = new Dimensions();
const COMMIT = 'a'.repeat(40);
const START = Date.UTC(2026, 0, 1);
const day = (number: number): Date => new Date(START + number * 86_400_000);

const VALUES: Record<string, string[][]> = {
  classification: [['PUBLIC'], ['INTERNAL'], ['CONFIDENTIAL'], ['RESTRICTED']],
  personalData: [[], ['name'], ['email'], ['name', 'email']],
  regions: [['EU'], ['US'], ['EU', 'US'], ['EU', 'CH']],
  quality: [['0.5'], ['0.9']],
};
const when = fc.integer({ min: 0, max: 9 });
const said = fc.constantFrom(...Object.keys(VALUES)).chain((dimension) =>
  fc.record({
    dimension: fc.constant(dimension),
    texts: fc.constantFrom(...(VALUES[dimension] ?? [])),
    on: fc.constantFrom('asset' as const, 'version' as const),
    which: fc.nat(20),
    from: when,
    until: fc.option(when),
    at: when,
    gone: fc.option(when),
  }),
);
const grant = fc.constantFrom('classification', 'personalData', 'regions').chain((dimension) =>
  fc.record({
    code: fc.nat(1),
    dimension: fc.constant(dimension),
    from: fc.constantFrom(...(VALUES[dimension] ?? [])),
    to: fc.constantFrom(...(VALUES[dimension] ?? [])),
    at: when,
    expires: fc.integer({ min: 3, max: 12 }),
    revoked: fc.option(when, { freq: 3 }),
    isOther: fc.boolean(),
  }),
);
const world: fc.Arbitrary<World> = fc.record({
  versions: fc.array(fc.record({ asset: fc.nat(ASSETS - 1), run: fc.option(fc.nat(5), { freq: 4 }), at: when }), {
    minLength: 1,
    maxLength: 8,
  }),
  runs: fc.array(
    fc.record({ code: fc.nat(1), inputs: fc.array(fc.record({ version: fc.nat(7), at: when }), { maxLength: 3 }) }),
    { minLength: 6, maxLength: 6 },
  ),
  said: fc.array(said, { maxLength: 8 }),
  grants: fc.array(grant, { maxLength: 3 }),
});

/** The same by the words of the definition: joins at each node, lowered where it leaves a run. */
function reference(world: World, root: number, clocks: { valid: number; known: number }) {
  const { made, used } = edgesOf(world);
  const held = (at: number) => at <= clocks.valid && at <= clocks.known;
  const lives = dimensions.all.map((dimension) => dimension.name);
  return new Map(lives.map((name) => [name, one(name)]));

  function one(name: string): { value: LabelValue | null; unknown: boolean } {
    const dimension = dimensions.named(name);
    const join = (values: readonly (LabelValue | null)[]) =>
      values.reduce((a, b) => (a === null ? b : b === null ? a : joinOf(dimension, a, b)), null);
    const declared = (version: number): LabelValue | null =>
      join(
        world.said
          .filter(
            (each) =>
              each.dimension === name &&
              each.from <= clocks.valid &&
              (each.until === null || each.until > clocks.valid),
          )
          .filter((each) => each.at <= clocks.known && (each.gone === null || each.gone > clocks.known))
          .filter((each) =>
            each.on === 'version'
              ? each.which % world.versions.length === version
              : each.which % ASSETS === world.versions[version]?.asset,
          )
          .map((each) => valueOf(dimension, each.texts)),
      );
    const makerOf = (version: number) => made.find((each) => each.version === version && held(each.at));
    const inputsOf = (run: number) => used.filter((each) => each.run === run && held(each.at));
    const lowered = (value: LabelValue | null, run: number): LabelValue | null =>
      world.grants
        .map((each, index) => ({ ...each, index }))
        .filter((each) => each.dimension === name && !each.isOther && each.code === world.runs[run]?.code)
        .filter((each) => each.at <= clocks.valid && each.at <= clocks.known && each.expires > clocks.valid)
        .filter((each) => each.revoked === null || each.revoked > clocks.valid || each.revoked > clocks.known)
        .reduce<LabelValue | null>(
          (v, each) =>
            v && loweredBy(dimension, v, { from: valueOf(dimension, each.from), to: valueOf(dimension, each.to) }),
          value,
        );
    const value = (version: number): LabelValue | null => {
      const maker = makerOf(version);
      if (!maker) return declared(version);
      return join([
        declared(version),
        lowered(join(inputsOf(maker.run).map((each) => value(each.version))), maker.run),
      ]);
    };
    const closure = new Set<number>();
    const visit = (version: number): void => {
      closure.add(version);
      const maker = makerOf(version);
      if (maker) for (const each of inputsOf(maker.run)) visit(each.version);
    };
    visit(root);
    const isSilent = [...closure].some((version) => {
      const maker = makerOf(version);
      return (!maker || inputsOf(maker.run).length === 0) && declared(version) === null;
    });
    const total = value(root);
    return { value: total, unknown: total === null || isSilent };
  }
}

let server: TestWeftline;
let rows: EffectiveRepository;
let count = 0;
beforeAll(async () => {
  server = await startTestWeftline();
  rows = new EffectiveRepository(dimensions, () => day(9));
});
afterAll(() => server.stop());

async function build(tx: WriteTransaction, world: World): Promise<(version: number) => string> {
  const name = `${server.namespace}-labels-${(count += 1)}`;
  const { made, used } = edgesOf(world);
  const code = (number: number) => ({
    repository: 'r',
    revision: COMMIT,
    path: String(number),
    image: null,
    command: null,
  });
  const facets = (number: number) =>
    JSON.stringify({ sourceCodeLocation: { url: 'r', version: COMMIT, path: String(number) } });
  const createdAt = day(0);
  await tx.run(
    `UNWIND range(0, ${ASSETS - 1}) AS i CREATE (:Node:Asset:Dataset {id: $name + '-a' + i, urn: $name + i, visibility: 'DISCOVERABLE', createdAt: $createdAt})
     WITH DISTINCT 1 AS one UNWIND [0, 1] AS i
     CREATE (t:Node:Asset:Transformation:Declassifies {id: $name + '-t' + i, urn: $name + 't' + i, visibility: 'DISCOVERABLE', createdAt: $createdAt})`,
    { name, createdAt },
  );
  await tx.run(
    `UNWIND $versions AS v MATCH (a:Asset {id: $name + '-a' + v.asset})
     CREATE (:Node:Version:DatasetVersion {id: $name + '-v' + v.index, createdAt: $createdAt, version: '1'})-[:VERSION_OF]->(a)`,
    {
      name,
      createdAt,
      versions: world.versions.map(({ asset }, index) => ({ asset: BigInt(asset), index: BigInt(index) })),
    },
  );
  await tx.run(
    `UNWIND $runs AS r MATCH (t:Asset {id: $name + '-t' + r.code})
     CREATE (:Node:Run {id: $name + '-r' + r.index, createdAt: $createdAt, facets: r.facets})-[:RUN_OF]->(t)`,
    {
      name,
      createdAt,
      runs: world.runs.map((run, index) => ({
        code: BigInt(run.code),
        index: BigInt(index),
        facets: facets(run.code),
      })),
    },
  );
  const flow = ({ run, version, at }: { run: number; version: number; at: number }) => ({
    ...{ run: `${name}-r${run}`, version: `${name}-v${version}`, at: day(at) },
  });
  await tx.run(
    `UNWIND $made AS e MATCH (r:Node {id: e.run}), (v:Node {id: e.version}) CREATE (r)-[:GENERATED {since: e.at, recordedAt: e.at}]->(v)`,
    { made: made.map(flow) },
  );
  await tx.run(
    `UNWIND $used AS e MATCH (r:Node {id: e.run}), (v:Node {id: e.version}) CREATE (v)-[:USED_BY {since: e.at, recordedAt: e.at}]->(r)`,
    { used: used.map(flow) },
  );
  await tx.run(
    `UNWIND $said AS d MATCH (x:Node {id: d.target}) CREATE (l:Node:LabelDeclaration)-[:LABELS]->(x) SET l = d.properties, x:Labelled`,
    {
      said: world.said.map((each, index) => {
        const number = each.which % (each.on === 'asset' ? ASSETS : world.versions.length);
        const target = `${name}-${each.on === 'asset' ? 'a' : 'v'}${number}`;
        return {
          target,
          properties: {
            ...{ id: `${name}-d${index}`, dimension: each.dimension, values: each.texts, declaredById: 'x' },
            ...{ assetId: target, versionId: each.on === 'version' ? target : null },
            ...{ validFrom: day(each.from), validUntil: each.until === null ? null : day(each.until) },
            ...{ recordedAt: day(each.at), retractedAt: each.gone === null ? null : day(each.gone) },
          },
        };
      }),
    },
  );
  await tx.run(
    `UNWIND $grants AS g MATCH (t:Asset {id: g.target}) CREATE (d:Node:DeclassificationGrant)-[:LOWERS]->(t) SET d = g.properties`,
    {
      grants: world.grants.map((each, index) => ({
        target: `${name}-t${each.code}`,
        properties: {
          ...{ id: `${name}-g${index}`, dimension: each.dimension, from: each.from, to: each.to },
          codeDigest: each.isOther ? 'sha256:other' : codeDigestOf(code(each.code)),
          ...{ approvedAt: day(each.at), expiresAt: day(each.expires) },
          revokedAt: each.revoked === null ? null : day(each.revoked),
        },
      })),
    },
  );
  return (version) => `${name}-v${version}`;
}

class Undone extends Error {}

/** Each graph in a transaction of its own that is never kept. */
async function within(world: World, work: (tx: WriteTransaction, idOf: (version: number) => string) => Promise<void>) {
  const origin = { requestId: 'labels', operation: 'labels' };
  const trial = server.graph.write(origin, async (tx) => {
    await work(tx, await build(tx, world));
    throw new Undone();
  });
  await expect(trial).rejects.toThrow(Undone);
}

async function ask(tx: WriteTransaction, id: string, clocks: LabelClocks): Promise<Map<string, Followed>> {
  const [facts] = await rows.ofVersions(tx, [[id]], clocks);
  if (!facts) throw new Error('no answer');
  return follow(dimensions, facts);
}

const RUNS = { numRuns: Number(process.env['WEFTLINE_LABEL_RUNS'] ?? 60) };
const clocks = fc.record({ valid: when, known: when });

describe('the labels of a version', () => {
  it('are those of a small model, on both clocks, with grants', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.nat(7), clocks, fc.boolean(), async (world, of, asked, isNow) => {
        const root = of % world.versions.length;
        await within(world, async (tx, idOf) => {
          const at = isNow
            ? { validAt: null, knownAt: null }
            : { validAt: day(asked.valid), knownAt: day(asked.known) };
          const found = await ask(tx, idOf(root), at);
          for (const [name, wanted] of reference(world, root, isNow ? { valid: 9, known: 99 } : asked)) {
            const { value, unknown } = found.get(name) ?? {};
            expect({ name, value, unknown }).toEqual({ name, ...wanted });
          }
        });
      }),
      RUNS,
    );
  });

  it('follow again from their fewest origins, each by its witness and its grants', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.nat(7), async (world, of) => {
        await within(world, async (tx, idOf) => {
          const root = idOf(of % world.versions.length);
          for (const [name, { value, arrivals }] of await ask(tx, root, { validAt: null, knownAt: null })) {
            const dimension = dimensions.named(name);
            const joined = arrivals.reduce<LabelValue | null>(
              (all, each) => (all === null ? each.value : joinOf(dimension, all, each.value)),
              null,
            );
            expect(joined).toEqual(value);
            for (const arrival of arrivals) {
              const way = { from: arrival.at, to: [root], byAssets: false, rolledUp: false };
              const path = arrival.path ?? (await rows.witness(tx, way, { validAt: null, knownAt: null }));
              expect([path[0], path.at(-1), path.length - 1]).toEqual([arrival.at, root, arrival.depth]);
              const used = world.grants.filter((_each, index) =>
                arrival.grants.some((id) => id.endsWith(`-g${index}`)),
              );
              const replayed = used.reduce(
                (each, grant) =>
                  loweredBy(dimension, each, {
                    from: valueOf(dimension, grant.from),
                    to: valueOf(dimension, grant.to),
                  }),
                arrival.said.value,
              );
              expect(replayed).toEqual(arrival.value);
            }
          }
        });
      }),
      RUNS,
    );
  });

  it('are never lowered by another edge, and are what they were once it is gone', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.nat(7), fc.nat(7), fc.nat(5), async (world, of, from, run) => {
        await within(world, async (tx, idOf) => {
          const root = of % world.versions.length;
          const input = from % world.versions.length;
          const now = { validAt: null, knownAt: null };
          const before = await ask(tx, idOf(root), now);
          const ends = { version: idOf(input), run: idOf(0).replace('-v0', `-r${run}`), at: day(0) };
          const EDGE = 'MATCH (r:Node {id: $run}), (v:Node {id: $version})';
          await tx.run(`${EDGE} CREATE (v)-[:USED_BY {since: $at, recordedAt: $at, extra: true}]->(r)`, ends);
          const more = await ask(tx, idOf(root), now);
          for (const [name, { value }] of before) {
            const dimension = dimensions.named(name);
            const after = more.get(name)?.value ?? null;
            if (value !== null) expect(after === null ? null : joinOf(dimension, after, value)).toEqual(after);
          }
          await tx.run(`${EDGE} MATCH (v)-[e:USED_BY {extra: true}]->(r) DELETE e`, ends);
          expect(await ask(tx, idOf(root), now)).toEqual(before);
        });
      }),
      RUNS,
    );
  });
});
