import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ASK, GRANT, inMinutes } from '../support/access.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
let friend: Client;
let admin: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  friend = await server.user();
  admin = await server.user({ role: 'ADMIN' });
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const mutation = (name: string, input: string, selected: string): string =>
  `mutation ($input: ${input}!) { ${name}(input: $input) { ${selected} } }`;
const UPDATE = mutation('updateAsset', 'UpdateAssetInput', 'asset { id revision updatedAt }');
const RENAME = mutation('renameAsset', 'RenameAssetInput', 'asset { id revision updatedAt urn }');
const OWNERS = mutation('setOwners', 'SetOwnersInput', 'asset { id revision updatedAt }');
const RETIRE = mutation('retireAsset', 'RetireAssetInput', 'asset { id revision retiredAt }');
const NAMESPACE_VISIBILITY = mutation('setNamespaceVisibility', 'SetNamespaceVisibilityInput', '__typename');
const NAMESPACE_OWNERS = mutation('setNamespaceOwners', 'SetNamespaceOwnersInput', '__typename');
const TEAM_MEMBERS = mutation('setTeamMembers', 'SetTeamMembersInput', 'team { id }');
const TEAM_GROUP = mutation('setTeamGroup', 'SetTeamGroupInput', 'team { id }');
const QUOTA = mutation('setQuota', 'SetQuotaInput', 'quota { runningGpus }');
const START = mutation('startRun', 'StartRunInput', 'run { id state startedAt }');
const FINISH = mutation('finishRun', 'FinishRunInput', 'run { id state endedAt }');

