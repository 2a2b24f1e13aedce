/** What a token may assert where it has limits, in whose name claims stand, and what becomes of names by the rules of a site. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { datasetOf, type Refused, reportTo, runEvent } from '../support/openlineage-events.js';
import { makeWorld, OPERATIONS } from '../support/permission-world.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const CREATE = `mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret apiToken { id reportLimits { namespaces jobs } } } }`;
const CLAIM = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { ended } }';
const RETRACT = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }';
const NAMES = `query ($namespaces: [String!]) { assets(filter: { namespaces: $namespaces }, first: 100) { nodes { name ... on Dataset { fields { name } } } } }`;
const REJECTED = '{ rejectedEvents(first: 5) { nodes { code reason } } }';

interface Made {
  createApiToken: { secret: string; apiToken: { id: string; reportLimits: object | null } };
}
interface Limits {
  namespaces?: string[];
  jobs?: string[];
}

let folder: string;
let server: TestWeftline;
let user: Client;
let admin: Client;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-names-'));
  const rules = join(folder, 'names.yaml');
  writeFileSync(
    rules,
    `rules:
  - namespace: '{place}-known-as:{rest*}'
    to: { namespace: '{place}-known:{rest*}' }
  - namespace: '{place}-old-jobs'
    of: [jobs]
    to: { namespace: '{place}-jobs' }
`,
  );
  server = await startTestWeftline({ environment: { WEFTLINE_NAMING_RULES: rules } });
  [user, admin] = await Promise.all([server.user(), server.user({ role: 'ADMIN' })]);
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const place = (name: string): string => `${server.namespace}-${name}`;
const report = (by: Client, ...events: object[]): Promise<Refused[]> => reportTo(server.address, by, events);

async function tokenOf(by: Client, reportLimits: Limits | null, scopes = ['READ', 'WRITE']): Promise<Client> {
  const input = { name: 'producer', scopes, ...(reportLimits && { reportLimits }) };
  const { createApiToken } = await by.data<Made>(CREATE, { input });
  return new Client(by.address, createApiToken.secret, by.userId);
}

async function assetsIn(namespace: string): Promise<{ name: string; fields?: { name: string }[] }[]> {
  interface Answer {
    assets: { nodes: { name: string; fields?: { name: string }[] }[] };
  }
  return (await admin.data<Answer>(NAMES, { namespaces: [namespace] })).assets.nodes;
}

describe('A token with limits', () => {
  it('reports on its jobs into its namespaces, and is told which field is beyond', async () => {
    const limited = await tokenOf(user, { namespaces: [place('a*')], jobs: ['shop.*'] });
    const [inside, outside] = [place('a-inside'), place('b-outside')];
    const mine = { namespace: inside, job: 'shop.orders' };
    expect(await report(limited, runEvent({ ...mine, outputs: [datasetOf(inside, 'out')] }))).toEqual([]);
    const refused = await report(
      limited,
      runEvent({ namespace: outside, job: 'shop.orders' }),
      runEvent({ namespace: inside, job: 'other.orders' }),
      runEvent({ ...mine, outputs: [datasetOf(inside, 'fine'), datasetOf(outside, 'out')] }),
      { ...runEvent(mine), run: undefined, job: undefined, dataset: datasetOf(outside, 'told') },
      runEvent({ namespace: '', job: 'shop.orders' }),
    );
    expect(refused).toMatchObject([
      { index: 0, retriable: false, reason: expect.stringContaining(`job.namespace is "${outside}"`) as string },
      { index: 1, retriable: false, reason: expect.stringContaining('job.name is "other.orders"') as string },
      { index: 2, retriable: false, reason: expect.stringContaining(`outputs[1].namespace is "${outside}"`) as string },
      { index: 3, retriable: false, reason: expect.stringContaining(`dataset.namespace is "${outside}"`) as string },
      { index: 4, retriable: false, reason: expect.stringContaining('job.namespace is') as string },
    ]);
    expect(await assetsIn(outside)).toEqual([]);
    const { rejectedEvents } = await limited.data<{ rejectedEvents: { nodes: { code: string; reason: string }[] } }>(
      REJECTED,
    );
    expect(rejectedEvents.nodes).toHaveLength(5);
    expect(rejectedEvents.nodes[4]).toMatchObject({ code: 'FORBIDDEN', reason: refused[0]?.reason });
    const one = await fetch(`${server.address}/api/v1/lineage`, {
      method: 'POST',
      headers: { authorization: `Bearer ${limited.token ?? ''}`, 'content-type': 'application/json' },
      body: JSON.stringify(runEvent({ namespace: outside, job: 'shop.orders' })),
    });
    expect(one.status).toBe(403);
  });

  it('says of what it reads elsewhere that it reads it, and no more', async () => {
    const limited = await tokenOf(user, { namespaces: [place('reads')] }, ['REPORT']);
    const [mine, theirs] = [place('reads'), place('read-from')];
    const inputs = [datasetOf(theirs, 'orders', ['id', 'amount'])];
    expect(await report(limited, runEvent({ namespace: mine, job: 'job', inputs }))).toEqual([]);
    expect(await assetsIn(theirs)).toEqual([{ name: 'orders', fields: [] }]);
    expect(await report(user, runEvent({ namespace: theirs, job: 'job', outputs: inputs }))).toEqual([]);
    expect((await assetsIn(theirs)).find(({ name }) => name === 'orders')?.fields).toHaveLength(2);
  });

  it('makes tokens with the same limits or narrower ones, which are shown', async () => {
    const limited = await tokenOf(user, { namespaces: [place('*')] });
    const make = (reportLimits?: Limits) => ({
      input: { name: 'n', scopes: ['READ', 'REPORT'], ...(reportLimits && { reportLimits }) },
    });
    const inherited = (await limited.data<Made>(CREATE, make())).createApiToken.apiToken;
    expect(inherited.reportLimits).toEqual({ namespaces: [place('*')], jobs: [] });
    const narrower = await limited.data<Made>(CREATE, make({ namespaces: [place('x*')], jobs: ['a'] }));
    expect(narrower.createApiToken.apiToken.reportLimits).toEqual({ namespaces: [place('x*')], jobs: ['a'] });
    for (const namespaces of [['*'], [place('x'), 'y'], []])
      expect(await limited.code(CREATE, make({ namespaces }))).toBe('FORBIDDEN');
    const shown = await user.data<{ viewer: { apiTokens: { id: string; reportLimits: object | null }[] } }>(
      '{ viewer { ... on User { apiTokens { id reportLimits { namespaces jobs } } } } }',
    );
    expect(shown.viewer.apiTokens.find(({ id }) => id === inherited.id)?.reportLimits).toEqual(inherited.reportLimits);
    expect(shown.viewer.apiTokens.some(({ reportLimits }) => reportLimits === null)).toBe(true);
  });

  it.each([
    [{ namespaces: [] }, ['READ'], 'limits nothing'],
    [{ namespaces: [''] }, ['READ'], 'empty pattern'],
    [{ jobs: ['a\u0007'] }, ['READ'], 'U+0007'],
    [{ jobs: ['*a'.repeat(11)] }, ['READ'], 'more than 10 "*"'],
    [{ jobs: ['a'] }, ['READ', 'LAUNCH'], 'not LAUNCH'],
    [{ jobs: ['a'] }, ['READ', 'HEALTH'], 'not HEALTH'],
    [{ jobs: ['x'.repeat(501)] }, ['READ'], '500'],
    [{ namespaces: Array.from({ length: 51 }, (_, at) => `n${at}`) }, ['READ'], '50'],
  ])('is refused with what is wrong with it: %j', async (reportLimits, scopes, message) => {
    const answer = await user.ask(CREATE, { input: { name: 'n', scopes, reportLimits } });
    expect(answer.errors?.[0]?.message).toContain(message);
  });

  it('claims within its limits by GraphQL as well', async () => {
    const [mine, theirs] = [place('claims'), place('claims-elsewhere')];
    const [here, there] = [new Seed(user, mine), new Seed(user, theirs)];
    const [job, other, made, elsewhere] = [
      await here.transformation('job'),
      await there.transformation('job'),
      await here.dataset('made', { fields: [{ name: 'id' }] }),
      await there.dataset('elsewhere', { fields: [{ name: 'id' }] }),
    ];
    const limited = await tokenOf(user, { namespaces: [mine], jobs: ['job'] });
    const claim = (source: string, target: string) => ({ input: { claimSource: 'tool', flows: [{ source, target }] } });
    await limited.data(CLAIM, claim(job.id, made.id));
    await limited.data(CLAIM, claim(elsewhere.id, job.id));
    const messages = [];
    for (const flow of [claim(job.id, elsewhere.id), claim(other.id, made.id), claim(made.id, other.id)])
      messages.push((await limited.ask(CLAIM, flow)).errors?.[0]);
    for (const error of messages) expect(error).toMatchObject({ extensions: { code: 'FORBIDDEN' } });
    expect(messages[0]?.message).toContain(`The namespace of ${elsewhere.urn} is "${theirs}"`);
    const fields = `mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }`;
    const pair = (source: string, target: string) => ({
      input: {
        claimSource: 'tool',
        flows: [{ source, target, via: job.id, fields: [{ source: 'id', target: 'id' }] }],
      },
    });
    expect(await limited.data(fields, pair(elsewhere.id, made.id))).toMatchObject({ claimFieldLineage: { stated: 1 } });
    expect(await limited.code(fields, pair(made.id, elsewhere.id))).toBe('FORBIDDEN');
    expect(await limited.code(RETRACT, { input: { claimSource: 'tool', transformation: other.id } })).toBe('FORBIDDEN');
    expect(await limited.data(RETRACT, { input: { claimSource: 'tool', transformation: job.id } })).toMatchObject({
      retractLineage: { retracted: 2 },
    });
  });

  it('changes nothing else, whatever its holder may', async () => {
    const world = await makeWorld(server, 'DISCOVERABLE');
    const limited = await tokenOf(world.owner, { namespaces: ['*'] });
    const open = new Set([
      'claimLineage',
      'retractLineage',
      'claimFieldLineage',
      'retractFieldLineage',
      'createApiToken',
      'revokeApiToken',
    ]);
    const mutations = Object.keys(server.weftline.schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(50);
    const done = [];
    for (const name of mutations.filter((each) => !open.has(each))) {
      const operation = OPERATIONS[name];
      if (!operation) throw new Error(`There is no operation ${name}.`);
      const { errors } = await limited.ask(operation(world));
      if (errors?.[0]?.extensions.code !== 'FORBIDDEN') done.push(name);
    }
    expect(done).toEqual([]);
  });
});

describe('The claim source of events', () => {
  it('is that of its account alone, and is taken back by it or an ADMIN', async () => {
    const namespace = place('sources');
    expect(await report(user, runEvent({ namespace, job: 'job', outputs: [datasetOf(namespace, 'made')] }))).toEqual(
      [],
    );
    const other = await server.user();
    const seed = new Seed(other, namespace);
    const [job, made] = [await seed.transformation('by-hand'), await seed.dataset('made-by-hand')];
    const flows = [{ source: job.id, target: made.id }];
    for (const claimSource of [
      `openlineage:${user.userId}`,
      `OpenLineage:${user.userId}`,
      'openlineage:',
      ` openlineage:${user.userId} `,
    ])
      for (const mutation of [CLAIM, RETRACT]) {
        const answer = await other.ask(mutation, { input: { claimSource, flows } });
        expect(answer.errors?.[0]?.message).toContain('is that of another account');
      }
    const own = { input: { claimSource: `openlineage:${other.userId}`, flows } };
    await other.data(CLAIM, own);
    expect(await admin.code(CLAIM, own)).toBe('FORBIDDEN');
    expect(await admin.data(RETRACT, own)).toMatchObject({ retractLineage: { retracted: 1 } });
  });
});

describe('Rules for names', () => {
  it('are used before anything is looked up, and what it was called is kept', async () => {
    const [as, known] = [`${place('known-as')}:db`, `${place('known')}:db`];
    const events = [
      runEvent({ namespace: place('old-jobs'), job: 'job', outputs: [datasetOf(as, 'orders', ['id'])] }),
      runEvent({ namespace: place('jobs'), job: 'job', inputs: [datasetOf(known, 'orders')] }),
    ];
    expect(await report(user, ...events)).toEqual([]);
    expect(await report(user, ...events)).toEqual([]);
    expect((await assetsIn(known)).map(({ name }) => name)).toEqual(['orders']);
    expect((await assetsIn(place('jobs'))).map(({ name }) => name)).toEqual(['job']);
    for (const none of [as, place('old-jobs')]) expect(await assetsIn(none)).toEqual([]);
    const bodies = await server.graph.read(
      { requestId: 'test', operation: 'test' },
      `MATCH (f:ReportedFacet {name: 'weftline_reportedAs'})-[:SAID_OF]->(a:Asset) WHERE a.namespace IN $names RETURN f.body AS body ORDER BY body`,
      { names: [known, place('jobs')] },
    );
    const told = bodies.map((row) => JSON.parse(row.text('body')) as object);
    expect(told).toMatchObject([
      { namespace: as, name: 'orders' },
      { namespace: place('old-jobs'), name: 'job' },
    ]);
  });

  it('count before the limits of a token', async () => {
    const [as, known] = [`${place('known-as')}:limited`, `${place('known')}:limited`];
    const limited = await tokenOf(user, { namespaces: [place('jobs'), known] }, ['REPORT']);
    const event = (namespace: string) =>
      runEvent({ namespace: place('jobs'), job: 'j', outputs: [datasetOf(namespace, 'o')] });
    expect(await report(limited, event(as))).toEqual([]);
    const byOldName = await tokenOf(user, { namespaces: [place('jobs'), as] }, ['REPORT']);
    expect(await report(byOldName, event(as))).toMatchObject([{ reason: expect.stringContaining(known) as string }]);
  });
});
