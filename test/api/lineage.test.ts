import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Answer {
  roots: { id: string }[];
  nodes: {
    depth: number;
    key: string;
    hidden: boolean;
    moreUpstream: number;
    moreDownstream: number;
    asset: { id: string; name: string } | null;
  }[];
  edges: { source: string; target: string; claims: { source: string }[] }[];
  totalCount: number;
  facets: { name: string; buckets: { value: string; count: number }[] }[];
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null };
}

const LINEAGE = `query ($of: [AssetRef!]!, $direction: Direction!, $depth: Int! = 5, $kinds: [AssetKind!], $first: Int! = 200, $after: String, $asOf: DateTime, $knownAt: DateTime) {
  lineage(of: $of, direction: $direction, depth: $depth, kinds: $kinds, first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) {
    roots { id }
    nodes { depth key hidden moreUpstream moreDownstream asset { id name } }
    edges { source target claims { source } }
    totalCount
    facets { name buckets { value count } }
    completeness { complete hiddenNodes cutByDepth cutByPage }
    pageInfo { hasNextPage hasPreviousPage endCursor }
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

async function lineage(
  of: readonly SeededAsset[],
  direction: string,
  more: Record<string, unknown> = {},
  as = owner,
): Promise<Answer> {
  const variables = { of: of.map((asset) => asset.id), direction, ...more };
  return (await as.data<{ lineage: Answer }>(LINEAGE, variables)).lineage;
}

const named = (answer: Answer): Record<string, number> =>
  Object.fromEntries(answer.nodes.map((node) => [node.asset?.name ?? 'hidden', node.depth]));

/** raw → clean → tidy → train → model → live */
async function line(prefix: string, restricted: readonly string[] = []): Promise<Record<string, SeededAsset>> {
  const visibility = (name: string) => ({ visibility: restricted.includes(name) ? 'RESTRICTED' : 'DISCOVERABLE' });
  const [raw, clean, tidy, train, model, live] = await Promise.all([
    seed.dataset(`${prefix}-raw`, visibility('raw')),
    seed.transformation(`${prefix}-clean`, visibility('clean')),
    seed.dataset(`${prefix}-tidy`, { ...visibility('tidy'), tags: ['secret-tag'] }),
    seed.transformation(`${prefix}-train`, visibility('train')),
    seed.model(`${prefix}-model`, visibility('model')),
    seed.deployment(`${prefix}-live`, visibility('live')),
  ]);
  await seed.flow(
    [raw.id, clean.id],
    [clean.id, tidy.id],
    [tidy.id, train.id],
    [train.id, model.id],
    [model.id, live.id],
  );
  return { raw, clean, tidy, train, model, live };
}

const at = (assets: Record<string, SeededAsset>, name: string): SeededAsset => {
  const asset = assets[name];
  if (!asset) throw new Error(`No ${name}.`);
  return asset;
};

describe('lineage at asset level', () => {
  it('follows the flow both ways, nearest first, and says that nothing is missing', async () => {
    const assets = await line('both');
    const down = await lineage([at(assets, 'raw')], 'DOWNSTREAM');
    expect(named(down)).toEqual({ 'both-clean': 1, 'both-tidy': 2, 'both-train': 3, 'both-model': 4, 'both-live': 5 });
    expect(down.edges).toHaveLength(5);
    expect(down.completeness).toEqual({ complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false });
    const up = await lineage([at(assets, 'live')], 'UPSTREAM');
    expect(up.nodes.map((node) => node.asset?.name)).toEqual([
      'both-model',
      'both-train',
      'both-tidy',
      'both-clean',
      'both-raw',
    ]);
    const both = await lineage([at(assets, 'tidy')], 'BOTH');
    expect(both.totalCount).toBe(5);
  });

  it('says how much a depth cuts off, and marks the rim', async () => {
    const assets = await line('depth');
    const answer = await lineage([at(assets, 'raw')], 'DOWNSTREAM', { depth: 2 });
    expect(named(answer)).toEqual({ 'depth-clean': 1, 'depth-tidy': 2 });
    expect(answer.completeness).toEqual({ complete: false, hiddenNodes: 0, cutByDepth: 1, cutByPage: false });
    expect(answer.nodes.map((node) => node.moreDownstream)).toEqual([0, 1]);
    expect(answer.totalCount).toBe(2);
  });

  it('gives the shortest distance in a diamond with a shallow and a deep way', async () => {
    const [a, short, long1, mid, long2, end] = await Promise.all([
      seed.dataset('diamond-a'),
      seed.transformation('diamond-short'),
      seed.transformation('diamond-long1'),
      seed.dataset('diamond-mid'),
      seed.transformation('diamond-long2'),
      seed.dataset('diamond-end'),
    ]);
    await seed.flow(
      [a.id, short.id],
      [short.id, end.id],
      [a.id, long1.id],
      [long1.id, mid.id],
      [mid.id, long2.id],
      [long2.id, end.id],
    );
    const answer = await lineage([a], 'DOWNSTREAM');
    expect(named(answer)).toEqual({
      'diamond-short': 1,
      'diamond-long1': 1,
      'diamond-end': 2,
      'diamond-mid': 2,
      'diamond-long2': 3,
    });
    expect(answer.edges).toHaveLength(6);
  });

  it('ends in a cycle: a job that overwrites what it reads', async () => {
    const [table, job] = await Promise.all([seed.dataset('cycle-table'), seed.transformation('cycle-job')]);
    await seed.flow([table.id, job.id], [job.id, table.id]);
    const answer = await lineage([table], 'DOWNSTREAM', { depth: 50 });
    expect(named(answer)).toEqual({ 'cycle-job': 1 });
    expect(answer.edges).toHaveLength(2);
    expect(answer.completeness.complete).toBe(true);
  });

  it('hides by kind without cutting', async () => {
    const assets = await line('kinds');
    const answer = await lineage([at(assets, 'raw')], 'DOWNSTREAM', { kinds: ['DEPLOYMENT'] });
    expect(named(answer)).toEqual({ 'kinds-live': 5 });
  });

  it('pages without losing or repeating a node or an edge, and says that a page is a part', async () => {
    const [hub, ...spokes] = await Promise.all([
      seed.dataset('hub'),
      ...Array.from({ length: 7 }, (_, number) => seed.transformation(`spoke-${number}`)),
    ]);
    await seed.flow(...spokes.map((spoke) => [hub.id, spoke.id] as const));
    const keys: string[] = [];
    const edges: string[] = [];
    let after: string | null = null;
    do {
      const page: Answer = await lineage([hub], 'DOWNSTREAM', { first: 3, after });
      expect(page.totalCount).toBe(7);
      expect(page.completeness.cutByPage).toBe(true);
      keys.push(...page.nodes.map((node) => node.key));
      edges.push(...page.edges.map((edge) => `${edge.source} ${edge.target}`));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(keys).size).toBe(7);
    expect(keys).toHaveLength(7);
    expect(new Set(edges).size).toBe(7);
    expect(edges).toHaveLength(7);
  });

  it('takes the nearest of several roots', async () => {
    const assets = await line('roots');
    const answer = await lineage([at(assets, 'raw'), at(assets, 'train')], 'DOWNSTREAM');
    expect(named(answer)).toEqual({ 'roots-clean': 1, 'roots-tidy': 2, 'roots-model': 1, 'roots-live': 2 });
  });

  it('counts kinds, owners and tags over everything reached', async () => {
    const assets = await line('facets');
    const answer = await lineage([at(assets, 'raw')], 'DOWNSTREAM', { first: 1 });
    const facet = (name: string) => answer.facets.find((each) => each.name === name)?.buckets;
    expect(facet('kind')).toEqual(
      expect.arrayContaining([
        { value: 'TRANSFORMATION', count: 2 },
        { value: 'MODEL', count: 1 },
      ]),
    );
    expect(facet('owner')).toEqual([{ value: owner.userId, count: 5 }]);
    expect(facet('tag')).toEqual([{ value: 'secret-tag', count: 1 }]);
  });

  it('keeps the shape of the graph around a hidden asset and tells nothing of it', async () => {
    const assets = await line('veiled', ['tidy']);
    const stranger = await server.user();
    const tidy = at(assets, 'tidy');
    const answer = await lineage([at(assets, 'raw')], 'DOWNSTREAM', {}, stranger);
    expect(answer.completeness).toEqual({ complete: false, hiddenNodes: 1, cutByDepth: 0, cutByPage: false });
    expect(named(answer)).toEqual({
      'veiled-clean': 1,
      hidden: 2,
      'veiled-train': 3,
      'veiled-model': 4,
      'veiled-live': 5,
    });
    const text = JSON.stringify(answer);
    for (const secret of [tidy.id, tidy.urn, 'veiled-tidy', 'secret-tag']) expect(text).not.toContain(secret);
    const key = answer.nodes.find((node) => node.hidden)?.key;
    expect(
      answer.edges.filter((edge) => edge.source === key || edge.target === key).map((edge) => edge.claims),
    ).toEqual([[], []]);
    const again = await lineage([at(assets, 'raw')], 'DOWNSTREAM', {}, stranger);
    expect(again.nodes.find((node) => node.hidden)?.key).not.toBe(key);
  });

  it('keeps the key of a hidden node over the pages of one answer', async () => {
    const assets = await line('paged', ['clean']);
    const stranger = await server.user();
    const first = await lineage([at(assets, 'raw')], 'DOWNSTREAM', { first: 1 }, stranger);
    const key = first.nodes[0]?.key;
    const second = await lineage(
      [at(assets, 'raw')],
      'DOWNSTREAM',
      { first: 1, after: first.pageInfo.endCursor },
      stranger,
    );
    expect(second.edges).toEqual([{ source: key, target: at(assets, 'tidy').id, claims: [] }]);
  });

  it('answers alike for a root that does not exist and one that is hidden', async () => {
    const hidden = await seed.dataset('root-hidden', { visibility: 'RESTRICTED' });
    const stranger = await server.user();
    const one = await stranger.error(LINEAGE, { of: [hidden.urn], direction: 'BOTH' });
    const other = await stranger.error(LINEAGE, {
      of: [hidden.urn.replace('root-hidden', 'root-none')],
      direction: 'BOTH',
    });
    expect(one.extensions.code).toBe('NOT_FOUND');
    expect(one.message.replace('root-hidden', '')).toBe(other.message.replace('root-none', ''));
  });

  it('refuses depths, pages, roots, times and cursors that cannot be, and says what can', async () => {
    const [raw, job] = [await seed.dataset('refusals'), await seed.transformation('refusals-job')];
    const [one, two] = [await seed.dataset('refusals-one'), await seed.dataset('refusals-two')];
    await seed.flow([raw.id, job.id], [job.id, one.id], [job.id, two.id]);
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const { endCursor } = (await lineage([raw], 'DOWNSTREAM', { first: 1 })).pageInfo;
    const refusals: [Record<string, unknown>, string, string][] = [
      [{ depth: 0 }, 'BAD_USER_INPUT', '`depth` is 0; it must be from 1 to 10000.'],
      [{ depth: -1 }, 'BAD_USER_INPUT', '`depth` is -1; it must be from 1 to 10000.'],
      [{ depth: 10_001 }, 'BAD_USER_INPUT', '`depth` is 10001; it must be from 1 to 10000.'],
      [{ of: [] }, 'BAD_USER_INPUT', 'Name at least one asset in `of`.'],
      [
        { of: Array.from({ length: 500 }, () => raw.id) },
        'LIMIT_EXCEEDED',
        '`of` has 500 items; at most 50 are possible.',
      ],
      [{ asOf: future }, 'BAD_USER_INPUT', `\`asOf\` is ${future}, which is in the future`],
      [{ knownAt: future }, 'BAD_USER_INPUT', `\`knownAt\` is ${future}, which is in the future`],
      [{ after: 'bm9uc2Vuc2U' }, 'BAD_USER_INPUT', 'cursor'],
      [{ after: endCursor, direction: 'UPSTREAM' }, 'BAD_USER_INPUT', 'This cursor belongs to another question.'],
      [{ after: endCursor, of: [one.id] }, 'BAD_USER_INPUT', 'This cursor belongs to another question.'],
      [{ after: endCursor, kinds: ['DATASET'] }, 'BAD_USER_INPUT', 'This cursor belongs to another question.'],
    ];
    for (const [more, code, words] of refusals) {
      const asked = { of: [raw.id], direction: 'DOWNSTREAM', ...more };
      const { extensions, message } = await owner.error(LINEAGE, asked);
      expect([extensions.code, message]).toEqual([code, expect.stringContaining(words)]);
    }
  });

  it('is refused as known before anything was recorded, with when it was', async () => {
    const [data, job] = [await seed.dataset('unknown-data'), await seed.transformation('unknown-job')];
    await seed.flow([data.id, job.id]);
    const asked = { of: [data.id], direction: 'BOTH', knownAt: '2001-01-01T00:00:00Z' };
    const { extensions, message } = await owner.error(LINEAGE, asked);
    expect(extensions.code).toBe('NOT_FOUND');
    expect(message).toMatch(/^Nothing was known of urn:\S+ at 2001-01-01T00:00:00.000Z: it was registered at 20/);
    const below = `{ asset(ref: "${data.id}") { lineage(direction: BOTH, knownAt: "2001-01-01T00:00:00Z") { totalCount } } }`;
    expect(await owner.data(below)).toEqual({ asset: { lineage: { totalCount: 0 } } });
  });
});

