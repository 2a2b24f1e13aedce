import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Path {
  nodes: {
    key: string;
    depth: number;
    hidden: boolean;
    moreUpstream: number;
    moreDownstream: number;
    asset: { id: string; name: string } | null;
  }[];
  edges: { source: string; target: string; claims: { source: string; retractedAt: string | null }[] }[];
}

const PATHS = `query ($from: AssetRef!, $to: AssetRef!, $first: Int! = 1, $asOf: DateTime, $knownAt: DateTime) {
  lineagePaths(from: $from, to: $to, first: $first, asOf: $asOf, knownAt: $knownAt) {
    nodes { key depth hidden moreUpstream moreDownstream asset { id name } }
    edges { source target claims { source retractedAt } }
  }
}`;
const CLAIM = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
const RETRACT = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }';

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

type Assets = Record<string, SeededAsset>;

/** Assets named as in the flows, given as "data > job": those whose name begins with a j are transformations. */
async function graph(prefix: string, flows: readonly string[], hidden: readonly string[] = []): Promise<Assets> {
  const pairs = flows.map((flow) => flow.split(' > ') as [string, string]);
  const names = [...new Set(pairs.flat())];
  const made = await Promise.all(
    names.map(async (name) => {
      const more = { visibility: hidden.includes(name) ? 'RESTRICTED' : 'DISCOVERABLE' };
      const kind = name.startsWith('j') ? 'transformation' : 'dataset';
      return [name, await seed[kind](`${prefix}-${name}`, more)] as const;
    }),
  );
  const assets = Object.fromEntries(made);
  await seed.flow(...pairs.map(([source, target]) => [at(assets, source).id, at(assets, target).id] as const));
  return assets;
}

const at = (assets: Assets, name: string): SeededAsset => {
  const asset = assets[name];
  if (!asset) throw new Error(`No ${name}.`);
  return asset;
};

async function ask(from: SeededAsset, to: SeededAsset, more: Record<string, unknown> = {}, as = owner) {
  return (await as.data<{ lineagePaths: Path[] }>(PATHS, { from: from.id, to: to.id, ...more })).lineagePaths;
}

/** The names on each path, without the prefix. */
const named = (paths: readonly Path[]): string[] =>
  paths.map(({ nodes }) => nodes.map(({ asset }) => asset?.name.split('-').at(-1) ?? '?').join(' '));

describe('the shortest paths', () => {
  it('lead along the flow of data, with both ends, the distance from the first and the claims between', async () => {
    const assets = await graph('line', ['a > j1', 'j1 > b', 'b > j2', 'j2 > c', 'b > j3']);
    const paths = await ask(at(assets, 'a'), at(assets, 'c'), { first: 5 });
    expect(named(paths)).toEqual(['a j1 b j2 c']);
    expect(paths[0]?.nodes.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4]);
    expect(paths[0]?.nodes.map(({ moreDownstream }) => moreDownstream)).toEqual([0, 0, 1, 0, 0]);
    expect(paths[0]?.edges.map(({ claims }) => claims.map(({ source }) => source))).toEqual([
      ['manual'],
      ['manual'],
      ['manual'],
      ['manual'],
    ]);
    expect(paths[0]?.edges.map(({ source }) => source)).toEqual(paths[0]?.nodes.slice(0, 4).map(({ key }) => key));
    expect(await ask(at(assets, 'c'), at(assets, 'a'))).toEqual([]);
  });

  it('come shortest first in a diamond with a shallow and a deep way, as many as are asked for', async () => {
    const flows = ['a > j1', 'j1 > z', 'a > j2', 'j2 > m', 'm > j3', 'j3 > z', 'm > j4', 'j4 > n', 'n > j5', 'j5 > z'];
    const assets = await graph('diamond', flows);
    const all = ['a j1 z', 'a j2 m j3 z', 'a j2 m j4 n j5 z'];
    for (const first of [1, 2, 3, 50])
      expect(named(await ask(at(assets, 'a'), at(assets, 'z'), { first }))).toEqual(all.slice(0, first));
  });

  it('find a way that is much longer than the shortest', async () => {
    const long = Array.from({ length: 7 }, (_, n) => [`d${n} > j${n}`, `j${n} > d${n + 1}`]).flat();
    const assets = await graph('detour', [...long, 'd0 > jx', 'jx > d7']);
    expect(
      named(await ask(at(assets, 'd0'), at(assets, 'd7'), { first: 3 })).map((path) => path.split(' ').length),
    ).toEqual([3, 15]);
  });

  it('of one length stand in the order of their URNs, also among very many', async () => {
    const rungs = Array.from({ length: 12 }, (_, n) =>
      ['l', 'r'].flatMap((side) => [`d${n} > j${n}${side}`, `j${n}${side} > d${n + 1}`]),
    );
    const assets = await graph('ladder', rungs.flat());
    const paths = named(await ask(at(assets, 'd0'), at(assets, 'd12'), { first: 4 }));
    const sides = paths.map((path) => [...path.matchAll(/j\d+([lr])/g)].map(([, side]) => side).join(''));
    expect(sides).toEqual(['llllllllllll', 'lllllllllllr', 'llllllllllrl', 'llllllllllrr']);
    expect(new Set(paths).size).toBe(4);
  });

  it('pass no asset twice, however often it feeds itself', async () => {
    const loops = Array.from({ length: 6 }, (_, n) => [`b > jloop${n}`, `jloop${n} > b`]).flat();
    const assets = await graph('cycle', ['a > j1', 'j1 > b', ...loops, 'b > j2', 'j2 > c']);
    expect(named(await ask(at(assets, 'a'), at(assets, 'c'), { first: 50 }))).toEqual(['a j1 b j2 c']);
  });

  it('hold a flow that many state once, with all their claims', async () => {
    const assets = await graph('many', ['a > j1', 'j1 > b']);
    const flows = [
      { source: at(assets, 'a').id, target: at(assets, 'j1').id },
      { source: at(assets, 'j1').id, target: at(assets, 'b').id },
    ];
    for (const claimSource of ['dbt', 'airflow']) await owner.data(CLAIM, { input: { flows, claimSource } });
    const paths = await ask(at(assets, 'a'), at(assets, 'b'), { first: 10 });
    expect(paths).toHaveLength(1);
    expect(paths[0]?.edges.map(({ claims }) => claims.map(({ source }) => source))).toEqual([
      ['airflow', 'dbt', 'manual'],
      ['airflow', 'dbt', 'manual'],
    ]);
  });

  it('keep the place of a hidden asset and tell nothing of it, nor by their order', async () => {
    const assets = await graph('veiled', ['a > j1', 'j1 > z', 'a > j2', 'j2 > z', 'a > j3', 'j3 > z'], ['j1']);
    const stranger = await server.user();
    const paths = await ask(at(assets, 'a'), at(assets, 'z'), { first: 5 }, stranger);
    expect(named(paths)).toEqual(['a j2 z', 'a j3 z', 'a ? z']);
    const [, stub] = paths[2]?.nodes ?? [];
    expect(stub).toMatchObject({ hidden: true, asset: null, depth: 1 });
    expect(paths[2]?.edges).toEqual([
      { source: at(assets, 'a').id, target: stub?.key, claims: [] },
      { source: stub?.key, target: at(assets, 'z').id, claims: [] },
    ]);
    for (const secret of [at(assets, 'j1').id, at(assets, 'j1').urn, 'veiled-j1'])
      expect(JSON.stringify(paths)).not.toContain(secret);
    const again = await ask(at(assets, 'a'), at(assets, 'z'), { first: 5 }, stranger);
    expect(again[2]?.nodes[1]?.key).not.toBe(stub?.key);
  });
});

