import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;

const ROWS = 50;

/** Everything that hangs below a list of assets, and of what hangs below that. */
const BELOW_ASSETS = `query ($namespaces: [String!], $first: Int!) {
  assets(filter: { namespaces: $namespaces }, first: $first) {
    nodes {
      id
      viewerCan
      owners { owner { id name ... on User { teams { name } } } }
      audit(first: 2) { totalCount nodes { action } }
      lineage(depth: 2, first: 5) { totalCount nodes { depth asset { name owners { role } } } edges { claims { by { name } run { id } } } facets { name } }
      ... on Dataset {
        fields { name }
        latestVersion { version }
        qualityHistory(first: 2) { totalCount nodes { kind dataset { name } version { version } reportedBy { name } run { id } } }
        versions(first: 2) { totalCount nodes { version qualityStatus { verdict } quality(first: 2) { totalCount nodes { kind } } dataset { name } generatedBy { id } usedBy(first: 2) { totalCount nodes { id } } provenance { versions { __typename } runs { id } } } }
      }
      ... on Transformation { runs(first: 2) { totalCount nodes { state inputs { __typename } outputs { __typename } hidden { inputs } parent { id } job { id } transformation { name } } } }
      ... on Model { latestVersion { version servedBy { from deployment { name } } generatedBy { id } provenance { runs { id } } } }
      ... on Deployment { current { from releasedBy { name } modelVersion { version model { name } } } releases(first: 2) { totalCount nodes { until } } }
    }
  }
}`;

const BELOW_JOBS = `query ($first: Int!, $transformation: AssetRef!) {
  trainingJobs(first: $first, filter: { transformation: $transformation }) {
    nodes { state requestedBy { name } run { id inputs { __typename } job { id } } attempts { number } modelVersion { version } logs(first: 1) { nodes { text } } }
  }
}`;

const BELOW_REQUESTS = `query ($first: Int!, $asset: AssetRef!) {
  accessRequests(first: $first, asset: $asset) { nodes { asset { name owners { owner { name } } viewerCan } requester { name } grantee { name } decider { name } } }
}`;

const BELOW_PRINCIPALS = `query ($name: String!) {
  principals(nameContains: $name) { nodes { name ... on User { teams { name members { name } } apiTokens { name } } ... on Team { members { name teams { name } } } } }
}`;

beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_MAX_COST: '100000000', WEFTLINE_MAX_DEPTH: '30' } });
  owner = await server.user();
});

afterAll(() => server.stop());

async function statementsFor(
  query: string,
  variables: Record<string, unknown>,
): Promise<{ names: string[]; text: string }> {
  server.statements.length = 0;
  const data = await owner.data(query, variables);
  // That a token was used is noted once a minute: which request that is has to do with the clock.
  const names = server.statements.filter((name) => name !== 'principals.touchToken').sort();
  return { names, text: JSON.stringify(data) };
}

