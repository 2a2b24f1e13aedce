import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Claim {
  source: string;
}
interface Diff {
  added: { source: string; target: string; claims: Claim[] }[];
  removed: { source: string; target: string; claims: Claim[] }[];
  changed: { source: string; target: string; before: Claim[]; after: Claim[] }[];
  nodes: { key: string; depth: number; hidden: boolean; moreDownstream: number; asset: { name: string } | null }[];
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
}

const DIFF = `query ($of: AssetRef!, $direction: Direction! = DOWNSTREAM, $depth: Int! = 5, $from: DateTime!, $to: DateTime!, $clock: LineageClock! = AS_OF, $asOf: DateTime, $knownAt: DateTime) {
  lineageDiff(of: $of, direction: $direction, depth: $depth, from: $from, to: $to, clock: $clock, asOf: $asOf, knownAt: $knownAt) {
    added { source target claims { source } }
    removed { source target claims { source } }
    changed { source target before { source } after { source } }
    nodes { key depth hidden moreDownstream asset { name } }
    completeness { complete hiddenNodes cutByDepth cutByPage }
  }
}`;
const CLAIM = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
const RETRACT = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }';

/** Years of which the flows tell that are stated here. */
const year = (number: number): string => `${number}-01-01T00:00:00.000Z`;

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

async function assetsOf(prefix: string, names: string, hidden: readonly string[] = []): Promise<Assets> {
  const made = names.split(' ').map(async (name) => {
    const more = { visibility: hidden.includes(name) ? 'RESTRICTED' : 'DISCOVERABLE' };
    return [name, await seed[name.startsWith('j') ? 'transformation' : 'dataset'](`${prefix}-${name}`, more)] as const;
  });
  return Object.fromEntries(await Promise.all(made));
}

const at = (assets: Assets, name: string): SeededAsset => {
  const asset = assets[name];
  if (!asset) throw new Error(`No ${name}.`);
  return asset;
};

/** Flows given as "data > job". */
const flowsOf = (assets: Assets, ...flows: readonly string[]) =>
  flows.map((flow) => {
    const [source = '', target = ''] = flow.split(' > ');
    return { source: at(assets, source).id, target: at(assets, target).id };
  });

const state = (flows: readonly unknown[], more: Record<string, unknown> = {}) =>
  owner.data(CLAIM, { input: { flows, ...more } });

async function diff(of: SeededAsset, from: string, to: string, more: Record<string, unknown> = {}, as = owner) {
  return (await as.data<{ lineageDiff: Diff }>(DIFF, { of: of.id, from, to, ...more })).lineageDiff;
}

/** The flows by the names of their ends, without the prefix. */
function named({ nodes }: Diff, edges: readonly { source: string; target: string }[]): string[] {
  const names = new Map(nodes.map(({ key, asset }) => [key, asset?.name.split('-').at(-1) ?? '?']));
  return edges.map(({ source, target }) => `${names.get(source) ?? '-'} > ${names.get(target) ?? '-'}`);
}

const now = (): string => new Date().toISOString();