describe('paths in the past', () => {
  it('are those that were true at the one time and known at the other', async () => {
    const assets = await graph('clocks', ['a > j1', 'j1 > z']);
    const [short, before] = [{ source: at(assets, 'j1').id, target: at(assets, 'z').id }, new Date().toISOString()];
    const [a, z] = [at(assets, 'a'), at(assets, 'z')];
    // Stated late: it was so in 2020 already, over another job.
    const late = await seed.transformation('clocks-jold');
    const flows = [
      { source: a.id, target: late.id },
      { source: late.id, target: z.id },
    ];
    await owner.data(CLAIM, {
      input: { flows, validFrom: '2020-01-01T00:00:00Z', validUntil: '2021-01-01T00:00:00Z' },
    });
    expect(named(await ask(a, z, { first: 5 }))).toEqual(['a j1 z']);
    expect(named(await ask(a, z, { first: 5, asOf: '2020-06-01T00:00:00Z' }))).toEqual(['a jold z']);
    expect(await ask(a, z, { first: 5, asOf: '2020-06-01T00:00:00Z', knownAt: before })).toEqual([]);
    const known = new Date().toISOString();
    await owner.data(RETRACT, { input: { flows: [short] } });
    expect(await ask(a, z)).toEqual([]);
    const then = await ask(a, z, { asOf: known, knownAt: known });
    expect(named(then)).toEqual(['a j1 z']);
    expect(then[0]?.edges.map(({ claims }) => claims.map(({ retractedAt }) => retractedAt))).toEqual([[null], [null]]);
  });
});

describe('paths that cannot be', () => {
  it('are refused with what to do instead', async () => {
    const [a, z] = await Promise.all([seed.dataset('refused-a'), seed.dataset('refused-z')]);
    const refused = async (more: Record<string, unknown>) => {
      const { extensions, message } = await owner.error(PATHS, { from: a.id, to: z.id, ...more });
      return `${extensions.code}: ${message}`;
    };
    expect(await refused({ first: 0 })).toMatch(/^BAD_USER_INPUT: .*1 to 50/);
    expect(await refused({ first: 51 })).toMatch(/^LIMIT_EXCEEDED: .*1 to 50/);
    expect(await refused({ to: a.urn })).toMatch(/^BAD_USER_INPUT: .*same asset/);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await refused({ asOf: future })).toMatch(/^BAD_USER_INPUT: `asOf`.*future/);
    expect(await refused({ knownAt: future })).toMatch(/^BAD_USER_INPUT: `knownAt`.*future/);
    expect(await refused({ knownAt: '2001-01-01T00:00:00Z' })).toMatch(/^NOT_FOUND/);
  });

  it('have the same words for an end that is hidden and one that does not exist', async () => {
    const shown = await seed.dataset('end-shown');
    const hidden = await seed.dataset('end-hidden', { visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const missing = hidden.urn.replace('end-hidden', 'end-none');
    for (const [one, other] of [
      [
        { from: hidden.urn, to: shown.id },
        { from: missing, to: shown.id },
      ],
      [
        { from: shown.id, to: hidden.urn },
        { from: shown.id, to: missing },
      ],
      [
        { from: hidden.urn, to: hidden.urn },
        { from: missing, to: missing },
      ],
    ]) {
      const [first, second] = [await stranger.error(PATHS, one), await stranger.error(PATHS, other)];
      expect(first.extensions.code).toBe('NOT_FOUND');
      expect(first.message.replace('end-hidden', '')).toBe(second.message.replace('end-none', ''));
    }
  });
});
