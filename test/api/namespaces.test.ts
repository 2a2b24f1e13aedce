import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
let admin: Client;
let stranger: Client;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, admin, stranger] = [await server.user(), await server.user({ role: 'ADMIN' }), await server.user()];
});
afterAll(() => server.stop());

type Visibility = 'DISCOVERABLE' | 'RESTRICTED';
interface View {
  visibility: Visibility;
  visibilityInherited: boolean;
  revision: number;
}

const SET = `mutation ($input: SetNamespaceVisibilityInput!) {
  setNamespaceVisibility(input: $input) { followed namespace { name visibility } } }`;
const VIEW = 'query ($ref: AssetRef!) { asset(ref: $ref) { visibility visibilityInherited revision } }';

const fresh = (): string => `${server.namespace}-${randomUUID()}`;

async function setVisibility(namespace: string, visibility: Visibility): Promise<number> {
  const answer = await admin.data<{ setNamespaceVisibility: { followed: number } }>(SET, {
    input: { namespace, visibility },
  });
  return answer.setNamespaceVisibility.followed;
}

/** Everyone may register there, whatever its visibility. */
const open = (namespace: string) =>
  admin.data(
    'mutation ($input: SetNamespaceRegistrationInput!) { setNamespaceRegistration(input: $input) { namespace { id } } }',
    { input: { namespace, registration: 'OPEN' } },
  );

const view = async (ref: string, as = owner): Promise<View | null> =>
  (await as.data<{ asset: View | null }>(VIEW, { ref })).asset;

const update = (ref: string, visibility: Visibility | null) =>
  owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
    input: { ref, visibility },
  });

describe('the visibility of an asset', () => {
  it('is that of its namespace unless it has one of its own, and follows it', async () => {
    const namespace = fresh();
    const seed = new Seed(owner, namespace);
    const [follows, own] = [await seed.dataset('follows'), await seed.dataset('own', { visibility: 'DISCOVERABLE' })];
    expect(await view(follows.id)).toEqual({ visibility: 'DISCOVERABLE', visibilityInherited: true, revision: 1 });
    const before = new Date();
    expect(await setVisibility(namespace, 'RESTRICTED')).toBe(1);
    expect(await view(follows.id)).toEqual({ visibility: 'RESTRICTED', visibilityInherited: true, revision: 2 });
    expect(await view(own.id)).toEqual({ visibility: 'DISCOVERABLE', visibilityInherited: false, revision: 1 });
    expect(await view(follows.id, stranger)).toBeNull();
    const asOf = 'query ($ref: AssetRef!, $at: DateTime) { asset(ref: $ref, asOf: $at) { visibility } }';
    expect(await owner.data(asOf, { ref: follows.id, at: before })).toEqual({ asset: { visibility: 'DISCOVERABLE' } });
    expect(await setVisibility(namespace, 'RESTRICTED')).toBe(0);
    expect(await setVisibility(namespace, 'DISCOVERABLE')).toBe(1);
    expect(await view(follows.id, stranger)).toMatchObject({ visibility: 'DISCOVERABLE', revision: 3 });
  });

  it('is restricted from the start where the namespace is, also one set before it was used', async () => {
    const namespace = fresh();
    await Promise.all([setVisibility(namespace, 'RESTRICTED'), open(namespace)]);
    const asset = await new Seed(owner, namespace).dataset('born here');
    expect(await view(asset.id)).toEqual({ visibility: 'RESTRICTED', visibilityInherited: true, revision: 1 });
    expect(await view(asset.id, stranger)).toBeNull();
  });

  it('can be set, and given back to the namespace with null', async () => {
    const namespace = fresh();
    const asset = await new Seed(owner, namespace).dataset('set');
    await setVisibility(namespace, 'RESTRICTED');
    await update(asset.id, 'DISCOVERABLE');
    expect(await view(asset.id)).toMatchObject({ visibility: 'DISCOVERABLE', visibilityInherited: false });
    await update(asset.id, null);
    expect(await view(asset.id)).toMatchObject({ visibility: 'RESTRICTED', visibilityInherited: true });
  });

  it('is that of the new namespace after a rename, if it is inherited', async () => {
    const [from, to] = [fresh(), fresh()];
    await Promise.all([setVisibility(to, 'RESTRICTED'), open(to)]);
    const seed = new Seed(owner, from);
    const rename = (ref: string) =>
      owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
        input: { ref, namespace: to, name: `moved ${ref}` },
      });
    const [follows, own] = [await seed.model('follows'), await seed.model('own', { visibility: 'DISCOVERABLE' })];
    await Promise.all([rename(follows.id), rename(own.id)]);
    expect(await view(follows.id)).toMatchObject({ visibility: 'RESTRICTED', visibilityInherited: true });
    expect(await view(own.id)).toMatchObject({ visibility: 'DISCOVERABLE', visibilityInherited: false });
  });
});

