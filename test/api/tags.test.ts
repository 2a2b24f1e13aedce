import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const change = (name: string): string =>
  `mutation ($input: ChangeTagsInput!) { ${name}(input: $input) { asset { tags revision } } }`;
const ADD = change('addTags');
const REMOVE = change('removeTags');
const TAGS = `query ($filter: AssetFilter, $contains: String, $first: Int! = 25) {
  tags(filter: $filter, contains: $contains, first: $first) { value count } }`;

interface Changed {
  tags: string[];
  revision: number;
}

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(() => server.stop());

const changed = async (text: string, input: object): Promise<Changed> => {
  const answer = await owner.data<Record<string, { asset: Changed }>>(text, { input });
  return answer[text === ADD ? 'addTags' : 'removeTags']?.asset ?? { tags: [], revision: 0 };
};

describe('Tags of an asset', () => {
  it('come beside those it has and go without the others, once each', async () => {
    const { id: ref } = await seed.dataset('tagged', { tags: ['a', 'b'] });
    expect(await changed(ADD, { ref, tags: ['b', 'c', 'c'] })).toEqual({ tags: ['a', 'b', 'c'], revision: 2 });
    expect(await changed(ADD, { ref, tags: ['a', 'c'] })).toEqual({ tags: ['a', 'b', 'c'], revision: 2 });
    expect(await changed(REMOVE, { ref, tags: ['b', 'z'] })).toEqual({ tags: ['a', 'c'], revision: 3 });
    expect(await changed(REMOVE, { ref, tags: ['z'] })).toEqual({ tags: ['a', 'c'], revision: 3 });
  });

  it('are all kept when many put theirs at the same time', async () => {
    const { id: ref } = await seed.dataset('busy');
    const tags = Array.from({ length: 12 }, (_, place) => `t${place}`);
    await Promise.all(tags.map((tag) => changed(ADD, { ref, tags: [tag] })));
    expect((await changed(ADD, { ref, tags: [] })).tags.toSorted()).toEqual(tags.toSorted());
  });

  it('are refused when they are too many, empty or of an asset seen at another revision', async () => {
    const { id: ref } = await seed.dataset('full', { tags: Array.from({ length: 100 }, (_, place) => `t${place}`) });
    const refused = await owner.error(ADD, { input: { ref, tags: ['more'] } });
    expect(refused.extensions.code).toBe('BAD_USER_INPUT');
    expect(refused.message).toContain('101 tags are too many');
    expect(await owner.code(ADD, { input: { ref, tags: [' '] } })).toBe('BAD_USER_INPUT');
    expect(await owner.code(REMOVE, { input: { ref, tags: ['t1'], ifRevision: 7 } })).toBe('STALE_REVISION');
  });
});

describe('All tags', () => {
  it('are counted over what the caller sees, by filter and text', async () => {
    const namespace = `${server.namespace}-counted`;
    const own = new Seed(owner, namespace);
    await own.dataset('x', { tags: ['pii', 'gold'] });
    await own.model('y', { tags: ['pii', 'PII-old'] });
    await own.dataset('z', { visibility: 'RESTRICTED', tags: ['secret', 'pii'] });
    const ask = async (as: Client, more: object = {}): Promise<unknown> =>
      (await as.data<{ tags: unknown }>(TAGS, { filter: { namespaces: [namespace] }, ...more })).tags;
    expect(await ask(owner)).toEqual([
      { value: 'pii', count: 3 },
      { value: 'gold', count: 1 },
      { value: 'pii-old', count: 1 },
      { value: 'secret', count: 1 },
    ]);
    const stranger = await server.user();
    expect(await ask(stranger, { contains: 'PI' })).toEqual([
      { value: 'pii', count: 2 },
      { value: 'pii-old', count: 1 },
    ]);
    expect(await ask(stranger, { first: 1 })).toEqual([{ value: 'pii', count: 2 }]);
    expect(await ask(stranger, { filter: { namespaces: [namespace], kinds: ['MODEL'] }, contains: 'old' })).toEqual([
      { value: 'pii-old', count: 1 },
    ]);
    expect(await owner.code(TAGS, { first: 0 })).toBe('BAD_USER_INPUT');
    expect(await owner.code(TAGS, { first: 201 })).toBe('LIMIT_EXCEEDED');
  });
});
