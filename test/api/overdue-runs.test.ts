import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** The clock of the server goes only when it is told to. */
let now = Date.now();
const pass = (seconds: number): void => void (now += seconds * 1000);

let server: TestWeftline;
let admin: Client;
let owner: Client;
let reader: Client;
let namespace: string;
let spaces = 0;

beforeAll(async () => {
  server = await startTestWeftline({ now: () => new Date(now) });
  [admin, owner, reader] = [await server.user({ role: 'ADMIN' }), await server.user(), await server.user()];
});

afterAll(() => server.stop());

/** A transformation in a namespace of the owner, with that limit, and a run of it that has just begun. */
async function begun(limit: number | null): Promise<{ transformation: string; run: string }> {
  namespace = `${server.namespace}-${++spaces}`;
  await admin.data(
    `mutation { setNamespaceOwners(input: { namespace: "${namespace}", owners: ["${owner.userId}"] }) { namespace { id } } }`,
  );
  if (limit !== null) await setLimit(limit);
  const { id: transformation } = await new Seed(owner, namespace).transformation('job');
  return { transformation, run: await start(transformation) };
}

const setLimit = (limit: number | null, by = owner): Promise<unknown> =>
  by.data('mutation ($input: SetNamespaceRunsInput!) { setNamespaceRuns(input: $input) { namespace { id } } }', {
    input: { namespace, overdueAfterSeconds: limit, reason: 'a night is enough' },
  });

async function start(transformation: string, more = ''): Promise<string> {
  const text = `mutation { startRun(input: { transformation: "${transformation}"${more} }) { run { id } } }`;
  return (await owner.data<{ startRun: { run: { id: string } } }>(text)).startRun.run.id;
}

const beat = (run: string): string => `mutation { heartbeatRun(input: { run: "${run}" }) { run { id overdue } } }`;
const finish = (run: string): string => `mutation { finishRun(input: { run: "${run}" }) { run { id overdue } } }`;

/** Since when it is overdue; null: it is not. */
async function sinceOf(run: string, client = owner): Promise<string | null> {
  const { node } = await client.data<{ node: { overdue: boolean; overdueSince: string | null } }>(
    `{ node(id: "${run}") { ... on Run { overdue overdueSince } } }`,
  );
  expect(node.overdue).toBe(node.overdueSince !== null);
  return node.overdueSince;
}

async function listed(transformation: string, args: string, client = owner): Promise<string[]> {
  const { node } = await client.data<{ node: { runs: { totalCount: number; nodes: { id: string }[] } } }>(
    `{ node(id: "${transformation}") { ... on Transformation { runs(${args}) { totalCount nodes { id } } } } }`,
  );
  expect(node.runs.totalCount).toBe(node.runs.nodes.length);
  return node.runs.nodes.map(({ id }) => id);
}

const isoAfter = (from: number, seconds: number): string => new Date(from + seconds * 1000).toISOString();

async function frozenNow(): Promise<Client> {
  const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R", expiresInHours: 10 }) { secret } }';
  const { openAuditorSession } = await admin.data<{ openAuditorSession: { secret: string } }>(open);
  return new Client(server.address, openAuditorSession.secret, '');
}

