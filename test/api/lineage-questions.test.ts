import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Answer {
  nodes: { depth: number; hidden: boolean; asset: { name: string } | null }[];
  edges: { source: string; target: string; through: number; claims: { source: string }[] }[];
  totalCount: number;
  facets: { name: string; buckets: { value: string; count: number }[] }[];
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number };
  pageInfo: { endCursor: string | null; hasNextPage: boolean };
}

const LINEAGE = `query ($of: [AssetRef!]!, $direction: Direction! = DOWNSTREAM, $depth: Int! = 10, $first: Int! = 200, $after: String,
  $kinds: [AssetKind!], $ignore: LineageIgnoreInput, $until: LineageUntilInput, $asOf: DateTime, $knownAt: DateTime) {
  lineage(of: $of, direction: $direction, depth: $depth, first: $first, after: $after, kinds: $kinds, ignore: $ignore, until: $until,
    asOf: $asOf, knownAt: $knownAt) {
    nodes { depth hidden asset { name } }
    edges { source target through claims { source } }
    totalCount
    facets { name buckets { value count } }
    completeness { complete hiddenNodes cutByDepth }
    pageInfo { endCursor hasNextPage }
  }
}`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

async function ask(of: SeededAsset, more: Record<string, unknown> = {}, as = owner): Promise<Answer> {
  return (await as.data<{ lineage: Answer }>(LINEAGE, { of: [of.id], ...more })).lineage;
}

const named = ({ nodes }: Answer): Record<string, number> =>
  Object.fromEntries(nodes.map((node) => [node.asset?.name.split('-').pop() ?? 'hidden', node.depth]));

/** raw → clean → tidy (tagged "gold") → train → model */
async function line(prefix: string, restricted = '') {
  const more = (name: string) => ({ visibility: restricted === name ? 'RESTRICTED' : 'DISCOVERABLE' });
  const [raw, clean, tidy, train, model] = [
    await seed.dataset(`${prefix}-raw`, more('raw')),
    await seed.transformation(`${prefix}-clean`, more('clean')),
    await seed.dataset(`${prefix}-tidy`, { ...more('tidy'), tags: ['gold'] }),
    await seed.transformation(`${prefix}-train`, more('train')),
    await seed.model(`${prefix}-model`, more('model')),
  ];
  await seed.flow([raw.id, clean.id], [clean.id, tidy.id], [tidy.id, train.id], [train.id, model.id]);
  return { raw, clean, tidy, train, model };
}

describe('noise that is ignored', { timeout: 120_000 }, () => {
  it('is passed through and not shown, and edges bridge over runs of it', async () => {
    const { raw, tidy, model } = await line('noise');
    const answer = await ask(raw, { ignore: { kinds: ['TRANSFORMATION'] } });
    expect(named(answer)).toEqual({ tidy: 2, model: 4 });
    expect(answer.totalCount).toBe(2);
    const edges = answer.edges.map(({ source, target, through }) => [source, target, through]);
    expect(edges).toHaveLength(2);
    expect(edges).toEqual(expect.arrayContaining([[raw.id, tidy.id, 1], [tidy.id, model.id, 1]])); // prettier-ignore
    const run = await ask(raw, { ignore: { kinds: ['TRANSFORMATION'], tags: ['gold'] } });
    expect(run.edges).toMatchObject([{ source: raw.id, target: model.id, through: 3, claims: [] }]);
    expect(run.facets.find(({ name }) => name === 'kind')?.buckets).toEqual([{ value: 'MODEL', count: 1 }]);
  });

  it('can be named, and has to be there', async () => {
    const { raw, clean } = await line('named');
    expect(named(await ask(raw, { ignore: { refs: [clean.urn] } }))).toEqual({ tidy: 2, train: 3, model: 4 });
    const error = await owner.error(LINEAGE, { of: [raw.id], ignore: { refs: [`${clean.urn}-none`] } });
    expect(error.extensions.code).toBe('NOT_FOUND');
    expect(await owner.code(LINEAGE, { of: [raw.id], ignore: {} })).toBe('BAD_USER_INPUT');
  });

  it('is never a hidden asset', async () => {
    const { raw } = await line('veil', 'clean');
    const stranger = await server.user();
    const answer = await ask(raw, { ignore: { kinds: ['TRANSFORMATION'] } }, stranger);
    expect(named(answer)).toEqual({ hidden: 1, tidy: 2, model: 4 });
  });
});

describe('until', { timeout: 120_000 }, () => {
  it.each([
    ['a kind', { kinds: ['TRANSFORMATION'] }, { clean: 1 }],
    ['a tag', { tags: ['gold'] }, { clean: 1, tidy: 2 }],
  ])('shows %s and does not walk beyond', async (name, until, reached) => {
    const { raw } = await line(`until ${name}`);
    const answer = await ask(raw, { until });
    expect(named(answer)).toEqual(reached);
    expect(answer.completeness.cutByDepth).toBe(0);
  });

  it('stops at what a principal owns, and starts at the root whatever it is', async () => {
    const { raw, train } = await line('owned');
    expect(named(await ask(raw, { until: { owners: [owner.userId] } }))).toEqual({ clean: 1 });
    expect(named(await ask(train, { direction: 'UPSTREAM', until: { kinds: ['TRANSFORMATION'] } }))).toEqual({
      tidy: 1,
      clean: 2,
    });
  });

  it('does not stop at a hidden asset', async () => {
    const { raw } = await line('past', 'clean');
    const answer = await ask(raw, { until: { kinds: ['TRANSFORMATION'] } }, await server.user());
    expect(named(answer)).toEqual({ hidden: 1, tidy: 2, train: 3 });
  });
});