describe('a namespace', () => {
  const FIND = 'query ($name: String!) { namespace(name: $name) { id name visibility } }';
  const known = async (as: Client, name: string): Promise<{ id: string } | null> =>
    (await as.data<{ namespace: { id: string } | null }>(FIND, { name })).namespace;
  const listed = async (as: Client): Promise<string[]> => {
    const names: string[] = [];
    for (let after: string | null = null; ;) {
      const { namespaces }: { namespaces: Page } = await as.data(
        'query ($after: String) { namespaces(first: 200, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }',
        { after },
      );
      names.push(...namespaces.nodes.map(({ name }) => name));
      if (!namespaces.pageInfo.hasNextPage) return names;
      after = namespaces.pageInfo.endCursor;
    }
  };
  interface Page {
    nodes: { name: string }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  }

  it('is known to whoever sees an asset in it that somebody else brought there, and to no one else', async () => {
    const name = fresh();
    const colleague = await server.user();
    const owners = [{ owner: owner.userId }, { owner: colleague.userId, role: 'STEWARD' }];
    await new Seed(owner, name).dataset('hidden', { visibility: 'RESTRICTED', owners });
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    const { id } = (await known(admin, name)) ?? { id: '' };
    expect([await known(stranger, name), await known(owner, name)]).toEqual([null, null]);
    expect(await known(colleague, name)).toMatchObject({ id });
    for (const who of [stranger, owner]) {
      expect(await who.data(node, { id })).toEqual({ node: null });
      expect(await listed(who)).not.toContain(name);
    }
    expect(await colleague.data(node, { id })).toEqual({ node: { id } });
    expect(await listed(colleague)).toContain(name);
    await new Seed(owner, name).dataset('open');
    expect(await known(stranger, name)).toMatchObject({ visibility: 'DISCOVERABLE' });
    expect(await listed(stranger)).toContain(name);
  });

  it('is set by an ADMIN only, and with a name that is one', async () => {
    const input = { namespace: fresh(), visibility: 'RESTRICTED' };
    expect(await owner.code(SET, { input })).toBe('FORBIDDEN');
    const refused = await admin.error(SET, { input: { ...input, namespace: ' ' } });
    expect(refused).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });

  it('leaves its change in the audit log, with the reason', async () => {
    const namespace = fresh();
    await admin.data(SET, { input: { namespace, visibility: 'RESTRICTED', reason: 'personal data' } });
    const { audit } = await admin.data<{ audit: { nodes: unknown[] } }>(
      `query ($actor: ID!) { audit(first: 1, filter: { actor: $actor, actions: ["namespace:setVisibility"] }) {
        nodes { targetName before after reason } } }`,
      { actor: admin.userId },
    );
    expect(audit.nodes).toEqual([
      {
        targetName: namespace,
        before: { visibility: 'DISCOVERABLE' },
        after: { visibility: 'RESTRICTED' },
        reason: 'personal data',
      },
    ]);
  });

  it('that is restricted while assets are registered leaves none of them open', { timeout: 300_000 }, async () => {
    for (let round = 0; round < 6; round++) {
      const namespace = fresh();
      await open(namespace);
      const seed = new Seed(owner, namespace);
      const early = [
        await seed.dataset('renamed into'),
        await seed.dataset('given back', { visibility: 'DISCOVERABLE' }),
      ];
      const registering = Array.from({ length: 12 }, (_, index) => seed.dataset(`raced ${index}`));
      const outside = await new Seed(owner, fresh()).dataset(`outside ${round}`);
      const moving = owner.data(
        'mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }',
        {
          input: { ref: outside.id, namespace, name: 'came in' },
        },
      );
      const restricting = setVisibility(namespace, 'RESTRICTED');
      const given = update(early[1]?.id ?? '', null);
      const raced: SeededAsset[] = await Promise.all(registering);
      await Promise.all([restricting, moving, given]);
      const views = await Promise.all([...early, ...raced, outside].map(({ id }) => view(id)));
      expect(views.map((each) => each?.visibility)).toEqual(views.map(() => 'RESTRICTED'));
    }
  });
});
