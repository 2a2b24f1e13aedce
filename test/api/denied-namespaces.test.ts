import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { Spaces } from '../support/spaces.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** What the log says of those who were refused at a namespace: which one, in their own words, whether there is one or not. */
let server: TestWeftline;
let strict: TestWeftline;
let admin: Client;
let stranger: Client;
let closed: string;
const unknown = 'nobody has used this';

beforeAll(async () => {
  server = await startTestWeftline();
  strict = await startTestWeftline({ environment: { WEFTLINE_NEW_NAMESPACES: 'administrators' } });
  [admin, stranger] = [await server.user({ role: 'ADMIN' }), await server.user()];
  const spaces = new Spaces(server, admin);
  closed = spaces.fresh();
  await new Seed(admin, closed).dataset('there');
  await spaces.registration(closed, { registration: 'OWNERS' });
});
afterAll(() => Promise.all([server.stop(), strict.stop()]));

const register = (kind: string, more = '') =>
  [
    `register${kind}`,
    (namespace: string): string =>
      `mutation { register${kind}(input: { namespace: "${namespace}", name: "n"${more} }) { __typename } }`,
  ] as const;
const settle = (field: string, more: string) =>
  [
    field,
    (namespace: string): string =>
      `mutation { ${field}(input: { namespace: "${namespace}", ${more} }) { __typename } }`,
  ] as const;

interface Entry {
  targetId: string;
  targetName: string;
  after: Record<string, unknown>;
  outcome: string;
}

/** The last that the log says of the stranger. */
async function entryOf(action: string): Promise<Entry> {
  const query =
    'query ($filter: AuditFilter) { audit(filter: $filter, first: 1) { nodes { targetId targetName after outcome } } }';
  const filter = { actor: stranger.userId, actions: [action] };
  const { audit } = await admin.data<{ audit: { nodes: Entry[] } }>(query, { filter });
  const [entry] = audit.nodes;
  if (!entry) throw new Error(`There is no entry ${action}.`);
  return entry;
}

async function ask(text: string): Promise<string> {
  const response = await fetch(`${strict.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${stranger.token ?? ''}` },
    body: JSON.stringify({ query: text }),
  });
  return response.text();
}

describe('A registration that is refused', () => {
  it.each([
    register('Dataset'),
    register('Transformation'),
    register('Model'),
    register('Deployment', ', environment: "test"'),
    settle('setNamespaceOwners', 'owners: []'),
    settle('setNamespaceRegistration', 'registration: OPEN'),
    settle('setNamespaceVisibility', 'visibility: RESTRICTED'),
  ])('names the namespace it was asked for: %s', async (field, text) => {
    const found = [];
    for (const namespace of [closed, unknown]) {
      expect(await ask(text(namespace))).toContain('"code":"FORBIDDEN"');
      const entry = await entryOf(`denied:${field}`);
      expect(entry).toEqual({
        ...{ targetId: namespace, targetName: namespace, outcome: 'DENIED' },
        after: { code: 'FORBIDDEN', count: 1, namespace },
      });
      found.push(JSON.stringify(entry).replaceAll(namespace, '…'));
    }
    expect(found[0]).toBe(found[1]);
  });

  it('names the namespace beside the owners it should have, and keeps no token', async () => {
    const owners = `, owners: [{ owner: "${stranger.userId}" }]`;
    await ask(register('Dataset', owners)[1](closed));
    expect(await entryOf('denied:registerDataset')).toMatchObject({ targetId: closed, targetName: closed });
    await ask(register('Dataset')[1](`${closed} ${stranger.token ?? ''}`));
    expect((await entryOf('denied:registerDataset')).targetName).toBe(`${closed} [token]`);
  });

  it('keeps the asset of a rename as what it was about, and names where it should have gone', async () => {
    const { id, urn } = await new Seed(stranger, `${server.namespace}-own`).dataset('mine');
    const rename = `mutation { renameAsset(input: { ref: "${id}", namespace: "${closed}", name: "there" }) { __typename } }`;
    expect(await ask(rename)).toContain('"code":"FORBIDDEN"');
    expect(await entryOf('denied:renameAsset')).toMatchObject({
      ...{ targetId: id, targetName: urn, after: { namespace: closed } },
    });
  });
});