describe('a clock', { timeout: 120_000 }, () => {
  it('shows assets as they were, and filters by what they were', async () => {
    const { raw, tidy } = await line('clock');
    const before = new Date().toISOString();
    await owner.data(`mutation { updateAsset(input: { ref: "${tidy.id}", tags: ["silver"] }) { asset { id } } }`);
    const rename = 'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }';
    await owner.data(rename, { input: { ref: tidy.id, name: 'clock-neat' } });
    expect(named(await ask(raw))).toMatchObject({ neat: 2 });
    for (const clock of [{ asOf: before }, { knownAt: before, asOf: before }]) {
      expect(named(await ask(raw, clock))).toMatchObject({ tidy: 2 });
      expect(named(await ask(raw, { ...clock, until: { tags: ['gold'] } }))).toEqual({ clean: 1, tidy: 2 });
      expect(named(await ask(raw, { ...clock, ignore: { tags: ['silver'] } }))).toMatchObject({ tidy: 2 });
    }
  });

  it('is refused in the future', async () => {
    const { raw } = await line('future');
    const future = new Date(Date.now() + 3_600_000).toISOString();
    expect(await owner.code(LINEAGE, { of: [raw.id], asOf: future })).toBe('BAD_USER_INPUT');
    expect(await owner.code(LINEAGE, { of: [raw.id], knownAt: future })).toBe('BAD_USER_INPUT');
  });
});

describe('pages', { timeout: 120_000 }, () => {
  it('are read on only by the same question', async () => {
    const { raw, clean } = await line('cursor');
    const { pageInfo } = await ask(raw, { first: 1 });
    const after = pageInfo.endCursor;
    expect((await ask(raw, { after, first: 2 })).nodes.map(({ depth }) => depth)).toEqual([2, 3]);
    for (const other of [
      { of: [clean.id] },
      { direction: 'BOTH' },
      { depth: 9 },
      { kinds: ['MODEL'] },
      { until: { tags: ['gold'] } },
      { asOf: new Date().toISOString() },
    ])
      expect(await owner.code(LINEAGE, { of: [raw.id], after, ...other })).toBe('BAD_USER_INPUT');
  });

  it('stay whole when much is stated before their cursor meanwhile', async () => {
    const { raw } = await line('moving');
    const { pageInfo } = await ask(raw, { first: 2 });
    const added = await Promise.all(Array.from({ length: 80 }, (_, n) => seed.transformation(`moving-more-${n}`)));
    await seed.flow(...added.map(({ id }) => [raw.id, id] as const));
    expect(named(await ask(raw, { first: 2, after: pageInfo.endCursor }))).toEqual({ train: 3, model: 4 });
  });

  it(
    'hold up to a thousand nodes of a chain of two thousand, which is walked to its end',
    { timeout: 600_000 },
    async () => {
      const chain = `UNWIND range(0, 2000) AS i
      CREATE (a:Node:Asset {id: $prefix + toString(i), urn: 'urn:weft:dataset:chain:' + $prefix + toString(i), kind: 'DATASET', namespace: 'chain',
        name: $prefix + toString(i), tags: [], properties: '{}', visibility: 'DISCOVERABLE', createdAt: $now, updatedAt: $now, revision: 1})
      CREATE (:Alias {key: 'id:' + a.id})-[:NAMES]->(a)
      WITH collect(a) AS links
      UNWIND range(0, 1999) AS i
      WITH links[i] AS s, links[i + 1] AS t
      CREATE (s)-[:FEEDS {id: s.id, source: 'test', validFrom: $now, recordedAt: $now}]->(t)`;
      const prefix = `${server.namespace}-chain-`;
      const origin = { requestId: 'test', operation: 'test' };
      await server.graph.write(origin, (tx) => tx.run(chain, { prefix, now: new Date() }));
      const root = { id: `${prefix}0`, urn: '' };
      const first = await ask(root, { depth: 10_000, first: 1_000 });
      expect([first.totalCount, first.nodes.length, first.edges.length]).toEqual([2_000, 1_000, 1_000]);
      const rest = await ask(root, { depth: 10_000, first: 1_000, after: first.pageInfo.endCursor });
      expect(rest.nodes.at(-1)).toMatchObject({ depth: 2_000, asset: { name: `${prefix}2000` } });
      expect((await ask(root, { depth: 60 })).completeness).toEqual({ complete: false, hiddenNodes: 0, cutByDepth: 1 });
      expect((await ask(root, { depth: 60 })).totalCount).toBe(60);
      const bad = await owner.error(LINEAGE, { of: [root.id], depth: 10_001 });
      expect(bad.message).toContain('from 1 to 10000');
      expect(await owner.code(LINEAGE, { of: [root.id], first: 1_001 })).toBe('LIMIT_EXCEEDED');
    },
  );
});
