/** Who may say what by events, whose things they make, and what of hands they leave alone. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { datasetOf, facetOf, type Refused, reportTo, runEvent } from '../support/openlineage-events.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const ASSETS = `query ($namespaces: [String!]) { assets(filter: { namespaces: $namespaces }, first: 100) { nodes {
  id urn name owners { owner { ... on User { id } ... on Team { id } } } ... on Dataset { fields { name type description } } } } }`;
const RUNS = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Transformation { runs(first: 20) { nodes {
  externalId state startedAt endedAt error facets parent { externalId } inputs { ... on DatasetVersion { version dataset { name } } } } } } } }`;
const LINEAGE = `query ($of: [AssetRef!]!) { lineage(of: $of, direction: BOTH, depth: 1) { edges { source target claims { source } } } }`;

let server: TestWeftline;
let admin: Client;
let spark: Client;
let other: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, spark, other] = await Promise.all([server.user({ role: 'ADMIN' }), server.user(), server.user()]);
});

afterAll(() => server.stop());

const report = (by: Client, ...events: object[]): Promise<Refused[]> => reportTo(server.address, by, events);
const place = (name: string): string => `${server.namespace}-${name}`;

interface AssetAnswer {
  id: string;
  urn: string;
  name: string;
  owners: { owner: { id: string } }[];
  fields?: { name: string; type: string | null; description: string | null }[];
}

async function assetsIn(namespace: string, by: Client = admin): Promise<AssetAnswer[]> {
  const answer = await by.data<{ assets: { nodes: AssetAnswer[] } }>(ASSETS, { namespaces: [namespace] });
  return answer.assets.nodes;
}

async function named(namespace: string, name: string): Promise<AssetAnswer> {
  const found = (await assetsIn(namespace)).find((each) => each.name === name);
  if (!found) throw new Error(`There is no ${name} in ${namespace}.`);
  return found;
}

describe('Whoever is answered', () => {
  it('finds what they reported at once', async () => {
    const namespace = place('at-once');
    for (let round = 0; round < 10; round++) {
      const event = runEvent({
        namespace,
        job: `job-${round}`,
        outputs: [datasetOf(namespace, `made-${round}`, ['a'])],
      });
      expect(await report(spark, event)).toEqual([]);
      const job = await named(namespace, `job-${round}`);
      const made = await named(namespace, `made-${round}`);
      const { lineage } = await spark.data<{ lineage: { edges: object[] } }>(LINEAGE, { of: [job.id] });
      expect(lineage.edges).toMatchObject([
        { source: job.id, target: made.id, claims: [{ source: `openlineage:${spark.userId}` }] },
      ]);
    }
  });

  it('finds each once, of many that are sent side by side', async () => {
    const namespace = place('side-by-side');
    const events = Array.from({ length: 40 }, (_, number) =>
      runEvent({
        namespace,
        job: `job-${number % 8}`,
        inputs: [datasetOf(namespace, 'orders', ['id'])],
        outputs: [datasetOf(namespace, `made-${number % 8}`, ['id'])],
      }),
    );
    const twice = [...events, ...events];
    expect((await Promise.all(twice.map((event) => report(spark, event)))).flat()).toEqual([]);
    expect((await assetsIn(namespace)).map(({ name }) => name).sort()).toEqual(
      ['orders', ...Array.from({ length: 8 }, (_, number) => [`job-${number}`, `made-${number}`]).flat()].sort(),
    );
    for (let number = 0; number < 8; number++) {
      const { asset } = await admin.data<{ asset: { runs: { nodes: object[] } } }>(RUNS, {
        ref: (await named(namespace, `job-${number}`)).id,
      });
      expect(asset.runs.nodes).toHaveLength(5);
    }
  });
});

describe('A run', () => {
  const runs = async (namespace: string, job: string) => {
    const answer = await admin.data<{ asset: { runs: { nodes: Record<string, unknown>[] } } }>(RUNS, {
      ref: (await named(namespace, job)).id,
    });
    return answer.asset.runs.nodes;
  };

  it('that failed stays so, whatever is said of it later', async () => {
    const namespace = place('failed');
    const runId = randomUUID();
    const at = (second: number): string => `2026-11-01T03:00:0${second}Z`;
    await report(spark, runEvent({ namespace, job: 'mart', runId, type: 'START', at: at(1) }));
    const errorMessage = facetOf({ message: 'no such table', programmingLanguage: 'JAVA' });
    await report(
      spark,
      runEvent({ namespace, job: 'mart', runId, type: 'FAIL', at: at(3), runFacets: { errorMessage } }),
    );
    await report(spark, runEvent({ namespace, job: 'mart', runId, type: 'COMPLETE', at: at(4) }));
    expect(await runs(namespace, 'mart')).toMatchObject([
      {
        ...{ externalId: runId, state: 'FAILED', error: 'no such table' },
        ...{ startedAt: '2026-11-01T03:00:01.000Z', endedAt: '2026-11-01T03:00:03.000Z' },
      },
    ]);
  });

  it('of several jobs by one id is one of each', async () => {
    const namespace = place('shared-id');
    const runId = randomUUID();
    await report(spark, ...['one', 'two'].map((job) => runEvent({ namespace, job, runId })));
    for (const job of ['one', 'two']) expect(await runs(namespace, job)).toMatchObject([{ externalId: runId }]);
  });

  it('keeps the facets that a later event leaves out', async () => {
    const namespace = place('facets');
    const runId = randomUUID();
    const said = { acme_cost: facetOf({ euro: 3 }) };
    await report(
      spark,
      runEvent({ namespace, job: 'job', runId, type: 'START', at: '2026-11-01T01:00:00Z', runFacets: said }),
    );
    await report(
      spark,
      runEvent({ namespace, job: 'job', runId, at: '2026-11-01T02:00:00Z', runFacets: { 'a.b-c': facetOf({ x: 1 }) } }),
    );
    const [run] = await runs(namespace, 'job');
    expect(run?.['facets']).toMatchObject({ acme_cost: { euro: 3 }, 'a.b-c': { x: 1 } });
  });

  it('that read a data set without a version read the one that was there when it began', async () => {
    const namespace = place('inferred');
    const made = datasetOf(namespace, 'orders', ['id']);
    const [first, second, reader] = [randomUUID(), randomUUID(), randomUUID()];
    const day = (number: number): string => `2026-11-0${number}T03:00:00Z`;
    await report(spark, runEvent({ namespace, job: 'write', runId: first, at: day(1), outputs: [made] }));
    await report(spark, runEvent({ namespace, job: 'read', runId: reader, type: 'START', at: day(3), inputs: [made] }));
    const read = async () => (await runs(namespace, 'read'))[0]?.['inputs'];
    expect(await read()).toMatchObject([{ version: first, dataset: { name: 'orders' } }]);
    await report(spark, runEvent({ namespace, job: 'write', runId: second, at: day(2), outputs: [made] }));
    expect(await read()).toMatchObject([{ version: second }]);
  });

  it('of another source is told of by that one alone', async () => {
    const namespace = place('own-runs');
    const runId = randomUUID();
    await report(spark, runEvent({ namespace, job: 'job', runId, type: 'START' }));
    const [refused] = await report(other, runEvent({ namespace, job: 'job', runId }));
    expect(refused).toMatchObject({
      retriable: false,
      reason: expect.stringContaining('You may not report on the job') as string,
    });
    const [byAdmin] = await report(admin, runEvent({ namespace, job: 'job', runId }));
    expect(byAdmin).toMatchObject({
      reason: expect.stringContaining(`The run ${runId} is reported by another source`) as string,
    });
    expect(await runs(namespace, 'job')).toMatchObject([{ state: 'RUNNING' }]);
  });
});

describe('A job that somebody registered', () => {
  it('is reported on by who may EDIT it', async () => {
    const namespace = place('by-hand');
    const job = await new Seed(other, namespace).transformation('theirs');
    const event = runEvent({ namespace, job: 'theirs', inputs: [datasetOf(namespace, 'orders')] });
    expect(await report(spark, event)).toMatchObject([
      {
        index: 0,
        reason: expect.stringContaining(`You may not report on the job ${job.urn}`) as string,
        retriable: false,
      },
    ]);
    expect((await assetsIn(namespace)).map(({ name }) => name)).toEqual(['theirs']);
    expect(await report(other, event)).toEqual([]);
  });

  it('and is retired runs no more', async () => {
    const namespace = place('retired');
    const job = await new Seed(spark, namespace).transformation('gone');
    await spark.data('mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }', {
      input: { ref: job.id, retired: true },
    });
    expect(await report(spark, runEvent({ namespace, job: 'gone' }))).toMatchObject([
      { reason: expect.stringContaining('is retired') as string, retriable: false },
    ]);
  });
});

describe('A data set that somebody registered', () => {
  it('keeps the fields that were written by hand', async () => {
    const namespace = place('fields-by-hand');
    const fields = [{ name: 'id', type: 'BIGINT', description: 'The key.' }];
    await new Seed(spark, namespace).dataset('orders', { fields });
    const said = datasetOf(namespace, 'orders', ['id', 'amount']);
    expect(await report(spark, runEvent({ namespace, job: 'job', outputs: [said] }))).toEqual([]);
    expect((await named(namespace, 'orders')).fields).toEqual([
      ...fields,
      { name: 'amount', type: 'string', description: null },
    ]);
  });

  it('is described by nobody else, and flows all the same', async () => {
    const namespace = place('others-data');
    const orders = await new Seed(other, namespace).dataset('orders', { fields: [{ name: 'id' }] });
    const said = datasetOf(namespace, 'orders', ['id', 'amount']);
    expect(await report(spark, runEvent({ namespace, job: 'job', inputs: [said] }))).toEqual([]);
    expect((await named(namespace, 'orders')).fields?.map(({ name }) => name)).toEqual(['id']);
    const { lineage } = await spark.data<{ lineage: { edges: object[] } }>(LINEAGE, { of: [orders.id] });
    expect(lineage.edges).toMatchObject([{ source: orders.id }]);
  });
});

describe('What events bring in', () => {
  it('is owned by who owns the namespace, else by nobody', async () => {
    const [owned, free] = [place('owned'), place('free')];
    await admin.data(
      'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { id } } }',
      {
        input: { namespace: owned, owners: [other.userId] },
      },
    );
    expect(
      await report(spark, runEvent({ namespace: owned, job: 'job' }), runEvent({ namespace: free, job: 'job' })),
    ).toEqual([]);
    expect((await named(owned, 'job')).owners.map(({ owner }) => owner.id)).toEqual([other.userId]);
    expect((await named(free, 'job')).owners).toEqual([]);
  });

  it('comes into no namespace where they may not register, in the same words whether it is there or not', async () => {
    const namespace = place('closed');
    const setting =
      'mutation ($input: SetNamespaceVisibilityInput!) { setNamespaceVisibility(input: $input) { namespace { id } } }';
    await admin.data(setting, { input: { namespace, visibility: 'RESTRICTED' } });
    await new Seed(admin, namespace).dataset('there');
    const into = (name: string) =>
      report(spark, runEvent({ namespace: place('open'), job: 'job', inputs: [datasetOf(namespace, name)] }));
    const [there] = await into('there');
    const [missing] = await into('missing');
    expect(there).toMatchObject({
      reason: expect.stringContaining('You may not register names in the namespace') as string,
    });
    expect(missing?.reason).toBe(there?.reason);
    expect(await assetsIn(place('open'))).toEqual([]);
  });

  it('is refused one by one: the others of the batch are taken', async () => {
    const namespace = place('one-by-one');
    await new Seed(other, namespace).transformation('theirs');
    const late = runEvent({ namespace, job: 'late', at: new Date(Date.now() + 3 * 86_400_000).toISOString() });
    const refused = await report(
      spark,
      runEvent({ namespace, job: 'mine' }),
      runEvent({ namespace, job: 'theirs' }),
      late,
    );
    expect(refused.map(({ index }) => index)).toEqual([1, 2]);
    expect(refused[1]?.reason).toContain('`eventTime` is');
    expect((await assetsIn(namespace)).map(({ name }) => name).sort()).toEqual(['mine', 'theirs']);
  });
});
