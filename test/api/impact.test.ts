import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Owners {
  edges: { assets: number; node: { id: string } }[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
interface Impact {
  kinds: { kind: string; count: number }[];
  owners: Owners;
  edges: { key: string; depth: number; asset: { id: string; name: string } | null; live: { id: string } | null }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
}

const IMPACT = `query ($of: [AssetRef!]!, $depth: Int, $kinds: [AssetKind!], $asOf: DateTime, $knownAt: DateTime, $first: Int, $after: String) {
  impact(of: $of, depth: $depth, kinds: $kinds, asOf: $asOf, knownAt: $knownAt, first: $first, after: $after) {
    kinds { kind count } owners { edges { assets node { ... on Node { id } } } totalCount }
    edges { key depth asset { id name } live { id } } pageInfo { hasNextPage endCursor } totalCount
    completeness { complete hiddenNodes cutByDepth cutByPage } } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

async function impact(of: string[], args: Record<string, unknown> = {}, as = owner): Promise<Impact> {
  return (await as.data<{ impact: Impact }>(IMPACT, { of, depth: 50, first: 50, ...args })).impact;
}

/** The cursor of the first row of a list. */
async function endOf(list: string, args: string): Promise<string> {
  const query = `{ ${list}(${args}, first: 1) { pageInfo { endCursor } } }`;
  const answer = await owner.data<Record<string, { pageInfo: { endCursor: string } }>>(query);
  return answer[list]?.pageInfo.endCursor ?? '';
}

/** data -> job -> model -> deployment, and job -> a table that only its owners see. */
async function chain(name: string) {
  const [data, job, model, live, secret] = [
    await seed.dataset(`${name}-data`),
    await seed.transformation(`${name}-job`),
    await seed.model(`${name}-model`),
    await seed.deployment(`${name}-live`),
    await seed.dataset(`${name}-secret`, { visibility: 'RESTRICTED' }),
  ];
  await seed.flow([data.id, job.id], [job.id, model.id], [job.id, secret.id]);
  const version = await seed.modelVersion(model.id);
  const deploy = `mutation { deployModel(input: { modelVersion: "${version}", deployment: "${live.id}" }) { ... on Release { id } } }`;
  const { deployModel } = await owner.data<{ deployModel: { id: string } }>(deploy);
  return { data, job, model, live, secret, release: deployModel.id };
}

describe('impact', () => {
  it('counts what is reached and its owners, and tells what serves on it', { timeout: 300_000 }, async () => {
    const { data, job, model, live, secret, release } = await chain('whole');
    const answer = await impact([data.urn]);
    expect(answer).toMatchObject({
      kinds: [
        { kind: 'DATASET', count: 1 },
        { kind: 'TRANSFORMATION', count: 1 },
        { kind: 'MODEL', count: 1 },
        { kind: 'DEPLOYMENT', count: 1 },
      ],
      owners: { edges: [{ assets: 4, node: { id: owner.userId } }], totalCount: 1 },
      totalCount: 4,
      completeness: { complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false },
    });
    expect(answer.edges.map(({ key, depth, live: served }) => [key, depth, served?.id ?? null])).toEqual([
      [job.id, 1, null],
      ...[
        [secret.id, 2, null],
        [model.id, 2, null],
      ],
      [live.id, 3, release],
    ]);
    expect((await impact([data.id], { kinds: ['MODEL', 'DEPLOYMENT'] })).edges.map(({ key }) => key)).toEqual([
      ...[model.id, live.id],
    ]);
    const near = await impact([data.id], { depth: 1 });
    expect(near).toMatchObject({ totalCount: 1, completeness: { complete: false, cutByDepth: 2 } });
  });

  it('keeps hidden assets as stubs, counts them, and pages through them', { timeout: 300_000 }, async () => {
    const { data, job, model, live, secret } = await chain('hidden');
    const stranger = await server.user();
    const seen: (string | null)[] = [];
    let after: string | null = null;
    do {
      const page: Impact = await impact([data.id], { first: 1, after }, stranger);
      expect(page).toMatchObject({ totalCount: 4, completeness: { complete: false, hiddenNodes: 1, cutByPage: true } });
      expect(JSON.stringify(page)).not.toContain(secret.id);
      expect(page.kinds.reduce((sum, { count }) => sum + count, 0)).toBe(3);
      seen.push(...page.edges.map(({ asset }) => asset?.id ?? null));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(seen).toEqual([job.id, model.id, null, live.id]);
    const filtered = await impact([data.id], { kinds: ['MODEL'] }, stranger);
    expect(filtered.edges.map(({ asset }) => asset?.id ?? null)).toEqual([model.id, null]);
  });

  it('obeys both clocks, and shows names, owners and releases of then', { timeout: 300_000 }, async () => {
    const { data, model, live, release } = await chain('clocks');
    await delay(5);
    const then = new Date().toISOString();
    await delay(5);
    const team = await server.team(owner);
    await owner.data(
      `mutation { renameAsset(input: { ref: "${model.id}", name: "clocks-renamed" }) { asset { id } } }`,
    );
    await owner.data(
      `mutation { setOwners(input: { ref: "${model.id}", owners: [{ owner: "${team}" }] }) { asset { id } } }`,
    );
    const next = await seed.modelVersion(model.id, '2');
    await owner.data(
      `mutation { deployModel(input: { modelVersion: "${next}", deployment: "${live.id}" }) { ... on Release { id } } }`,
    );
    for (const clocks of [{ asOf: then }, { knownAt: then }]) {
      const past = await impact([data.id], clocks);
      expect(past.edges.find(({ key }) => key === model.id)?.asset?.name).toBe('clocks-model');
      expect(past.edges.find(({ key }) => key === live.id)?.live?.id).toBe(release);
      expect(past.owners.edges).toEqual([{ assets: 4, node: { id: owner.userId } }]);
    }
    const now = await impact([data.id]);
    expect(now.edges.find(({ key }) => key === model.id)?.asset?.name).toBe('clocks-renamed');
    expect(now.edges.find(({ key }) => key === live.id)?.live?.id).not.toBe(release);
    expect(now.owners.totalCount).toBe(2);
    expect((await impact([data.id], { asOf: '2020-01-01T00:00:00.000Z' })).totalCount).toBe(0);
  });

  it(
    'pages through the owners, those of most first, and tells none of what is hidden',
    { timeout: 300_000 },
    async () => {
      const { data, job, model, secret } = await chain('owners');
      const teams = [await server.team(owner), await server.team(owner), await server.team(owner)].sort();
      const [first = '', second = '', third = ''] = teams;
      const own = (ref: string, ...owners: string[]) =>
        owner.data(
          `mutation { setOwners(input: { ref: "${ref}", owners: [${owners.map((id) => `{ owner: "${id}" }`).join(', ')}] }) { asset { id } } }`,
        );
      await own(job.id, second, first);
      await own(model.id, second);
      await own(secret.id, third);
      const query = `query ($of: [AssetRef!]!, $first: Int, $after: String) { impact(of: $of) {
      owners(first: $first, after: $after) { edges { assets node { ... on Node { id } } } totalCount pageInfo { hasNextPage endCursor } } } }`;
      const pages = async (as: Client) => {
        const found: [string, number][] = [];
        let after: string | null = null;
        do {
          const { impact: answer }: { impact: Pick<Impact, 'owners'> } = await as.data(query, {
            ...{ of: [data.id], first: 1, after },
          });
          expect(answer.owners.totalCount).toBe(as === owner ? 4 : 3);
          found.push(...answer.owners.edges.map(({ node, assets }): [string, number] => [node.id, assets]));
          after = answer.owners.pageInfo.hasNextPage ? answer.owners.pageInfo.endCursor : null;
        } while (after !== null);
        return found;
      };
      const expected = [...[first, owner.userId].sort().map((id): [string, number] => [id, 1])];
      expect(await pages(await server.user())).toEqual([[second, 2], ...expected]);
      expect(await pages(owner)).toEqual([
        [second, 2],
        ...[first, owner.userId, third].sort().map((id): [string, number] => [id, 1]),
      ]);
      const { impact: edges } = await owner.data<{ impact: { pageInfo: { endCursor: string } } }>(
        `{ impact(of: ["${data.id}"], first: 1) { pageInfo { endCursor } } }`,
      );
      const variables = { of: [data.id], first: 1, after: edges.pageInfo.endCursor };
      expect((await owner.error(query, variables)).message).toContain('belongs to another list');
      expect(await owner.code(query, { of: [data.id], first: 0 })).toBe('BAD_USER_INPUT');
      expect(await owner.code(query, { of: [data.id], first: 201 })).toBe('LIMIT_EXCEEDED');
    },
  );

  it('counts an asset once, however many ways and roots lead to it', { timeout: 300_000 }, async () => {
    const [a, b, job, out] = [
      await seed.dataset('once-a'),
      await seed.dataset('once-b'),
      await seed.transformation('once'),
      await seed.dataset('once-out'),
    ];
    await seed.flow([a.id, job.id], [b.id, job.id], [job.id, out.id], [out.id, job.id]);
    const answer = await impact([a.id, b.urn, a.urn]);
    expect(answer.edges.map(({ key, depth }) => [key, depth])).toEqual([
      [job.id, 1],
      [out.id, 2],
    ]);
    expect(answer).toMatchObject({ totalCount: 2, completeness: { complete: true } });
  });

  it('refuses what it cannot answer', { timeout: 300_000 }, async () => {
    const { data, secret } = await chain('refused');
    const stranger = await server.user();
    const future = new Date(Date.now() + 3_600_000).toISOString();
    const ofLineage = await endOf('lineage', `of: ["${data.id}"], direction: DOWNSTREAM`);
    const ofOthers = await endOf('impact', `of: ["${data.id}"], depth: 2`);
    const refusals: [Record<string, unknown>, string, string][] = [
      [{ of: [] }, 'BAD_USER_INPUT', 'Name at least one asset'],
      [{ of: Array.from({ length: 51 }, () => data.id) }, 'LIMIT_EXCEEDED', 'at most 50'],
      ...[0, -1, 10_001].map((depth): [Record<string, unknown>, string, string] => [
        ...([{ depth }, 'BAD_USER_INPUT', `\`depth\` is ${depth}; it must be from 1 to 10000.`] as const),
      ]),
      [{ first: 0 }, 'BAD_USER_INPUT', '"first" of Query.impact is 0'],
      [{ first: 201 }, 'LIMIT_EXCEEDED', '"first" of Query.impact is 201'],
      [{ after: 'nonsense' }, 'BAD_USER_INPUT', 'is not a cursor'],
      [{ after: ofLineage }, 'BAD_USER_INPUT', 'belongs to another list'],
      [{ after: ofOthers }, 'BAD_USER_INPUT', 'belongs to another question'],
      [{ asOf: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ knownAt: future }, 'BAD_USER_INPUT', 'in the future'],
      [{ of: ['urn:weft:dataset:no:no'] }, 'NOT_FOUND', 'There is no asset urn:weft:dataset:no:no, or you may not'],
      [{ of: [data.id, secret.urn] }, 'NOT_FOUND', `There is no asset ${secret.urn}, or you may not know of it.`],
    ];
    for (const [args, code, words] of refusals) {
      const { message, extensions } = await stranger.error(IMPACT, { of: [data.id], depth: 5, first: 50, ...args });
      expect([extensions.code, message]).toEqual([code, expect.stringContaining(words)]);
    }
    // Back-dated claims may hold before anything was recorded; before that, nothing was known.
    expect((await impact([data.id], { knownAt: '2020-01-01T00:00:00.000Z' })).totalCount).toBe(0);
  });
});
