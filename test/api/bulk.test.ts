import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const PARTS = `matchedCount changedCount unchangedCount assets { name revision tags properties }
  refused { asset { name } code message } pageInfo { hasNextPage endCursor }`;
const UPDATE = `mutation ($input: UpdateAssetsInput!) { updateAssets(input: $input) { ${PARTS} } }`;
const RENAME = `mutation ($input: RenameTagInput!) { renameTag(input: $input) { ${PARTS} } }`;
const ALL = `query ($filter: AssetFilter) { assets(filter: $filter, first: 200) {
  nodes { name tags properties revision description visibility } } }`;

interface Outcome {
  matchedCount: number;
  changedCount: number;
  unchangedCount: number;
  assets: { name: string; revision: number; tags: string[]; properties: object }[];
  refused: { asset: { name: string }; code: string; message: string }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

let server: TestWeftline;
let owner: Client;
let other: Client;
let spaces = 0;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, other] = [await server.user(), await server.user()];
});

afterAll(() => server.stop());

/** A namespace with assets of two owners, each with the tags "old" and one of its own. */
async function world(mine: number, theirs = 0): Promise<{ namespace: string; filter: object; seed: Seed }> {
  const namespace = `${server.namespace}-${++spaces}`;
  const seed = new Seed(owner, namespace);
  for (let number = 0; number < mine; number++) await seed.dataset(`mine-${number}`, { tags: ['old', `n${number}`] });
  const stranger = new Seed(other, namespace);
  for (let number = 0; number < theirs; number++) await stranger.dataset(`theirs-${number}`, { tags: ['old'] });
  return { namespace, filter: { namespaces: [namespace] }, seed };
}

const update = async (input: object, as = owner): Promise<Outcome> =>
  (await as.data<{ updateAssets: Outcome }>(UPDATE, { input })).updateAssets;
const rename = async (input: object, as = owner): Promise<Outcome> =>
  (await as.data<{ renameTag: Outcome }>(RENAME, { input })).renameTag;
const namesOf = (outcome: Outcome): string[] => outcome.assets.map(({ name }) => name);

describe('A change of all assets that match', () => {
  it('counts first, and then changes what it counted, each with its revision and entry', async () => {
    const { filter } = await world(3, 1);
    const change = {
      addTags: ['New', 'old'],
      removeTags: ['N1'],
      description: 'by the row',
      mergeProperties: { a: 1 },
    };
    const counted = await update({ filter, change, dryRun: true });
    expect(counted).toMatchObject({ matchedCount: 4, changedCount: 3, unchangedCount: 0 });
    expect(counted.refused).toEqual([
      {
        asset: { name: 'theirs-0' },
        code: 'FORBIDDEN',
        message: expect.stringContaining('You may not EDIT') as string,
      },
    ]);
    const { assets } = await owner.data<{ assets: { nodes: { revision: number }[] } }>(ALL, { filter });
    expect(assets.nodes.map(({ revision }) => revision)).toEqual([1, 1, 1, 1]);

    expect((await owner.error(UPDATE, { input: { filter, change, expectedCount: 3 } })).message).toContain(
      '4 assets match, and you expect 3',
    );
    const done = await update({ filter, change, expectedCount: 4, reason: 'spring cleaning' });
    expect(done).toMatchObject({ matchedCount: 4, changedCount: 3, unchangedCount: 0 });
    expect(done.assets.map(({ revision, tags, properties }) => ({ revision, tags, properties }))).toEqual([
      { revision: 2, tags: ['old', 'n0', 'new'], properties: { a: 1 } },
      { revision: 2, tags: ['old', 'new'], properties: { a: 1 } },
      { revision: 2, tags: ['old', 'n2', 'new'], properties: { a: 1 } },
    ]);
    const audit = `query ($filter: AssetFilter) { assets(filter: $filter) { nodes { name audit(first: 1) { nodes { action reason } } } } }`;
    const logged = await owner.data<{ assets: { nodes: { name: string; audit: { nodes: object[] } }[] } }>(audit, {
      filter,
    });
    expect(logged.assets.nodes[0]?.audit.nodes).toEqual([{ action: 'asset:update', reason: 'spring cleaning' }]);

    const again = await update({ filter, change });
    expect(again).toMatchObject({ matchedCount: 4, changedCount: 0, unchangedCount: 3 });
    expect(await update({ filter, change: { mergeProperties: { a: null } }, dryRun: true })).toMatchObject({
      changedCount: 3,
    });
  });

  it('goes on where the call before ended, until all are done, each once', async () => {
    const { filter } = await world(7);
    const seen: string[] = [];
    let after: string | null = null;
    for (let calls = 0; calls < 4; calls++) {
      const step: Outcome = await update({ filter, change: { addTags: ['paged'] }, first: 2, after });
      expect(step.matchedCount).toBe(7);
      seen.push(...namesOf(step));
      expect(step.pageInfo.hasNextPage).toBe(calls < 3);
      after = step.pageInfo.endCursor;
    }
    expect(seen).toEqual(['mine-0', 'mine-1', 'mine-2', 'mine-3', 'mine-4', 'mine-5', 'mine-6']);
  });

  it('refuses one that it does not suit, and stops no other', async () => {
    const { filter, seed } = await world(1);
    await seed.model('a-model');
    await seed.dataset('full', { tags: Array.from({ length: 100 }, (_, number) => `t${number}`) });
    const outcome = await update({ filter, change: { retentionDays: 30, addTags: ['one-more'] } });
    expect(namesOf(outcome)).toEqual(['mine-0']);
    expect(outcome.refused.map(({ asset, code }) => [asset.name, code])).toEqual([
      ['a-model', 'BAD_USER_INPUT'],
      ['full', 'BAD_USER_INPUT'],
    ]);
  });

  it('shows the hidden to nobody, by number or name, and leaves the visibility to who takes care', async () => {
    const { namespace, filter } = await world(1);
    await new Seed(other, namespace).dataset('hidden', { visibility: 'RESTRICTED', tags: ['old'] });
    expect(await update({ filter, change: { addTags: ['x'] } })).toMatchObject({ matchedCount: 1, refused: [] });
    expect(await rename({ tag: 'old', newTag: 'newer', filter })).toMatchObject({ matchedCount: 1, changedCount: 1 });
    const { assets } = await other.data<{ assets: { nodes: { tags: string[] }[] } }>(ALL, {
      filter: { ...filter, nameContains: 'hidden' },
    });
    expect(assets.nodes[0]?.tags).toEqual(['old']);
    expect(await update({ filter, change: { visibility: 'DISCOVERABLE' } }, other)).toMatchObject({
      changedCount: 1,
      refused: [{ code: 'FORBIDDEN' }],
    });
  });

  it.each([
    [{ change: {} }, '`change` is empty'],
    [{ change: { addTags: ['a'] }, first: 0 }, '`first` is 0'],
    [{ change: { addTags: ['a'] }, first: 201 }, '201'],
    [{ change: { addTags: ['a'] }, after: 'nonsense' }, 'is not a cursor of this list'],
    [{ change: { mergeProperties: [1] } }, '`mergeProperties` must be a JSON object'],
  ])('is refused with what is wrong: %j', async (more, words) => {
    const { filter } = await world(1);
    const answer = await owner.ask<{ updateAssets: Outcome }>(UPDATE, { input: { filter, ...more } });
    expect(JSON.stringify(answer)).toContain(words);
  });
});