describe('what hangs below a list', () => {
  it('costs as many statements for fifty assets of each kind as for two', { timeout: 300_000 }, async () => {
    const two = `${server.namespace}-two`;
    const fifty = `${server.namespace}-fifty`;
    for (const [namespace, count] of [
      [two, 1],
      [fifty, 13],
    ] as const) {
      const seed = new Seed(owner, namespace);
      for (let number = 0; number < count; number++) await seedLine(seed, number);
    }
    const few = await statementsFor(BELOW_ASSETS, { namespaces: [two], first: 200 });
    const many = await statementsFor(BELOW_ASSETS, { namespaces: [fifty], first: 200 });
    expect(many.text.match(/"viewerCan"/g)).toHaveLength(52);
    expect(few.text.match(/"viewerCan"/g)).toHaveLength(4);
    expect(many.names).toEqual(few.names);
    expect(few.names.length).toBeGreaterThan(20);
  });

  it('costs as many statements for fifty jobs as for two', { timeout: 300_000 }, async () => {
    const seed = new Seed(owner, server.namespace);
    const [data, train, model] = [
      await seed.dataset('jobs-data'),
      await seed.transformation('jobs-train'),
      await seed.model('jobs-model'),
    ];
    const version = await seed.datasetVersion(data.id);
    const launch = 'mutation ($input: LaunchTrainingInput!) { launchTraining(input: $input) { __typename } }';
    for (let number = 0; number < ROWS; number++) {
      const input = {
        idempotencyKey: `jobs-${number}`,
        transformation: train.id,
        inputs: [version],
        output: model.id,
        command: ['true'],
        resources: {},
      };
      expect(await owner.data(launch, { input })).toEqual({ launchTraining: { __typename: 'TrainingJob' } });
    }
    const few = await statementsFor(BELOW_JOBS, { first: 2, transformation: train.id });
    const many = await statementsFor(BELOW_JOBS, { first: ROWS, transformation: train.id });
    expect(many.text.match(/"requestedBy"/g)).toHaveLength(ROWS);
    expect(many.names).toEqual(few.names);
  });

  it('costs as many statements for fifty access requests as for two', async () => {
    const seed = new Seed(owner, server.namespace);
    const data = await seed.dataset('requests-data');
    const asker = await server.user();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const ask = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
    for (let number = 0; number < ROWS; number++) {
      await asker.data(ask, { input: { asset: data.id, actions: ['EDIT'], purpose: `Purpose ${number}`, until } });
    }
    const few = await statementsFor(BELOW_REQUESTS, { first: 2, asset: data.id });
    const many = await statementsFor(BELOW_REQUESTS, { first: ROWS, asset: data.id });
    expect(many.text.match(/"requester"/g)).toHaveLength(ROWS);
    expect(many.names).toEqual(few.names);
  });

  it('costs as many statements for fifty principals as for two', { timeout: 300_000 }, async () => {
    const principals = server.weftline.principals;
    const admin = systemActor('test');
    for (const [name, count] of [
      [`${server.namespace} few`, 1],
      [`${server.namespace} many`, ROWS / 2],
    ] as const) {
      for (let number = 0; number < count; number++) {
        const handle = `${server.namespace}-${count}-${number}`;
        const { id } = await principals.createUser(admin, { name: `${name} ${number}`, handle, role: 'MEMBER' });
        await principals.createTeam(admin, { name: `${name} team ${number}`, members: [id] });
      }
    }
    const few = await statementsFor(BELOW_PRINCIPALS, { name: `${server.namespace} few` });
    const many = await statementsFor(BELOW_PRINCIPALS, { name: `${server.namespace} many` });
    expect(many.text.match(/"apiTokens"/g)).toHaveLength(ROWS / 2);
    expect(many.names).toEqual(few.names);
  });

  it('counts a list only when the count is asked for', async () => {
    const counting = (names: readonly string[]): boolean => names.includes('catalog.countAssets');
    expect(counting((await statementsFor('{ assets(first: 1) { nodes { id } } }', {})).names)).toBe(false);
    expect(counting((await statementsFor('{ assets(first: 1) { totalCount } }', {})).names)).toBe(true);
  });
});

/** One asset of each kind, connected, with versions, a run and a release. */
async function seedLine(seed: Seed, number: number): Promise<void> {
  const [data, job, model, live] = await Promise.all([
    seed.dataset(`data-${number}`, { fields: [{ name: 'a' }, { name: 'b' }] }),
    seed.transformation(`job-${number}`),
    seed.model(`model-${number}`),
    seed.deployment(`live-${number}`),
  ]);
  const [version, trained] = [await seed.datasetVersion(data.id), await seed.modelVersion(model.id)];
  const run = await seed.run(job.id, [version], [trained]);
  const report = 'mutation ($input: ReportQualityInput!) { reportQuality(input: $input) { added } }';
  const assertions = [{ assertion: 'unique', field: 'a', success: true }];
  const measured = { version, run, source: 'tests', measuredAt: new Date().toISOString(), assertions };
  await owner.data(report, { input: measured });
  const deploy = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { __typename } }';
  await owner.data(deploy, { input: { modelVersion: trained, deployment: live.id } });
}

describe('the page of one asset', () => {
  it('costs three statements, and shows what each of its parts shows by itself', async () => {
    const seed = new Seed(owner, server.namespace);
    const other = await server.user();
    const { id, urn } = await seed.dataset('page', {
      fields: [{ name: 'a', type: 'int' }, { name: 'b' }],
      owners: [{ owner: owner.userId }, { owner: other.userId, role: 'STEWARD' }],
    });
    await seed.datasetVersion(id);
    const page = readFileSync(join(import.meta.dirname, '../../schema/operations/04-asset-page.graphql'), 'utf8');
    const { names, text } = await statementsFor(page, { ref: urn });
    expect(names).toEqual(['catalog.fieldsOf', 'catalog.findAssetWithPeople', 'catalog.versionsOf']);
    const { asset } = JSON.parse(text) as { asset: Record<string, unknown> };
    // The same by the list, which reads each part by itself.
    const below = 'id viewerCan owners { role owner { name } }';
    const listed = await owner.data<{ assets: { nodes: { id: string }[] } }>(
      `query ($n: String!) { assets(filter: { namespaces: [$n], nameContains: "page" }) { nodes { ${below} } } }`,
      { n: server.namespace },
    );
    const { viewerCan, owners } = asset;
    expect(listed.assets.nodes).toEqual([{ id, viewerCan, owners }]);
    expect(asset).toMatchObject({ versions: { nodes: [{ version: '1' }] }, fields: [{ name: 'a' }, { name: 'b' }] });
    const [seen] = await Promise.all([other.data<{ asset: object }>(page, { ref: id })]);
    expect(seen.asset).toMatchObject({ viewerCan: ['VIEW', 'EDIT'] });
  });
});
