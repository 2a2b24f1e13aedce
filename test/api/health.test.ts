import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scope, systemActor } from '../../src/auth/actor.js';
import { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Health {
  state: string;
  at: string;
  since: string;
  stale: boolean;
  message: string | null;
  latencySeconds: number | null;
  errorRate: number | null;
  reportedBy: { id: string };
  release: { id: string } | null;
}

const REPORT = 'mutation ($input: ReportHealthInput!) { reportHealth(input: $input) { state at changed } }';
const HEALTH = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment { health {
  state at since stale message latencySeconds errorRate reportedBy { id } release { id }
} } } }`;

let server: TestWeftline;
/** What the clock of the server is ahead. */
let aheadMs = 0;
let owner: Client;
let seed: Seed;
let count = 0;

beforeAll(async () => {
  server = await startTestWeftline({
    now: () => new Date(Date.now() + aheadMs),
    environment: { WEFTLINE_HEARTBEAT_SECONDS: '30' },
  });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const deployment = (more = {}): Promise<SeededAsset> => seed.deployment(`health-${(count += 1)}`, more);

async function report(as: Client, input: Record<string, unknown>): Promise<{ state: string; changed: boolean }> {
  return (await as.data<{ reportHealth: { state: string; changed: boolean } }>(REPORT, { input })).reportHealth;
}

async function healthOf(ref: string): Promise<Health | null> {
  return (await owner.data<{ asset: { health: Health | null } }>(HEALTH, { ref })).asset.health;
}

async function changesOf(target: string): Promise<{ before: unknown; after: unknown }[]> {
  const query = 'query ($target: ID!) { audit(filter: { target: $target }) { nodes { action before after } } }';
  interface Answer {
    audit: { nodes: { action: string; before: unknown; after: unknown }[] };
  }
  const { nodes } = (await owner.data<Answer>(query, { target })).audit;
  return nodes.filter(({ action }) => action === 'deployment:health').map(({ before, after }) => ({ before, after }));
}

/** A service account in a team that owns the deployment, with a token of these scopes. */
async function monitorOf(live: SeededAsset, ...scopes: Scope[]): Promise<Client> {
  const { principals, tokens } = server.weftline;
  const admin = systemActor('test');
  const name = `monitor-${(count += 1)} of ${server.namespace}`;
  const account = await principals.createServiceAccount(admin, {
    name,
    role: 'MEMBER',
    teams: [await server.team(owner)],
  });
  const [team] = (await principals.teamsOf(admin, [account.id])).get(account.id) ?? [];
  const owners = [{ owner: owner.userId }, { owner: team?.id, role: 'STEWARD' }];
  await owner.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
    input: { ref: live.id, owners },
  });
  const token = { name: 'monitor', user: account.id, scopes, expiresInDays: 1 };
  return new Client(server.address, (await tokens.createToken(admin, token)).secret, account.id);
}

describe('health', () => {
  it('is null before the first heartbeat, and then what the last one said', async () => {
    const live = await deployment();
    expect(await healthOf(live.id)).toBeNull();
    const monitor = await monitorOf(live, 'HEALTH');
    const version = await seed.modelVersion((await seed.model(`health-model-${count}`)).id);
    const { deployModel } = await owner.data<{ deployModel: { id: string } }>(
      `mutation { deployModel(input: { deployment: "${live.id}", modelVersion: "${version}" }) { ... on Release { id } } }`,
    );
    const beat = { deployment: live.urn, state: 'DEGRADED', message: ' slow ', latencySeconds: 1.5, errorRate: 0.25 };
    expect(await report(monitor, beat)).toMatchObject({ state: 'DEGRADED', changed: true });
    expect(await healthOf(live.id)).toMatchObject({
      ...{ state: 'DEGRADED', stale: false, message: 'slow', latencySeconds: 1.5, errorRate: 0.25 },
      ...{ reportedBy: { id: monitor.userId }, release: { id: deployModel.id } },
    });
    await report(monitor, { deployment: live.id, state: 'HEALTHY' });
    expect(await healthOf(live.id)).toMatchObject({ state: 'HEALTHY', message: null, latencySeconds: null });
  });

  it('is written to the audit log when its state changes, and not with each heartbeat', async () => {
    const live = await deployment();
    const beat = (state: string) => report(owner, { deployment: live.id, state });
    await beat('HEALTHY');
    const first = await healthOf(live.id);
    await delay(5);
    server.statements.length = 0;
    expect((await beat('HEALTHY')).changed).toBe(false);
    expect(server.statements.filter((name) => !/token|authenticate/i.test(name))).toEqual([
      'catalog.seeAssets',
      'deployment.beat',
    ]);
    const second = await healthOf(live.id);
    expect(second?.since).toBe(first?.since);
    expect(second?.at).not.toBe(first?.at);
    await beat('FAILING');
    expect((await healthOf(live.id))?.since).not.toBe(first?.since);
    expect(await changesOf(live.id)).toMatchObject([
      { before: { state: 'HEALTHY' }, after: { state: 'FAILING' } },
      { before: { state: null }, after: { state: 'HEALTHY' } },
    ]);
  });

  it('counts one change when many report it at the same moment', { timeout: 300_000 }, async () => {
    const live = await deployment();
    await report(owner, { deployment: live.id, state: 'HEALTHY' });
    const input = { deployment: live.id, state: 'FAILING' };
    const answers = await Promise.all(Array.from({ length: 10 }, () => report(owner, input)));
    expect(answers.filter(({ changed }) => changed)).toHaveLength(1);
    expect(await changesOf(live.id)).toHaveLength(2);
    const fresh = await deployment();
    const firsts = await Promise.all(
      Array.from({ length: 10 }, () => report(owner, { ...input, deployment: fresh.id })),
    );
    expect(firsts.filter(({ changed }) => changed)).toHaveLength(1);
  });

  it('is stale when no heartbeat came for longer than the setting says', async () => {
    const live = await deployment();
    await report(owner, { deployment: live.id, state: 'HEALTHY' });
    aheadMs = 20_000;
    expect((await healthOf(live.id))?.stale).toBe(false);
    aheadMs = 31_000;
    expect(await healthOf(live.id)).toMatchObject({ state: 'HEALTHY', stale: true });
    await report(owner, { deployment: live.id, state: 'HEALTHY' });
    expect((await healthOf(live.id))?.stale).toBe(false);
    aheadMs = 0;
  });
});

describe('a heartbeat', () => {
  it('needs a token with the scope HEALTH, which can do nothing else', async () => {
    const live = await deployment();
    const input = { deployment: live.id, state: 'HEALTHY' };
    const monitor = await monitorOf(live, 'HEALTH');
    expect(await report(monitor, input)).toMatchObject({ changed: true });
    expect(await monitor.code('{ assets { nodes { id } } }')).toBe('FORBIDDEN');
    const update = `mutation { updateAsset(input: { ref: "${live.id}", description: "mine" }) { asset { id } } }`;
    expect(await monitor.code(update)).toBe('FORBIDDEN');
    for (const scope of ['READ', 'LAUNCH'] as const) {
      const other = await monitorOf(live, scope);
      expect(await other.error(REPORT, { input })).toMatchObject({
        message: expect.stringContaining('no HEALTH scope') as string,
        extensions: { code: 'FORBIDDEN' },
      });
    }
    expect(await report(await monitorOf(live, 'WRITE'), input)).toMatchObject({ changed: false });
  });

  it('can be given away by who may write, and not by who may read alone', async () => {
    const give = (scope: string) =>
      `mutation { createApiToken(input: { name: "t", scopes: [${scope}] }) { secret token { scopes } } }`;
    interface Made {
      createApiToken: { secret: string };
    }
    const clientOf = async (scope: string) =>
      new Client(server.address, (await owner.data<Made>(give(scope))).createApiToken.secret, owner.userId);
    const writer = await clientOf('WRITE');
    expect(await writer.data(give('HEALTH'))).toMatchObject({ createApiToken: { token: { scopes: ['HEALTH'] } } });
    expect(await (await clientOf('READ')).code(give('HEALTH'))).toBe('FORBIDDEN');
  });

  it('needs EDIT on the deployment, and tells nothing of a hidden one', async () => {
    const stranger = await server.user();
    const [open, hidden] = [await deployment(), await deployment({ visibility: 'RESTRICTED' })];
    const input = (id: string) => ({ input: { deployment: id, state: 'FAILING' } });
    expect(await stranger.code(REPORT, input(open.id))).toBe('FORBIDDEN');
    expect(await stranger.code(REPORT, input(hidden.id))).toBe('NOT_FOUND');
    expect(await stranger.code(REPORT, input('urn:weft:deployment:nowhere:nothing'))).toBe('NOT_FOUND');
    expect(await healthOf(open.id)).toBeNull();
  });

  it.each([
    ['latencySeconds', -1],
    ['errorRate', 1.5],
    ['message', 'x'.repeat(1_001)],
  ])('is refused with a wrong %s', async (named, value) => {
    const live = await deployment();
    const input = { deployment: live.id, state: 'HEALTHY', [named]: value };
    const { message, extensions } = await owner.error(REPORT, { input });
    expect(extensions.code).toBe('BAD_USER_INPUT');
    expect(message).toContain(named);
  });

  it('is refused for what is no deployment', async () => {
    const model = await seed.model(`health-no-deployment`);
    expect(await owner.code(REPORT, { input: { deployment: model.id, state: 'HEALTHY' } })).toBe('BAD_USER_INPUT');
  });
});
