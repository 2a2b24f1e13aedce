import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
let owner: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, owner] = [await server.user({ role: 'ADMIN' }), await server.user()];
});
afterAll(() => server.stop());

const OPEN =
  'mutation ($input: OpenAuditorSessionInput!) { openAuditorSession(input: $input) { session { id asOf expiresAt name openedBy { id } } secret } }';

interface Opened {
  openAuditorSession: {
    session: { id: string; asOf: string; expiresAt: string; name: string; openedBy: { id: string } };
    secret: string;
  };
}

async function openSession(asOf: Date | null = null, expiresInHours = 2) {
  const input = { auditor: 'Ada of Audit & Co', reason: 'Yearly audit', asOf, expiresInHours };
  const { session, secret } = (await admin.data<Opened>(OPEN, { input })).openAuditorSession;
  return { session, client: new Client(server.address, secret, session.id) };
}

async function update(ref: string, change: string): Promise<void> {
  await owner.data(`mutation { updateAsset(input: { ref: "${ref}", ${change} }) { asset { id } } }`);
}

describe('An auditor session', () => {
  it('reads everything, restricted assets too, and changes nothing', async () => {
    const seed = new Seed(owner, server.namespace);
    const secret = await seed.dataset('secret', { visibility: 'RESTRICTED' });
    const { session, client } = await openSession();
    expect(session).toMatchObject({ name: 'Ada of Audit & Co', openedBy: { id: admin.userId } });
    expect(Date.parse(session.expiresAt) - Date.now()).toBeGreaterThan(7_100_000);
    const { asset } = await client.data<{ asset: { name: string; viewerCan: string[] } }>(
      `{ asset(ref: "${secret.id}") { name viewerCan } }`,
    );
    expect(asset).toEqual({ name: 'secret', viewerCan: ['VIEW'] });
    expect(await client.data('{ viewer { __typename id } auditorSession { id asOf } }')).toEqual({
      viewer: { __typename: 'AuditorSession', id: session.id },
      auditorSession: { id: session.id, asOf: session.asOf },
    });
    expect(await client.code(`mutation { retireAsset(input: { ref: "${secret.id}" }) { asset { id } } }`)).toBe(
      'FORBIDDEN',
    );
    const create = 'mutation { createApiToken(input: { name: "more", scopes: [READ] }) { secret } }';
    expect(await client.code(create)).toBe('NOT_FOUND');
  });

  it(
    'sees everything as of its time: assets, versions, runs, releases, lineage, the log',
    { timeout: 300_000 },
    async () => {
      const seed = new Seed(owner, `${server.namespace}-then`);
      const [data, job, model, live] = [
        await seed.dataset('data', { description: 'as it was', fields: [{ name: 'a' }] }),
        await seed.transformation('job'),
        await seed.model('model'),
        await seed.deployment('live'),
      ];
      const input = await seed.datasetVersion(data.id, 'first');
      await seed.flow([data.id, job.id]);
      const [old, next] = [await seed.modelVersion(model.id, 'old'), await seed.modelVersion(model.id, 'next')];
      const deploy = (version: string): Promise<unknown> =>
        owner.data(
          `mutation { deployModel(input: { deployment: "${live.id}", modelVersion: "${version}" }) { __typename } }`,
        );
      await deploy(old);
      const start = `mutation { startRun(input: { transformation: "${job.id}", inputs: ["${input}"] }) { run { id } } }`;
      const { startRun } = await owner.data<{ startRun: { run: { id: string } } }>(start);
      await delay(20);
      const then = new Date();
      await delay(20);
      await owner.data(`mutation { finishRun(input: { run: "${startRun.run.id}" }) { run { id } } }`);
      await update(data.id, 'description: "as it became", fields: [{ name: "b" }]');
      await seed.datasetVersion(data.id, 'second');
      await deploy(next);
      const later = await seed.dataset('later');
      await seed.flow([later.id, job.id], [job.id, model.id]);

      const { client } = await openSession(then);
      const query = `query ($data: AssetRef!, $job: AssetRef!, $live: AssetRef!, $later: AssetRef!, $run: ID!, $namespace: String!) {
      data: asset(ref: $data) { description ... on Dataset { fields { name } versions { totalCount nodes { version } } latestVersion { version } } audit { nodes { action } } }
      live: asset(ref: $live) { ... on Deployment { current { until modelVersion { version } } releases { totalCount nodes { until } } } }
      later: asset(ref: $later) { id }
      run: node(id: $run) { ... on Run { state endedAt } }
      assets(filter: { namespaces: [$namespace] }) { totalCount nodes { name description } }
      search(query: "data", filter: { namespaces: [$namespace] }) { totalCount nodes { description } }
      lineage(of: [$job], direction: BOTH) { nodes { asset { name description } } completeness { complete } }
    }`;
      const variables = {
        ...{ data: data.id, job: job.id, live: live.id, later: later.id },
        ...{ run: startRun.run.id, namespace: `${server.namespace}-then` },
      };
      const answer = await client.data(query, variables);
      expect(answer).toMatchObject({
        data: {
          description: 'as it was',
          fields: [{ name: 'a' }],
          versions: { totalCount: 1, nodes: [{ version: 'first' }] },
          latestVersion: { version: 'first' },
        },
        live: {
          current: { until: null, modelVersion: { version: 'old' } },
          releases: { totalCount: 1, nodes: [{ until: null }] },
        },
        later: null,
        run: { state: 'RUNNING', endedAt: null },
        assets: { totalCount: 4 },
        search: { totalCount: 1, nodes: [{ description: 'as it was' }] },
        lineage: { nodes: [{ asset: { name: 'data', description: 'as it was' } }], completeness: { complete: true } },
      });
      expect(JSON.stringify(answer)).not.toContain('asset:update');
      const now = await owner.data<{ data: { description: string } }>(query, variables);
      expect(now.data.description).toBe('as it became');
      const error = await client.error(`{ asset(ref: "${data.id}", asOf: "${new Date().toISOString()}") { id } }`);
      expect(error.extensions.code).toBe('BAD_USER_INPUT');
      expect(error.message).toContain(then.toISOString());
      const before = new Date(then.getTime() - 3_600_000).toISOString();
      expect(await client.data(`{ asset(ref: "${data.id}", asOf: "${before}") { id } }`)).toEqual({ asset: null });
    },
  );

  it('leaves an entry for each read, which owners of what was read find too', async () => {
    const data = await new Seed(owner, server.namespace).dataset('read by an auditor');
    const { session, client } = await openSession();
    await client.data(
      `{ asset(ref: "${data.urn}") { name } again: lineage(of: ["${data.id}"], direction: BOTH) { totalCount } }`,
    );
    const query = `{ audit(filter: { actor: "${session.id}" }) { nodes { action outcome targetId after } } }`;
    interface Entries {
      audit: { nodes: { action: string; targetId: string; after: { field: string; selection: string } }[] };
    }
    const { audit } = await admin.data<Entries>(query);
    const reads = audit.nodes.filter((entry) => entry.targetId === data.id);
    expect(reads.map((entry) => entry.after.field).sort()).toEqual(['asset', 'lineage']);
    expect(reads.every((entry) => entry.action === 'auditor:read')).toBe(true);
    expect(reads.find((entry) => entry.after.field === 'asset')?.after.selection).toContain('name');
    const told = await owner.data<{ asset: { audit: { nodes: object[] } } }>(
      `{ asset(ref: "${data.id}") { audit { nodes { action actorId targetName after hidden } } } }`,
    );
    const withheld = { action: 'auditor:read', actorId: session.id, targetName: null, after: null, hidden: true };
    expect(told.asset.audit.nodes.filter((entry) => 'action' in entry && entry.action === 'auditor:read')).toEqual([
      withheld,
      withheld,
    ]);
  });

  it('has in the log all that was asked, so that it can be asked again, and the log proves it', async () => {
    const data = await new Seed(owner, server.namespace).dataset('asked at length');
    const { session, client } = await openSession();
    const text = ['x', 'y', 'z'].map((letter) => `"${letter.repeat(490)}"`).join(', ');
    const query = `query Long($ref: AssetRef!, $tag: [String!]) {
      asset(ref: $ref) { ...F }
      assets(first: 1, filter: { namespaces: [${text}, ${text}], tags: $tag }) { totalCount }
    }
    fragment F on Asset { id ... on Dataset { ...G } }
    fragment G on Dataset { description }`;
    await client.data(query, { ref: data.urn, tag: ['t'] });
    interface Entries {
      audit: { nodes: { seq: string; after: { field: string; selection: string; variables: object } }[] };
    }
    await server.sealed();
    const { audit } = await admin.data<Entries>(
      `{ audit(filter: { actor: "${session.id}" }) { nodes { seq after } } }`,
    );
    const [one, all] = ['asset', 'assets'].map((field) => audit.nodes.find(({ after }) => after.field === field));
    expect(one?.after.variables).toEqual({ ref: data.urn });
    expect(one?.after.selection).toContain('description');
    expect(one?.after.selection).not.toMatch(/\.\.\.[FG]/);
    expect(all?.after.variables).toEqual({ tag: ['t'] });
    expect(all?.after.selection).toContain(text);
  });

  it('logs what an AUDITOR of the house reads, and nobody else', async () => {
    const data = await new Seed(owner, server.namespace).dataset('read by the house');
    const auditor = await server.user({ role: 'AUDITOR' });
    for (const reader of [auditor, owner, admin]) await reader.data(`{ asset(ref: "${data.id}") { id } }`);
    const { audit } = await admin.data<{ audit: { nodes: { action: string; actorId: string }[] } }>(
      `{ audit(filter: { target: "${data.id}", actions: ["auditor:read"] }) { nodes { action actorId } } }`,
    );
    expect(audit.nodes).toEqual([{ action: 'auditor:read', actorId: auditor.userId }]);
  });

  it('ends when it is ended, and by itself', async () => {
    const { session, client } = await openSession();
    await client.data('{ viewer { id } }');
    const end = `mutation { endAuditorSession(input: { session: "${session.id}" }) { session { endedAt } } }`;
    const first = await admin.data<{ endAuditorSession: { session: { endedAt: string } } }>(end);
    expect(first.endAuditorSession.session.endedAt).not.toBeNull();
    expect(await admin.data(end)).toEqual(first);
    expect(await client.code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    const other = await openSession(null, 1);
    const later = await startTestWeftline({ now: () => new Date(Date.now() + 3_700_000) });
    expect(await new Client(later.address, other.client.token, '').code('{ viewer { id } }')).toBe('UNAUTHENTICATED');
    await later.stop();
    const { auditorSessions } = await admin.data<{ auditorSessions: { totalCount: number; nodes: { id: string }[] } }>(
      '{ auditorSessions(liveOnly: true) { totalCount nodes { id } } }',
    );
    expect(auditorSessions.nodes.map(({ id }) => id)).toContain(other.session.id);
    expect(auditorSessions.nodes.map(({ id }) => id)).not.toContain(session.id);
  });

  it('cannot export the log, which goes on after its time', async () => {
    const { client } = await openSession();
    const headers = { authorization: `Bearer ${client.token ?? ''}` };
    const response = await fetch(`${server.address}/audit/export`, { headers });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('auditor session');
  });

  it('has nothing to follow', async () => {
    const { client } = await openSession();
    const first = await client.subscribe('subscription { catalogChanged { cursor } }').next();
    expect(first.value).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  it.each([
    [{ expiresInHours: 0 }, /from 1 to 720/],
    [{ expiresInHours: 721 }, /from 1 to 720/],
    [{ reason: ' ' }, /why/],
    [{ auditor: '' }, /1 to 200 characters/],
    [{ asOf: new Date(Date.now() + 86_400_000).toISOString() }, /in the future/],
  ])('is refused with %j', async (wrong, message) => {
    const error = await admin.error(OPEN, { input: { auditor: 'A', reason: 'R', ...wrong } });
    expect(error.extensions.code).toBe('BAD_USER_INPUT');
    expect(error.message).toMatch(message);
  });

  it('cannot be opened, ended or listed by a MEMBER, and nobody else owns it', async () => {
    const { session } = await openSession();
    expect(await owner.code(OPEN, { input: { auditor: 'A', reason: 'R' } })).toBe('FORBIDDEN');
    const end = `mutation { endAuditorSession(input: { session: "${session.id}" }) { session { id } } }`;
    expect(await owner.code(end)).toBe('FORBIDDEN');
    expect(await owner.code('{ auditorSessions { nodes { id } } }')).toBe('FORBIDDEN');
    expect(await owner.data(`{ node(id: "${session.id}") { id } auditorSession { id } }`)).toEqual({
      node: null,
      auditorSession: null,
    });
    const token = `mutation { createApiToken(input: { name: "t", user: "${session.id}" }) { secret } }`;
    expect(await admin.code(token)).toBe('NOT_FOUND');
  });
});