describe('claims', () => {
  const CLAIM =
    'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source target claims { source } } } }';
  const RETRACT = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }';

  it('stand side by side for each source, and go one by one', async () => {
    const [data, job] = await Promise.all([seed.dataset('claims-data'), seed.transformation('claims-job')]);
    const flows = [{ source: data.id, target: job.urn }];
    for (const claimSource of ['airflow', 'dbt', 'airflow']) await owner.data(CLAIM, { input: { flows, claimSource } });
    const sources = async () =>
      (await lineage([data], 'DOWNSTREAM')).edges.map((edge) => edge.claims.map((claim) => claim.source).sort());
    expect(await sources()).toEqual([['airflow', 'dbt']]);
    expect(await owner.data(RETRACT, { input: { flows, claimSource: 'airflow' } })).toEqual({
      retractLineage: { retracted: 2 },
    });
    expect(await sources()).toEqual([['dbt']]);
    await owner.data(RETRACT, { input: { flows, claimSource: 'dbt' } });
    expect(await sources()).toEqual([]);
  });

  it('leave one claim when the same is said by many at once', async () => {
    const [data, job] = await Promise.all([seed.dataset('race-data'), seed.transformation('race-job')]);
    const input = { flows: [{ source: data.id, target: job.id }], claimSource: 'race' };
    await Promise.all(Array.from({ length: 8 }, () => owner.data(CLAIM, { input })));
    expect((await lineage([data], 'DOWNSTREAM')).edges).toMatchObject([{ claims: [{ source: 'race' }] }]);
  });

  it('are read as of a time: true then, and known then', async () => {
    const [data, job] = await Promise.all([seed.dataset('time-data'), seed.transformation('time-job')]);
    const flows = [{ source: data.id, target: job.id }];
    const before = await betweenWrites();
    await owner.data(CLAIM, { input: { flows, validFrom: '2020-01-01T00:00:00Z' } });
    const seen = async (more: Record<string, unknown>) => (await lineage([data], 'DOWNSTREAM', more)).totalCount;
    expect(await seen({ asOf: '2021-01-01T00:00:00Z' })).toBe(1);
    expect(await seen({ asOf: '2019-01-01T00:00:00Z' })).toBe(0);
    expect(await seen({ asOf: '2021-01-01T00:00:00Z', knownAt: before })).toBe(0);
    const known = new Date().toISOString();
    await owner.data(RETRACT, { input: { flows } });
    expect(await seen({})).toBe(0);
    expect(await seen({ knownAt: known, asOf: known })).toBe(1);
  });

  it('cannot be made from an asset to itself, or between kinds that do not feed each other', async () => {
    const [data, other] = await Promise.all([seed.dataset('kinds-a'), seed.dataset('kinds-b')]);
    const self = await owner.error(CLAIM, { input: { flows: [{ source: data.id, target: data.id }] } });
    expect(self.extensions.code).toBe('BAD_USER_INPUT');
    const kinds = await owner.error(CLAIM, { input: { flows: [{ source: data.id, target: other.id }] } });
    expect(kinds.message).toContain('A DATASET can feed a TRANSFORMATION');
  });

  it('need EDIT on the transformation, and a source that is not one of Weftline itself', async () => {
    const [data, job] = await Promise.all([seed.dataset('rights-data'), seed.transformation('rights-job')]);
    const flows = [{ source: data.id, target: job.id }];
    const stranger = await server.user();
    expect(await stranger.code(CLAIM, { input: { flows } })).toBe('FORBIDDEN');
    expect(await owner.code(CLAIM, { input: { flows, claimSource: 'weftline/runs' } })).toBe('BAD_USER_INPUT');
  });
});