interface Entry {
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** What the log says that they did, newest first. */
async function entriesOf(who: Client): Promise<Entry[]> {
  const { audit } = await admin.data<{ audit: { nodes: Entry[] } }>(
    'query ($actor: ID!) { audit(filter: { actor: $actor }, first: 200) { nodes { action before after } } }',
    { actor: who.userId },
  );
  return audit.nodes;
}

describe('What is so already', () => {
  it.each<[string, () => Promise<{ who: Client; text: string; input: Record<string, unknown> }>]>([
    [
      'all that an update may say',
      async () => {
        const { id: ref } = await seed.dataset('all of it');
        const fields = [{ name: 'a', type: 'int', description: 'of a' }, { name: 'b' }];
        const texts = { description: 'words', tags: ['x', 'y'], format: 'csv', uri: 's3://a/b', retentionDays: 30 };
        const input = { ref, ...texts, properties: { deep: { b: 1, a: [2] } }, fields, visibility: 'RESTRICTED' };
        return { who: owner, text: UPDATE, input };
      },
    ],
    [
      'the place of code',
      async () => {
        const { id: ref } = await seed.transformation('code');
        return { who: owner, text: UPDATE, input: { ref, codeRef: { repository: 'git', revision: 'abc' } } };
      },
    ],
    [
      'that visibility is inherited',
      async () => {
        const { id: ref } = await seed.dataset('inherits', { visibility: 'RESTRICTED' });
        return { who: owner, text: UPDATE, input: { ref, visibility: null } };
      },
    ],
    [
      'a name',
      async () => {
        const { id: ref } = await seed.dataset('to rename');
        return { who: owner, text: RENAME, input: { ref, name: 'renamed' } };
      },
    ],
    [
      'who owns an asset',
      async () => {
        const { id: ref } = await seed.dataset('owned');
        const owners = [
          { owner: owner.userId, role: 'OWNER' },
          { owner: friend.userId, role: 'STEWARD' },
        ];
        return { who: owner, text: OWNERS, input: { ref, owners } };
      },
    ],
    [
      'a retirement',
      async () => {
        const { id: ref } = await seed.dataset('to retire');
        return { who: owner, text: RETIRE, input: { ref } };
      },
    ],
    [
      'the visibility of a namespace',
      () =>
        Promise.resolve({
          who: admin,
          text: NAMESPACE_VISIBILITY,
          input: { namespace: `${server.namespace}-closed`, visibility: 'RESTRICTED' },
        }),
    ],
    [
      'who owns a namespace',
      () =>
        Promise.resolve({
          who: admin,
          text: NAMESPACE_OWNERS,
          input: { namespace: `${server.namespace}-owned`, owners: [owner.userId] },
        }),
    ],
    [
      'who is in a team',
      async () => {
        const team = await server.team(owner);
        return { who: admin, text: TEAM_MEMBERS, input: { team, members: [owner.userId, friend.userId] } };
      },
    ],
    [
      'the group of a team',
      async () => ({
        who: admin,
        text: TEAM_GROUP,
        input: { team: await server.team(owner), externalGroup: 'a group' },
      }),
    ],
    ['a quota', async () => ({ who: admin, text: QUOTA, input: { team: await server.team(owner), runningGpus: 2 } })],
  ])('leaves no trace when it is said again: %s', async (_what, prepared) => {
    const { who, text, input } = await prepared();
    const first = await who.data(text, { input });
    const entries = await entriesOf(who);
    expect(await who.data(text, { input })).toEqual(first);
    expect(await entriesOf(who)).toEqual(entries);
  });

  it('leaves no trace in an update that says nothing', async () => {
    const { id: ref } = await seed.dataset('untouched');
    const entries = await entriesOf(owner);
    const answer = await owner.data<{ updateAsset: { asset: { revision: number } } }>(UPDATE, { input: { ref } });
    expect(answer.updateAsset.asset.revision).toBe(1);
    expect(await entriesOf(owner)).toEqual(entries);
  });

  it('is left out of the entry of an update that changes something else', async () => {
    const { id: ref } = await seed.dataset('half', { description: 'same', tags: ['same'] });
    await owner.data(UPDATE, { input: { ref, description: 'same', tags: ['other'] } });
    const [entry] = await entriesOf(owner);
    expect(entry).toEqual({ action: 'asset:update', before: { tags: ['same'] }, after: { tags: ['other'] } });
  });

  it('of a schema is told before and after, with types and descriptions', async () => {
    const { id: ref } = await seed.dataset('schema', { fields: [{ name: 'x', type: 'int', description: 'the x' }] });
    await owner.data(UPDATE, { input: { ref, fields: [{ name: 'x', type: 'bigint' }, { name: 'y' }] } });
    const [entry] = await entriesOf(owner);
    expect(entry).toEqual({
      action: 'asset:update',
      before: { fields: [{ name: 'x', type: 'int', description: 'the x' }] },
      after: {
        fields: [
          { name: 'x', type: 'bigint', description: null },
          { name: 'y', type: null, description: null },
        ],
      },
    });
  });
});

describe('Asking and granting', () => {
  it('the same twice is one request, and another is another', async () => {
    const { id: asset } = await seed.dataset('asked for', { visibility: 'DISCOVERABLE' });
    const input = { asset, actions: ['EDIT', 'USE_FOR_TRAINING'], purpose: ' to try ', until: inMinutes(60) };
    const ask = async (more: object = {}): Promise<unknown> => friend.data(ASK, { input: { ...input, ...more } });
    const first = await ask();
    expect(await ask()).toEqual(first);
    expect(await ask({ actions: ['USE_FOR_TRAINING', 'EDIT'] })).toEqual(first);
    expect((await entriesOf(friend)).filter(({ action }) => action === 'access:request')).toHaveLength(1);
    for (const more of [{ actions: ['EDIT'] }, { purpose: 'other' }, { until: inMinutes(61) }])
      expect(await ask(more)).not.toEqual(first);
  });

  it('the same twice is one grant, until it is revoked', async () => {
    const { id: asset } = await seed.dataset('granted');
    const input = { asset, grantee: friend.userId, actions: ['EDIT'], purpose: 'to try', until: inMinutes(60) };
    const give = async (): Promise<string> =>
      (await owner.data<{ grantAccess: { grant: { id: string } } }>(GRANT, { input })).grantAccess.grant.id;
    const first = await give();
    expect(await give()).toBe(first);
    await owner.data('mutation ($input: RevokeAccessInput!) { revokeAccess(input: $input) { grant { id } } }', {
      input: { grant: first },
    });
    expect(await give()).not.toBe(first);
  });

  it('says what of it one has already, for as long', async () => {
    const { id: asset } = await seed.dataset('had');
    const ask = async (as: Client, actions: string[], more: object = {}): Promise<unknown> => {
      const text = mutation('requestAccess', 'RequestAccessInput', 'alreadyAllowed');
      const input = { asset, actions, purpose: 'again', until: inMinutes(30), ...more };
      return (await as.data<{ requestAccess: { alreadyAllowed: string[] } }>(text, { input })).requestAccess
        .alreadyAllowed;
    };
    expect(await ask(owner, ['EDIT', 'DEPLOY'])).toEqual(['EDIT', 'DEPLOY']);
    const team = await server.team(friend);
    await owner.data(GRANT, {
      input: { asset, grantee: friend.userId, actions: ['EDIT'], purpose: 'to try', until: inMinutes(60) },
    });
    await owner.data(GRANT, {
      input: { asset, grantee: team, actions: ['DEPLOY'], purpose: 'to try', until: inMinutes(60) },
    });
    expect(await ask(friend, ['USE_FOR_TRAINING', 'EDIT', 'DEPLOY'])).toEqual(['EDIT', 'DEPLOY']);
    expect(await ask(friend, ['EDIT', 'DEPLOY'], { grantee: team })).toEqual(['DEPLOY']);
    expect(await ask(friend, ['EDIT'], { until: inMinutes(90) })).toEqual([]);
    expect(await ask(await server.user(), ['EDIT'])).toEqual([]);
  });
});

describe('A run', () => {
  it('that is finished again in the same way answers the same, and in another way is a CONFLICT', async () => {
    const { id: transformation } = await seed.transformation('ends once');
    const { id: dataset } = await seed.dataset('made once');
    const outputs = [await seed.datasetVersion(dataset, '1'), await seed.datasetVersion(dataset, '2')];
    const start = await owner.data<{ startRun: { run: { id: string } } }>(START, { input: { transformation } });
    const input = { run: start.startRun.run.id, outputs, state: 'SUCCEEDED', facets: { a: { b: 1, c: 2 } } };
    const first = await owner.data(FINISH, { input });
    const entries = await entriesOf(owner);
    expect(await owner.data(FINISH, { input })).toEqual(first);
    const sameAgain = { ...input, outputs: outputs.toReversed(), facets: { a: { c: 2, b: 1 } } };
    expect(await owner.data(FINISH, { input: sameAgain })).toEqual(first);
    expect(await entriesOf(owner)).toEqual(entries);
    for (const more of [{ state: 'FAILED' }, { outputs: [] }, { error: 'x' }, { facets: {} }])
      expect(await owner.code(FINISH, { input: { ...input, ...more } })).toBe('CONFLICT');
  });

  it('that is started again by its key is one, also by ten at once, and another input under the key is a CONFLICT', async () => {
    const { id: transformation } = await seed.transformation('begins once');
    const { id: other } = await seed.transformation('begins too');
    const input = { transformation, idempotencyKey: 'scheduler/2026-11-29T00:00', facets: { nominal: { at: 1 } } };
    const begin = async (given: object): Promise<string> =>
      (await owner.data<{ startRun: { run: { id: string } } }>(START, { input: given })).startRun.run.id;
    const begun = await Promise.all(Array.from({ length: 10 }, () => begin(input)));
    expect(new Set(begun).size).toBe(1);
    expect((await entriesOf(owner)).filter(({ action }) => action === 'run:start')).toHaveLength(2);
    expect(await begin({ ...input, transformation: other })).not.toBe(begun[0]);
    expect(await begin({ ...input, idempotencyKey: 'another' })).not.toBe(begun[0]);
    const error = await owner.error(START, { input: { ...input, facets: {} } });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain(begun[0]);
    for (const idempotencyKey of ['', ' ', 'x'.repeat(201)])
      expect(await owner.code(START, { input: { ...input, idempotencyKey } })).toBe('BAD_USER_INPUT');
  });
});