describe('what changed of what was true', () => {
  it('is the flows that came and those that went, in the order of the walk, with who states them', async () => {
    const assets = await assetsOf('moved', 'a j1 b j2 c');
    await state(flowsOf(assets, 'a > j1', 'j1 > b'), { validFrom: year(2020) });
    await state(flowsOf(assets, 'b > j2', 'j2 > c'), { validFrom: year(2022), claimSource: 'dbt' });
    const grown = await diff(at(assets, 'a'), year(2021), year(2023));
    expect(named(grown, grown.added)).toEqual(['b > j2', 'j2 > c']);
    expect(grown.added.map(({ claims }) => claims)).toEqual([[{ source: 'dbt' }], [{ source: 'dbt' }]]);
    expect([grown.removed, grown.changed]).toEqual([[], []]);
    expect(grown.nodes.map(({ depth }) => depth)).toEqual([2, 3, 4]);
    expect(grown.completeness).toEqual({ complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false });
    await owner.data(RETRACT, { input: { flows: flowsOf(assets, 'a > j1'), from: year(2024) } });
    const cut = await diff(at(assets, 'a'), year(2023), year(2025));
    // What lies beyond the end of the one flow is not in the lineage any more.
    expect(named(cut, cut.removed)).toEqual(['a > j1', 'j1 > b', 'b > j2', 'j2 > c']);
    expect(cut.nodes.map(({ depth }) => depth)).toEqual([0, 1, 2, 3, 4]);
    const whole = await diff(at(assets, 'a'), year(2019), year(2025));
    expect([whole.added, whole.removed, whole.nodes]).toEqual([[], [], []]);
    const upstream = await diff(at(assets, 'c'), year(2021), year(2023), { direction: 'UPSTREAM' });
    expect(new Set(named(upstream, upstream.added))).toEqual(new Set(['a > j1', 'j1 > b', 'b > j2', 'j2 > c']));
    const both = await diff(at(assets, 'b'), year(2021), year(2025), { direction: 'BOTH' });
    expect(new Set(named(both, both.added))).toEqual(new Set(['b > j2', 'j2 > c']));
    expect(new Set(named(both, both.removed))).toEqual(new Set(['a > j1']));
  });

  it('ends in a cycle, and follows a shallow and a deep way', async () => {
    const assets = await assetsOf('round', 'a j1 j2 m j3 z');
    await state(flowsOf(assets, 'a > j2', 'j2 > m', 'm > j3', 'j3 > z', 'j3 > a'), { validFrom: year(2020) });
    await state(flowsOf(assets, 'a > j1', 'j1 > z'), { validFrom: year(2022) });
    const shallow = await diff(at(assets, 'a'), year(2021), year(2023), { depth: 2 });
    // The flow from the deep way to z is in the lineage of neither time: j3 lies beyond the depth.
    expect(named(shallow, shallow.added)).toEqual(['a > j1', 'j1 > z']);
    expect(shallow.completeness).toMatchObject({ complete: false, cutByDepth: 1 });
    const deep = await diff(at(assets, 'a'), year(2021), year(2023), { depth: 9 });
    expect(named(deep, deep.added)).toEqual(['a > j1', 'j1 > z']);
    expect(deep.nodes.map(({ depth }) => depth)).toEqual([0, 1, 2]);
  });

  it('says of a flow that stays which sources began and ceased to state it', async () => {
    const assets = await assetsOf('words', 'a j1 b');
    const flows = flowsOf(assets, 'a > j1');
    await state([...flows, ...flowsOf(assets, 'j1 > b')], { validFrom: year(2020), claimSource: 'dbt' });
    await state(flows, { validFrom: year(2022), claimSource: 'airflow' });
    const joined = await diff(at(assets, 'a'), year(2021), year(2023));
    expect([joined.added, joined.removed]).toEqual([[], []]);
    expect(named(joined, joined.changed)).toEqual(['a > j1']);
    expect(joined.changed.map(({ before, after }) => [before, after.map(({ source }) => source).sort()])).toEqual([
      [[{ source: 'dbt' }], ['airflow', 'dbt']],
    ]);
    // The same sources say the same anew: nothing changed.
    await state(flows, { validFrom: year(2019), claimSource: 'dbt' });
    expect((await diff(at(assets, 'a'), year(2020), year(2021))).changed).toEqual([]);
  });
});

describe('what changed of what was known', () => {
  it('shows what was stated late, of the past, and what was taken back', async () => {
    const assets = await assetsOf('late', 'a j1 b');
    const before = now();
    await state(flowsOf(assets, 'a > j1', 'j1 > b'), { validFrom: year(2020), validUntil: year(2021) });
    const after = now();
    const asOf = '2020-06-01T00:00:00Z';
    const learnt = await diff(at(assets, 'a'), before, after, { clock: 'KNOWN_AT', asOf });
    expect(named(learnt, learnt.added)).toEqual(['a > j1', 'j1 > b']);
    expect((await diff(at(assets, 'a'), before, after, { clock: 'KNOWN_AT' })).added).toEqual([]);
    await owner.data(RETRACT, { input: { flows: flowsOf(assets, 'j1 > b') } });
    const unlearnt = await diff(at(assets, 'a'), after, now(), { clock: 'KNOWN_AT', asOf });
    expect(named(unlearnt, unlearnt.removed)).toEqual(['j1 > b']);
    // On the other clock the same is seen as it was known then, and as it is known now.
    const then = await diff(at(assets, 'a'), year(2019), asOf, { knownAt: after });
    expect(named(then, then.added)).toEqual(['a > j1', 'j1 > b']);
    const today = await diff(at(assets, 'a'), year(2019), asOf);
    expect(named(today, today.added)).toEqual(['a > j1']);
  });

  it('begins with nothing where the asset was not registered yet', async () => {
    const assets = await assetsOf('young', 'a j1');
    await state(flowsOf(assets, 'a > j1'), { validFrom: year(2020) });
    const all = await diff(at(assets, 'a'), year(2010), now(), { clock: 'KNOWN_AT' });
    expect(named(all, all.added)).toEqual(['a > j1']);
    const ask = { of: at(assets, 'a').id, from: year(2010), to: year(2011) };
    expect(await owner.code(DIFF, { ...ask, clock: 'KNOWN_AT' })).toBe('NOT_FOUND');
    expect(await owner.code(DIFF, { ...ask, knownAt: year(2015) })).toBe('NOT_FOUND');
    expect(await diff(at(assets, 'a'), year(2010), year(2011))).toMatchObject({ added: [], removed: [] });
  });
});

