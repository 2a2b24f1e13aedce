/** What nobody owns is found: since when, by whom it came, and by those alone who may see it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { datasetOf, reportTo, runEvent } from '../support/openlineage-events.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const UNOWNED = `query ($filter: UnownedFilter, $first: Int, $after: String, $last: Int, $before: String) {
  unowned(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount nodes { since broughtInBy { id } asset { id name kind createdAt } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;

interface Unowned {
  totalCount: number;
  nodes: {
    since: string;
    broughtInBy: { id: string } | null;
    asset: { id: string; name: string; kind: string; createdAt: string };
  }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

let server: TestWeftline;
let admin: Client;
let spark: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, spark] = await Promise.all([server.user({ role: 'ADMIN' }), server.user()]);
});
afterAll(() => server.stop());

const place = (name: string): string => `${server.namespace}-${name}`;
const unowned = async (by: Client, filter: object, page: object = {}): Promise<Unowned> =>
  (await by.data<{ unowned: Unowned }>(UNOWNED, { filter, ...page })).unowned;
const namesOf = ({ nodes }: Unowned): string[] => nodes.map(({ asset }) => asset.name).sort();

describe('What nobody owns', () => {
  it('is listed with since when and who reported it, by namespace and kind', async () => {
    const [here, there] = [place('here'), place('there')];
    const outputs = [datasetOf(here, 'made'), datasetOf(there, 'made-there')];
    expect(await reportTo(server.address, spark, [runEvent({ namespace: here, job: 'job', outputs })])).toEqual([]);
    await new Seed(spark, here).dataset('owned');
    const all = await unowned(admin, { namespaces: [here, there] });
    expect(namesOf(all)).toEqual(['job', 'made', 'made-there']);
    for (const { since, broughtInBy, asset } of all.nodes) {
      expect(broughtInBy).toEqual({ id: spark.userId });
      expect(since).toBe(asset.createdAt);
    }
    expect(all.totalCount).toBe(3);
    expect(namesOf(await unowned(admin, { namespaces: [here], kinds: ['DATASET'] }))).toEqual(['made']);
    expect(namesOf(await unowned(admin, { namespaces: [here], kinds: ['MODEL'] }))).toEqual([]);
    expect(namesOf(await unowned(admin, { namespaces: [] }))).toEqual([]);
  });

  it('comes in pages, from either end', async () => {
    const namespace = place('pages');
    const jobs = Array.from({ length: 7 }, (_, at) =>
      runEvent({ namespace, job: `job-${at}`, outputs: [datasetOf(namespace, `made-${at}`)] }),
    );
    await reportTo(server.address, spark, jobs);
    const filter = { namespaces: [namespace] };
    const whole = (await unowned(admin, filter)).nodes.map(({ asset }) => asset.id);
    expect(whole).toHaveLength(14);
    const forward: string[] = [];
    for (let after: string | null = null; ;) {
      const page: Unowned = await unowned(admin, filter, { first: 5, after });
      forward.push(...page.nodes.map(({ asset }) => asset.id));
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(forward).toEqual(whole);
    const last = await unowned(admin, filter, { last: 4 });
    expect(last.nodes.map(({ asset }) => asset.id)).toEqual(whole.slice(-4));
    expect(last.pageInfo.hasPreviousPage).toBe(true);
  });

  it('is found by who may see it, and counted so', async () => {
    const namespace = place('hidden');
    await reportTo(server.address, spark, [runEvent({ namespace, job: 'job' })]);
    const filter = { namespaces: [namespace] };
    expect((await unowned(spark, filter)).totalCount).toBe(1);
    await admin.data(
      'mutation ($input: SetNamespaceVisibilityInput!) { setNamespaceVisibility(input: $input) { namespace { id } } }',
      { input: { namespace, visibility: 'RESTRICTED' } },
    );
    expect(await unowned(spark, filter)).toMatchObject({ totalCount: 0, nodes: [] });
    expect(await unowned(admin, filter)).toMatchObject({ totalCount: 1 });
  });

  it('is no longer listed once it has an owner', async () => {
    const namespace = place('given');
    await reportTo(server.address, spark, [runEvent({ namespace, job: 'job' })]);
    const filter = { namespaces: [namespace] };
    const [found] = (await unowned(admin, filter)).nodes;
    await admin.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
      input: { ref: found?.asset.id, owners: [{ owner: spark.userId, role: 'OWNER' }] },
    });
    expect((await unowned(admin, filter)).totalCount).toBe(0);
  });
});