describe('A tag is renamed', () => {
  it('on all that have it and may be edited, and kept once where both were', async () => {
    const { filter, seed } = await world(2, 2);
    await seed.dataset('both', { tags: ['older', 'old'] });
    await owner.data('mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }', {
      input: { ref: (await seed.dataset('retired', { tags: ['old'] })).id },
    });
    const outcome = await rename({ tag: ' OLD ', newTag: 'Older', filter });
    expect(outcome).toMatchObject({ matchedCount: 6, changedCount: 4, unchangedCount: 0 });
    expect(outcome.refused.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(outcome.assets.map(({ tags }) => tags)).toEqual([['older', 'n0'], ['older', 'n1'], ['older'], ['older']]);
    expect(await rename({ tag: 'old', newTag: 'older', filter })).toMatchObject({ matchedCount: 2, changedCount: 0 });
  });

  it('loses none that is put to an asset at the same time', async () => {
    const { filter } = await world(4);
    const { assets } = await owner.data<{ assets: { nodes: { name: string }[] } }>(ALL, { filter });
    const ids = await owner.data<{ assets: { nodes: { id: string }[] } }>(
      'query ($filter: AssetFilter) { assets(filter: $filter) { nodes { id } } }',
      { filter },
    );
    expect(assets.nodes).toHaveLength(4);
    await Promise.all([
      rename({ tag: 'old', newTag: 'renamed', filter }),
      ...ids.assets.nodes.map(({ id: ref }) =>
        owner.data('mutation ($input: ChangeTagsInput!) { addTags(input: $input) { asset { id } } }', {
          input: { ref, tags: ['meanwhile'] },
        }),
      ),
    ]);
    const after = await owner.data<{ assets: { nodes: { tags: string[] }[] } }>(ALL, { filter });
    for (const { tags } of after.assets.nodes) expect(tags).toEqual(expect.arrayContaining(['renamed', 'meanwhile']));
  });

  it('only to another name that a tag may have', async () => {
    expect(await owner.code(RENAME, { input: { tag: 'a', newTag: 'A' } })).toBe('BAD_USER_INPUT');
    expect(await owner.code(RENAME, { input: { tag: 'a', newTag: ' ' } })).toBe('BAD_USER_INPUT');
    expect(await owner.code(RENAME, { input: { tag: 'a', newTag: 'x\u200by' } })).toBe('BAD_USER_INPUT');
  });
});
