import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Outcome {
  __typename: 'Release' | 'DeployDenied';
  id: string;
  from: string;
  until: string | null;
  modelVersion: { id: string } | null;
  rolledBackTo: { id: string } | null;
  promotedFrom: { id: string } | null;
  reasons?: { rule: string; asset: { id: string } }[];
}

const OUTCOME = `__typename
  ... on Release { id from until modelVersion { id } rolledBackTo { id } promotedFrom { id } }
  ... on DeployDenied { reasons { rule asset { id } } }`;
const DEPLOY = `mutation ($input: DeployModelInput!) { made: deployModel(input: $input) { ${OUTCOME} } }`;
const PROMOTE = `mutation ($input: PromoteReleaseInput!) { made: promoteRelease(input: $input) { ${OUTCOME} } }`;
const ROLL_BACK = `mutation ($input: RollbackReleaseInput!) { made: rollbackRelease(input: $input) { ${OUTCOME} } }`;
const END = 'mutation ($input: EndReleaseInput!) { endRelease(input: $input) { release { id until } } }';
const SERVES = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Deployment {
  current { id modelVersion { id } } releases(first: 50) { nodes { id from until } }
  lineage(direction: UPSTREAM) { edges { source } }
} } }`;

interface Serving {
  current: { id: string; modelVersion: { id: string } } | null;
  releases: { nodes: { id: string; from: string; until: string | null }[] };
  lineage: { edges: { source: string }[] };
}

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let model: SeededAsset;
let one: string;
let two: string;
let three: string;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
  model = await seed.model('releases-model');
  [one, two, three] = [
    await seed.modelVersion(model.id, '1'),
    await seed.modelVersion(model.id, '2'),
    await seed.modelVersion(model.id, '3'),
  ];
});

afterAll(() => server.stop());

async function made(query: string, input: Record<string, unknown>, as = owner): Promise<Outcome> {
  return (await as.data<{ made: Outcome }>(query, { input })).made;
}

async function serving(deployment: string): Promise<Serving> {
  return (await owner.data<{ asset: Serving }>(SERVES, { ref: deployment })).asset;
}

async function auditOf(target: string): Promise<{ action: string; outcome: string; after: unknown }[]> {
  const query = 'query ($target: ID!) { audit(filter: { target: $target }) { nodes { action outcome after } } }';
  const answer = await owner.data<{ audit: { nodes: { action: string; outcome: string; after: unknown }[] } }>(query, {
    target,
  });
  return answer.audit.nodes;
}

/** Releases the versions one after the other; the ids of the releases. */
async function deployAll(deployment: string, ...versions: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const modelVersion of versions) ids.push((await made(DEPLOY, { deployment, modelVersion })).id);
  return ids;
}

describe('deployModel', () => {
  it('ends what served at the moment the next begins, so that at no time nothing serves', async () => {
    const live = await seed.deployment('gapless');
    await deployAll(live.id, one, two, three);
    const { nodes } = (await serving(live.id)).releases;
    expect(nodes.map(({ until }) => until)).toEqual([null, nodes[0]?.from, nodes[1]?.from]);
  });

  it('changes nothing when another release serves than the caller expected, and says which', async () => {
    const live = await seed.deployment('expected');
    const [first] = await deployAll(live.id, one);
    const input = { deployment: live.id, modelVersion: two };
    expect(await owner.error(DEPLOY, { input: { ...input, expectedCurrent: null } })).toMatchObject({
      message: expect.stringContaining(`the release ${first ?? ''} serves now, not nothing`) as string,
      extensions: { code: 'CONFLICT' },
    });
    expect(await owner.code(DEPLOY, { input: { ...input, expectedCurrent: three } })).toBe('CONFLICT');
    expect((await serving(live.id)).current?.id).toBe(first);
    const next = await made(DEPLOY, { ...input, expectedCurrent: first });
    expect((await serving(live.id)).current?.id).toBe(next.id);
  });

  it('lets exactly one of many at the same moment win, and tells the others', { timeout: 300_000 }, async () => {
    const live = await seed.deployment('race');
    const [first] = await deployAll(live.id, one);
    const versions = await Promise.all(
      Array.from({ length: 8 }, (_, index) => seed.modelVersion(model.id, `race-${index}`)),
    );
    const answers = await Promise.all(
      versions.map((modelVersion) =>
        owner.ask<{ made: Outcome }>(DEPLOY, {
          input: { deployment: live.id, modelVersion, expectedCurrent: first },
        }),
      ),
    );
    const won = answers.filter(({ errors }) => errors === undefined);
    expect(won).toHaveLength(1);
    expect(answers.flatMap(({ errors }) => errors?.map((error) => error.extensions.code) ?? [])).toEqual(
      Array.from({ length: 7 }, () => 'CONFLICT'),
    );
    const { current, releases } = await serving(live.id);
    expect(current?.id).toBe(won[0]?.data?.made.id);
    expect(releases.nodes).toHaveLength(2);
    expect(releases.nodes.filter(({ until }) => until === null)).toHaveLength(1);
  });

  it('cannot leave two releases live: the database refuses the second', async () => {
    const live = await seed.deployment('constraint');
    await deployAll(live.id, one);
    const second = server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('CREATE (:Release {liveOf: $id})', { id: live.id }),
    );
    await expect(second).rejects.toThrow(/already exists/);
  });

  it('gives the first release again for the same key, also when something else serves since', async () => {
    const live = await seed.deployment('key');
    const input = { deployment: live.id, modelVersion: one, idempotencyKey: 'deploy once' };
    const first = await made(DEPLOY, input);
    await deployAll(live.id, two);
    expect(await made(DEPLOY, input)).toMatchObject({ id: first.id });
    expect((await serving(live.id)).current?.modelVersion.id).toBe(two);
    expect(await owner.code(DEPLOY, { input: { ...input, modelVersion: three } })).toBe('CONFLICT');
    expect(await owner.code(DEPLOY, { input: { ...input, idempotencyKey: ' ' } })).toBe('BAD_USER_INPUT');
    const other = await seed.deployment('key-of-other');
    const [mine, theirs] = await Promise.all([
      owner.ask(DEPLOY, { input: { ...input, deployment: other.id, idempotencyKey: 'both' } }),
      owner.ask(DEPLOY, { input: { ...input, modelVersion: three, idempotencyKey: 'both' } }),
    ]);
    const codes = [mine, theirs].flatMap(({ errors }) => errors?.map((error) => error.extensions.code) ?? []);
    expect(codes).toEqual(['CONFLICT']);
  });

  it('gives all reasons against it to who may neither DEPLOY the model nor EDIT the deployment', async () => {
    const live = await seed.deployment('denied');
    const stranger = await server.user();
    for (const [query, input] of [
      [DEPLOY, { deployment: live.id, modelVersion: one }],
      [PROMOTE, { from: (await staged('denied-from')).id, to: live.id }],
    ] as const) {
      const answer = await made(query, input, stranger);
      expect(answer.reasons?.map(({ rule, asset }) => [rule, asset.id])).toEqual([
        ['ACTION_NOT_GRANTED', model.id],
        ['ACTION_NOT_GRANTED', live.id],
      ]);
    }
    expect((await serving(live.id)).current).toBeNull();
    expect((await auditOf(live.id)).map(({ action, outcome }) => [action, outcome])).toEqual(
      expect.arrayContaining([
        ['model:deploy', 'DENIED'],
        ['release:promote', 'DENIED'],
      ]),
    );
  });
});

/** A deployment on which the first version serves. */
async function staged(name: string): Promise<SeededAsset> {
  const deployment = await seed.deployment(name, { environment: 'staging' });
  await deployAll(deployment.id, one);
  return deployment;
}

describe('promoteRelease', () => {
  it('releases what serves on the one on the other, and says where it comes from', async () => {
    const [staging, production] = [await staged('staging'), await seed.deployment('production')];
    const source = (await serving(staging.id)).current?.id;
    const promoted = await made(PROMOTE, { from: staging.urn, to: production.urn, expectedCurrent: null });
    expect(promoted).toMatchObject({ modelVersion: { id: one }, promotedFrom: { id: source }, rolledBackTo: null });
    expect((await auditOf(production.id))[0]).toMatchObject({
      action: 'release:promote',
      after: { modelVersion: one, release: promoted.id, promotedFromId: source },
    });
    expect((await serving(production.id)).lineage.edges).toMatchObject([{ source: model.id }]);
  });

  it('takes a version that served there before, and refuses one that never did', async () => {
    const [staging, production] = [await staged('before'), await seed.deployment('after')];
    await deployAll(staging.id, two);
    const input = { from: staging.id, to: production.id };
    expect(await made(PROMOTE, { ...input, modelVersion: one })).toMatchObject({ modelVersion: { id: one } });
    expect(await owner.error(PROMOTE, { input: { ...input, modelVersion: three } })).toMatchObject({
      message: expect.stringContaining(`never served on ${staging.urn}`) as string,
      extensions: { code: 'CONFLICT' },
    });
    const never = await seed.deployment('never');
    expect(await owner.code(PROMOTE, { input: { from: never.id, to: production.id } })).toBe('CONFLICT');
    expect(await owner.code(PROMOTE, { input: { from: production.id, to: production.id } })).toBe('BAD_USER_INPUT');
    expect(await owner.code(PROMOTE, { input: { from: model.id, to: production.id } })).toBe('BAD_USER_INPUT');
  });

  it('tells nothing of a deployment or a model that is hidden from the caller', async () => {
    const secret = await seed.model('secret-model', { visibility: 'RESTRICTED' });
    const version = await seed.modelVersion(secret.id);
    const [open, hidden] = [await seed.deployment('open'), await seed.deployment('hid', { visibility: 'RESTRICTED' })];
    await deployAll(open.id, version);
    await deployAll(hidden.id, one);
    const other = await server.user();
    const own = await new Seed(other, server.namespace).deployment('own');
    expect(await other.code(PROMOTE, { input: { from: hidden.id, to: own.id } })).toBe('NOT_FOUND');
    const { message, extensions } = await other.error(PROMOTE, { input: { from: open.id, to: own.id } });
    expect(extensions.code).toBe('NOT_FOUND');
    expect(message).not.toContain(version);
    const promoted = await made(PROMOTE, { from: hidden.id, to: (await seed.deployment('seen')).id });
    const query = `{ node(id: "${promoted.id}") { ... on Release { modelVersion { id } promotedFrom { id } } } }`;
    expect(await other.data(query)).toEqual({ node: { modelVersion: { id: one }, promotedFrom: null } });
  });
});

describe('rollbackRelease', () => {
  it('goes back as a new release, and further back each time', async () => {
    const live = await seed.deployment('back');
    const [first, second, last] = await deployAll(live.id, one, two, three);
    const once = await made(ROLL_BACK, { deployment: live.id, expectedCurrent: last });
    expect(once).toMatchObject({ modelVersion: { id: two }, rolledBackTo: { id: second }, until: null });
    expect([first, second, last]).not.toContain(once.id);
    const twice = await made(ROLL_BACK, { deployment: live.urn });
    expect(twice).toMatchObject({ modelVersion: { id: one }, rolledBackTo: { id: first } });
    expect(await owner.error(ROLL_BACK, { input: { deployment: live.id } })).toMatchObject({
      message: expect.stringContaining('no earlier release') as string,
      extensions: { code: 'CONFLICT' },
    });
    // What was left can be taken up again by its name.
    const forth = await made(ROLL_BACK, { deployment: live.id, to: last });
    expect(forth).toMatchObject({ modelVersion: { id: three }, rolledBackTo: { id: last } });
    expect((await auditOf(live.id)).filter(({ action }) => action === 'release:rollback')).toHaveLength(3);
  });

  it('refuses a release of elsewhere, one that serves already, and to go back from nothing to nothing', async () => {
    const [live, empty] = [await seed.deployment('one-release'), await seed.deployment('no-release')];
    const [first] = await deployAll(live.id, one);
    const [elsewhere] = await deployAll((await seed.deployment('elsewhere')).id, two);
    expect(await owner.code(ROLL_BACK, { input: { deployment: live.id, to: elsewhere } })).toBe('NOT_FOUND');
    expect(await owner.code(ROLL_BACK, { input: { deployment: live.id, to: first } })).toBe('CONFLICT');
    expect(await owner.code(ROLL_BACK, { input: { deployment: live.id } })).toBe('CONFLICT');
    expect(await owner.code(ROLL_BACK, { input: { deployment: empty.id } })).toBe('CONFLICT');
    expect(await owner.code(ROLL_BACK, { input: { deployment: model.id } })).toBe('BAD_USER_INPUT');
  });

  it('needs DEPLOY on the model that serves again', async () => {
    const live = await seed.deployment('regretted');
    await deployAll(live.id, one, two);
    const steward = await server.user();
    await owner.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id } } }', {
      input: {
        ref: live.id,
        owners: [
          { owner: owner.userId, role: 'OWNER' },
          { owner: steward.userId, role: 'STEWARD' },
        ],
      },
    });
    const denied = await made(ROLL_BACK, { deployment: live.id }, steward);
    expect(denied.reasons?.map(({ asset }) => asset.id)).toEqual([model.id]);
  });
});

describe('endRelease', () => {
  it('leaves nothing serving, ends the flow from the model, and can be done twice', async () => {
    const live = await seed.deployment('ended');
    const [first] = await deployAll(live.id, one);
    await delay(5);
    const then = new Date().toISOString();
    await delay(5);
    const end = async (more = {}) =>
      (
        await owner.data<{ endRelease: { release: { id: string; until: string } | null } }>(END, {
          input: { deployment: live.id, reason: 'over', ...more },
        })
      ).endRelease.release;
    expect(await owner.code(END, { input: { deployment: live.id, expectedCurrent: one } })).toBe('CONFLICT');
    expect(await end({ expectedCurrent: first })).toMatchObject({ id: first, until: expect.any(String) as string });
    expect(await end()).toBeNull();
    expect(await serving(live.id)).toMatchObject({ current: null, lineage: { edges: [] } });
    expect((await auditOf(live.id))[0]).toMatchObject({ action: 'release:end', outcome: 'DONE' });
    const past = `{ impact(of: ["${model.id}"], asOf: "${then}") { edges { key live { id } } } }`;
    const { impact } = await owner.data<{ impact: { edges: { key: string; live: { id: string } | null }[] } }>(past);
    expect(impact.edges.find(({ key }) => key === live.id)?.live?.id).toBe(first);
    // What last served is what there is to go back to.
    expect(await made(ROLL_BACK, { deployment: live.id })).toMatchObject({ rolledBackTo: { id: first } });
  });

  it('needs EDIT on the deployment', async () => {
    const live = await seed.deployment('not-yours');
    await deployAll(live.id, one);
    const stranger = await server.user();
    expect(await stranger.code(END, { input: { deployment: live.id } })).toBe('FORBIDDEN');
    expect((await serving(live.id)).current).not.toBeNull();
  });
});