describe('A run that does not end', () => {
  it('is overdue from the moment its namespace says, to the second, for whoever may see it', async () => {
    const { run } = await begun(60);
    const at = now;
    pass(59);
    expect(await sinceOf(run)).toBeNull();
    pass(1);
    expect(await sinceOf(run)).toBe(isoAfter(at, 60));
    expect(await sinceOf(run, reader)).toBe(isoAfter(at, 60));
    pass(1_000);
    expect(await sinceOf(run)).toBe(isoAfter(at, 60));
  });

  it('is not where nothing is set, and is by what is set meanwhile; not any more once that is taken back', async () => {
    const { run } = await begun(null);
    pass(5_000);
    expect(await sinceOf(run)).toBeNull();
    await setLimit(3_600);
    expect(await sinceOf(run)).not.toBeNull();
    await setLimit(20_000);
    expect(await sinceOf(run)).toBeNull();
    await setLimit(10);
    await setLimit(null);
    expect(await sinceOf(run)).toBeNull();
  });

  it('counts from the start that was reported, however late', async () => {
    const { transformation } = await begun(60);
    const run = await start(transformation, `, startedAt: "${isoAfter(now, -61)}"`);
    expect(await sinceOf(run)).toBe(isoAfter(now, -1));
  });

  it('goes on after a sign of life, is overdue again after the next silence, and no more once it ends', async () => {
    const { run } = await begun(60);
    pass(61);
    expect(await owner.data(beat(run))).toMatchObject({ heartbeatRun: { run: { overdue: false } } });
    pass(59);
    expect(await sinceOf(run)).toBeNull();
    const at = now - 59_000;
    pass(2);
    expect(await sinceOf(run)).toBe(isoAfter(at, 60));
    expect(await owner.data(finish(run))).toMatchObject({ finishRun: { run: { overdue: false } } });
    pass(1_000);
    expect(await sinceOf(run)).toBeNull();
    const { errors } = await owner.ask(beat(run));
    expect(errors?.[0]).toMatchObject({ message: expect.stringContaining('ended') as string });
    const { audit } = await owner.data<{ audit: { nodes: { action: string }[] } }>(
      `{ audit(filter: { target: "${run}" }) { nodes { action } } }`,
    );
    expect(audit.nodes.map(({ action }) => action)).toEqual(['run:finish', 'run:heartbeat', 'run:start']);
  });

  it('is found in the list of runs, and so are those that are in time; states and pages go with it', async () => {
    const { transformation, run: late } = await begun(60);
    const ended = await start(transformation);
    await owner.data(finish(ended));
    pass(61);
    const fresh = await start(transformation);
    expect(await listed(transformation, 'overdue: true')).toEqual([late]);
    expect(await listed(transformation, 'overdue: false')).toEqual([fresh, ended]);
    expect(await listed(transformation, 'overdue: false, state: [RUNNING]')).toEqual([fresh]);
    expect(await listed(transformation, 'overdue: true, state: [SUCCEEDED]')).toEqual([]);
    expect(await listed(transformation, 'first: 50')).toEqual([fresh, ended, late]);
    const page = `{ node(id: "${transformation}") { ... on Transformation { runs(overdue: false, first: 1) { totalCount nodes { id } pageInfo { hasNextPage } } } } }`;
    expect(await owner.data(page)).toEqual({
      node: { runs: { totalCount: 2, nodes: [{ id: fresh }], pageInfo: { hasNextPage: true } } },
    });
  });

  it('is seen by a frozen auditor session as it was then, whatever was heard or set since', async () => {
    const { transformation, run } = await begun(60);
    const inTime = await frozenNow();
    pass(100);
    const overdue = await frozenNow();
    const since = await sinceOf(run);
    pass(1);
    await owner.data(beat(run));
    pass(10);
    const alive = await frozenNow();
    pass(500);
    await owner.data(beat(run));
    await setLimit(5_000);
    await owner.data(finish(run));
    for (const [session, expected] of [
      [inTime, null],
      [overdue, since],
      [alive, null],
    ] as const) {
      expect(await sinceOf(run, session)).toBe(expected);
      expect(await listed(transformation, 'overdue: true', session)).toEqual(expected === null ? [] : [run]);
    }
  });

  it('is so as of a time too, where a lineage of versions is asked as of it', async () => {
    const { transformation } = await begun(60);
    const seed = new Seed(owner, namespace);
    const [read, made] = [
      await seed.datasetVersion((await seed.dataset('read')).id),
      await seed.datasetVersion((await seed.dataset('made')).id),
    ];
    const run = await start(transformation, `, inputs: ["${read}"]`);
    const at = now;
    pass(100);
    await owner.data(`mutation { finishRun(input: { run: "${run}", outputs: ["${made}"] }) { run { id } } }`);
    const query = (asOf: string): string =>
      `{ node(id: "${read}") { ... on DatasetVersion { provenance(direction: DOWNSTREAM${asOf}) { runs { id overdue } } } } }`;
    const then = await owner.data(query(`, asOf: "${isoAfter(at, 80)}"`));
    expect(then).toEqual({ node: { provenance: { runs: [{ id: run, overdue: true }] } } });
    expect(await owner.data(query(''))).toEqual({ node: { provenance: { runs: [{ id: run, overdue: false }] } } });
  });
});

describe('The time after which runs are overdue', () => {
  it('is set by owners of the namespace and an ADMIN, told with it, and accounted for', async () => {
    await begun(90);
    const query = `{ namespace(name: "${namespace}") { id runsOverdueAfterSeconds } }`;
    const { namespace: found } = await owner.data<{ namespace: { id: string } }>(query);
    expect(found).toMatchObject({ runsOverdueAfterSeconds: 90 });
    await expect(setLimit(10, reader)).rejects.toThrow('Only an owner of the namespace');
    await setLimit(90);
    await setLimit(null, admin);
    expect(await owner.data(query)).toMatchObject({ namespace: { runsOverdueAfterSeconds: null } });
    const { audit } = await admin.data<{ audit: { nodes: unknown[] } }>(
      `{ audit(filter: { target: "${found.id}" }) { nodes { action before after reason } } }`,
    );
    const reason = 'a night is enough';
    expect(audit.nodes.slice(0, 2)).toEqual([
      {
        ...{ action: 'namespace:setRuns', reason },
        before: { runsOverdueAfterSeconds: 90 },
        after: { runsOverdueAfterSeconds: null },
      },
      {
        ...{ action: 'namespace:setRuns', reason },
        before: { runsOverdueAfterSeconds: null },
        after: { runsOverdueAfterSeconds: 90 },
      },
    ]);
  });

  it.each([0, -1, 31_622_401])('is not %i', async (limit) => {
    await begun(null);
    await expect(setLimit(limit)).rejects.toThrow('from 1 to 31622400');
  });

  it('is no matter of who may not edit the transformation, when they report on its run', async () => {
    const { run } = await begun(60);
    const { errors } = await reader.ask(beat(run));
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });
});