describe('runs and provenance', () => {
  it('tell exactly which versions a version was made from, at any remove', async () => {
    const [raw, clean, tidy, train, model] = await Promise.all([
      seed.dataset('prov-raw'),
      seed.transformation('prov-clean'),
      seed.dataset('prov-tidy'),
      seed.transformation('prov-train'),
      seed.model('prov-model'),
    ]);
    const [raw1, raw2] = [await seed.datasetVersion(raw.id, '1'), await seed.datasetVersion(raw.id, '2')];
    const [tidy1, tidy2] = [await seed.datasetVersion(tidy.id, '1'), await seed.datasetVersion(tidy.id, '2')];
    const model1 = await seed.modelVersion(model.id);
    const cleaning = await seed.run(clean.id, [raw1], [tidy1]);
    await seed.run(clean.id, [raw2], [tidy2]);
    const training = await seed.run(train.id, [tidy1], [model1]);
    const query = `query ($id: ID!, $depth: Int! = 20) { node(id: $id) { ... on ModelVersion { provenance(depth: $depth) {
      versions { ... on DatasetVersion { id } } runs { id } edges { source target } completeness { complete cutByDepth hiddenNodes } } } } }`;
    interface Found {
      node: {
        provenance: {
          versions: { id: string }[];
          runs: { id: string }[];
          edges: unknown[];
          completeness: Record<string, unknown>;
        };
      };
    }
    const { provenance } = (await owner.data<Found>(query, { id: model1 })).node;
    expect(provenance.versions.map((version) => version.id)).toEqual([tidy1, raw1]);
    expect(provenance.runs.map((run) => run.id)).toEqual([training, cleaning]);
    expect(provenance.edges).toHaveLength(4);
    expect(provenance.completeness).toEqual({ complete: true, cutByDepth: 0, hiddenNodes: 0 });
    const near = (await owner.data<Found>(query, { id: model1, depth: 1 })).node.provenance;
    expect(near.completeness).toEqual({ complete: false, cutByDepth: 1, hiddenNodes: 0 });
  });

  it('end once, generate a version once, and leave flows behind', async () => {
    const [raw, job, out] = await Promise.all([
      seed.dataset('runs-raw'),
      seed.transformation('runs-job'),
      seed.dataset('runs-out'),
    ]);
    const [input, output] = [await seed.datasetVersion(raw.id), await seed.datasetVersion(out.id)];
    const run = await seed.run(job.id, [input], [output]);
    const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';
    expect(await owner.code(finish, { input: { run } })).toBe('CONFLICT');
    await expect(seed.run(job.id, [input], [output])).rejects.toThrow('CONFLICT');
    expect(named(await lineage([raw], 'DOWNSTREAM'))).toEqual({ 'runs-job': 1, 'runs-out': 2 });
  });
});