describe('what changed around a hidden asset', () => {
  it('keeps its shape and tells nothing of it', async () => {
    const assets = await assetsOf('veiled', 'a j1 b j2 c', ['b']);
    await state(flowsOf(assets, 'a > j1', 'j1 > b'), { validFrom: year(2020) });
    await state(flowsOf(assets, 'b > j2', 'j2 > c'), { validFrom: year(2022) });
    await state(flowsOf(assets, 'a > j1', 'j1 > b'), { validFrom: year(2022), claimSource: 'dbt' });
    const stranger = await server.user();
    const seen = await diff(at(assets, 'a'), year(2021), year(2023), {}, stranger);
    expect(named(seen, seen.added)).toEqual(['? > j2', 'j2 > c']);
    expect(seen.added.map(({ claims }) => claims)).toEqual([[], [{ source: 'manual' }]]);
    // That another source states the flow to the hidden asset is not theirs to know.
    expect(named(seen, seen.changed)).toEqual(['a > j1']);
    expect(seen.completeness).toMatchObject({ complete: false, hiddenNodes: 1 });
    for (const secret of [at(assets, 'b').id, at(assets, 'b').urn, 'veiled-b'])
      expect(JSON.stringify(seen)).not.toContain(secret);
    const again = await diff(at(assets, 'a'), year(2021), year(2023), {}, stranger);
    expect(again.added[0]?.source).not.toBe(seen.added[0]?.source);
  });
});

describe('differences that cannot be', () => {
  it('are refused with what to do instead', async () => {
    const { id } = await seed.dataset('refused');
    const refused = async (more: Record<string, unknown>) => {
      const { extensions, message } = await owner.error(DIFF, { of: id, from: year(2020), to: year(2021), ...more });
      return `${extensions.code}: ${message}`;
    };
    for (const depth of [0, -1, 10_001]) expect(await refused({ depth })).toMatch(/^BAD_USER_INPUT: .*1 to 10000/);
    expect(await refused({ from: year(2022) })).toMatch(/^BAD_USER_INPUT: `from` .* after `to`/);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await refused({ to: future })).toMatch(/^BAD_USER_INPUT: `to` is .* future/);
    expect(await refused({ from: future, to: future })).toMatch(/^BAD_USER_INPUT: `from` is .* future/);
    expect(await refused({ knownAt: future })).toMatch(/^BAD_USER_INPUT: `knownAt` is .* future/);
    expect(await refused({ clock: 'KNOWN_AT', asOf: future })).toMatch(/^BAD_USER_INPUT: `asOf` is .* future/);
    expect(await refused({ asOf: year(2020) })).toMatch(/^BAD_USER_INPUT: .*Leave it out, or give `knownAt`/);
    expect(await refused({ clock: 'KNOWN_AT', knownAt: year(2020) })).toMatch(/^BAD_USER_INPUT: .*give `asOf`/);
  });

  it('have the same words for an asset that is hidden and one that does not exist', async () => {
    const hidden = await seed.dataset('hidden', { visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const times = { from: year(2020), to: year(2021) };
    const one = await stranger.error(DIFF, { of: hidden.urn, ...times });
    const other = await stranger.error(DIFF, { of: hidden.urn.replace(':hidden', ':none'), ...times });
    expect(one.extensions.code).toBe('NOT_FOUND');
    expect(one.message.replace(':hidden', '')).toBe(other.message.replace(':none', ''));
  });
});
