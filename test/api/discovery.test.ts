import { isInterfaceType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DISCOVERABLE_FIELDS } from '../../src/auth/discovery.js';
import { Client } from '../support/client.js';
import { makeWorld, OPERATIONS, type World } from '../support/permission-world.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let open: World;
let hidden: World;

beforeAll(async () => {
  server = await startTestWeftline({ environment: { WEFTLINE_ANONYMOUS_DISCOVERY: 'true' } });
  open = await makeWorld(server, 'DISCOVERABLE');
  hidden = await makeWorld(server, 'RESTRICTED');
});

afterAll(() => server.stop());

/** The root fields that answer a caller without a token, and what they say of restricted assets. All others: sign in. */
const FINDS: Record<string, { discoverable: string; restricted: string }> = {
  node: { discoverable: 'found', restricted: 'nothing' },
  nodes: { discoverable: 'found', restricted: 'nothing' },
  asset: { discoverable: 'found', restricted: 'nothing' },
  assets: { discoverable: 'found', restricted: 'nothing' },
  search: { discoverable: 'found', restricted: 'nothing' },
  lineage: { discoverable: 'found', restricted: 'NOT_FOUND' },
  fieldLineage: { discoverable: 'found', restricted: 'NOT_FOUND' },
};

async function outcomeOf(query: string): Promise<string> {
  if (query.startsWith('subscription')) {
    const heard = await server.anonymous.subscribe(query).next();
    return (heard.value as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code ?? 'found';
  }
  const { data, errors } = await server.anonymous.ask(query);
  const value: unknown = Object.values(data ?? {})[0];
  const text = JSON.stringify(value);
  return errors?.[0]?.extensions.code ?? (/^(null|\[null\]|\{"nodes":\[\]\})$/.test(text) ? 'nothing' : 'found');
}

describe('A caller without a token, where discovery is open to all', () => {
  it.each(Object.keys(OPERATIONS))('gets of the root field %s what the table says', async (field) => {
    const { discoverable, restricted } = FINDS[field] ?? {
      discoverable: 'UNAUTHENTICATED',
      restricted: 'UNAUTHENTICATED',
    };
    expect(await outcomeOf(OPERATIONS[field]?.(open) ?? '')).toBe(discoverable);
    expect(await outcomeOf(OPERATIONS[field]?.(hidden) ?? '')).toBe(restricted);
  });

  it('finds assets with what they are, how they hang together, and the names of whom to ask', async () => {
    const query = `{
      search(query: "dataset", filter: { namespaces: ["${open.namespace}"] }) { totalCount edges { score node { name ... on Dataset { format latestVersion { version rowCount } } } highlights { field text matches { start end } } } }
      asset(ref: "${open.dataset}") { urn description viewerCan owners { role owner { __typename id name } } ...More }
      lineage(of: ["${open.dataset}"], direction: BOTH) { nodes { depth asset { name } } edges { source target } completeness { complete hiddenNodes } }
    }
    fragment More on Dataset { fields { name type } versions { totalCount nodes { digest } } lineage { totalCount } }`;
    const found = await server.anonymous.data(query);
    expect(found).toMatchObject({
      search: { totalCount: 1 },
      asset: {
        viewerCan: ['VIEW'],
        owners: [{ role: 'OWNER', owner: { __typename: 'User', id: open.ownerId } }],
        versions: { totalCount: 1 },
      },
      lineage: { edges: [{}] },
    });
  });

  it.each([
    ['Asset.audit', (w: World) => `{ asset(ref: "${w.dataset}") { audit { nodes { action } } } }`],
    ['Dataset.uri', (w: World) => `{ asset(ref: "${w.dataset}") { ... on Dataset { uri } } }`],
    ['Asset.properties', () => '{ assets { nodes { properties } } }'],
    ['User.handle', (w: World) => `{ asset(ref: "${w.dataset}") { owners { owner { ... on User { handle } } } } }`],
    ['User.role', (w: World) => `{ node(id: "${w.ownerId}") { ... on User { role } } }`],
    ['Team.members', (w: World) => `{ node(id: "${w.team}") { ... on Team { members { id } } } }`],
    ['Run.id', (w: World) => `{ node(id: "${w.run}") { ... on Run { id } } }`],
    ['TrainingJob.id', (w: World) => `{ nodes(ids: ["${w.job}"]) { ... on TrainingJob { id } } }`],
    [
      'Transformation.runs',
      (w: World) =>
        `{ asset(ref: "${w.transformation}") { ...F } } fragment F on Transformation { runs { nodes { id } } }`,
    ],
    [
      'DatasetVersion.provenance',
      (w: World) =>
        `{ asset(ref: "${w.dataset}") { ... on Dataset { latestVersion { provenance { runs { id } } } } } }`,
    ],
    [
      'LineageEdge.claims',
      (w: World) => `{ lineage(of: ["${w.dataset}"], direction: BOTH) { edges { claims { by { name } } } } }`,
    ],
    [
      'Deployment.current',
      (w: World) => `{ asset(ref: "${w.deployment}") { ... on Deployment { current { from } } } }`,
    ],
  ])('may not read %s, and is told so', async (field, query) => {
    const { data, errors } = await server.anonymous.ask(query(open));
    expect(errors?.[0]).toMatchObject({
      message: `${field} is not open to everyone. Leave it out, or send "Authorization: Bearer <token>".`,
      extensions: { code: 'UNAUTHENTICATED' },
    });
    expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
  });

  it('finds only assets, their fields and versions by id', async () => {
    const ids = [open.ownerId, open.team, open.run, open.job, open.request, open.grant, open.version, open.dataset];
    const { nodes } = await server.anonymous.data<{ nodes: ({ id: string } | null)[] }>(
      `{ nodes(ids: ${JSON.stringify(ids)}) { id } }`,
    );
    expect(nodes.map((node) => node?.id ?? null)).toEqual([
      ...Array.from({ length: 6 }, () => null),
      open.version,
      open.dataset,
    ]);
  });

  it('is told of hidden assets within lineage only that something is withheld', async () => {
    const seed = new Seed(open.owner, `${server.namespace}-mixed`);
    const [seen, secret] = [
      await seed.dataset('seen'),
      await seed.transformation('hush-hush', { visibility: 'RESTRICTED' }),
    ];
    await seed.flow([seen.id, secret.id]);
    const query = `{ lineage(of: ["${seen.id}"], direction: DOWNSTREAM) { nodes { hidden key asset { name } } completeness { complete hiddenNodes } } }`;
    const answer = await server.anonymous.data(query);
    expect(answer).toMatchObject({
      lineage: { nodes: [{ hidden: true, asset: null }], completeness: { complete: false, hiddenNodes: 1 } },
    });
    expect(JSON.stringify(answer)).not.toContain('hush');
    expect(JSON.stringify(answer)).not.toContain(secret.id);
  });

  it('is refused with a wrong token as everywhere', async () => {
    const client = new Client(server.address, 'wft_wrong', '');
    expect(await client.code(OPERATIONS['asset']?.(open) ?? '')).toBe('UNAUTHENTICATED');
  });

  it('is refused with few words for a document made of fragments of fragments', async () => {
    const bomb = Array.from({ length: 40 }, (_, n) => `fragment F${n} on Dataset { ...F${n + 1} ...F${n + 1} }`).join(
      ' ',
    );
    const started = performance.now();
    const query = `{ asset(ref: "${open.dataset}") { ...F0 } } ${bomb} fragment F40 on Dataset { audit { totalCount } }`;
    expect(await server.anonymous.code(query)).toMatch(/UNAUTHENTICATED|LIMIT_EXCEEDED/);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe('The list of what is open to everyone', () => {
  it('names fields of the schema only', () => {
    const { schema } = server.weftline;
    const unknown = DISCOVERABLE_FIELDS.filter((coordinate) => {
      const [type = '', field = ''] = coordinate.split('.');
      const found = schema.getType(type);
      return !((isObjectType(found) || isInterfaceType(found)) && field in found.getFields());
    });
    expect(unknown).toEqual([]);
  });
});

describe('Without the setting', () => {
  it('a caller without a token finds nothing', async () => {
    const closed = await startTestWeftline();
    for (const field of Object.keys(FINDS))
      expect(await closed.anonymous.code(OPERATIONS[field]?.(open) ?? '')).toBe('UNAUTHENTICATED');
    await closed.stop();
  });
});