describe('a filter, as of then', () => {
  const FILTERED = `query ($of: [AssetRef!]!, $ignore: LineageIgnoreInput, $until: LineageUntilInput, $asOf: DateTime) {
    lineage(of: $of, direction: BOTH, ignore: $ignore, until: $until, asOf: $asOf) { nodes { depth asset { name } } } }`;

  it('goes by the tags and owners of then', async () => {
    const assets = await line('then');
    const [raw, tidy] = [at(assets, 'raw'), at(assets, 'tidy')];
    const then = new Date().toISOString();
    await owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
      input: { ref: tidy.id, tags: ['other-tag'] },
    });
    const reached = async (filters: Record<string, unknown>): Promise<string[]> => {
      const asked = { of: [raw.id], asOf: then, ...filters };
      const { lineage } = await owner.data<{ lineage: { nodes: { asset: { name: string } }[] } }>(FILTERED, asked);
      return lineage.nodes.map(({ asset }) => asset.name.replace('then-', ''));
    };
    const noise = { kinds: ['TRANSFORMATION'] };
    expect(await reached({ ignore: noise, until: { tags: ['secret-tag'] } })).toEqual(['tidy']);
    expect(await reached({ ignore: noise, until: { tags: ['other-tag'] } })).toEqual(['tidy', 'model', 'live']);
    expect(await reached({ ignore: { tags: ['secret-tag'] }, until: { kinds: ['MODEL'] } })).toEqual([
      ...['clean', 'train', 'model'],
    ]);
    expect(await reached({ ignore: { tags: ['secret-tag'] }, until: { owners: [owner.userId] } })).toEqual(['clean']);
  });
});
