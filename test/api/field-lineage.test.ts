/** The walk from field to field: what it reaches, what it hides, how it answers where there is much. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, FieldWorld, group, LINEAGE, type Pair, reached } from '../support/field-world.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let world: FieldWorld;

beforeAll(async () => {
  server = await startTestWeftline({
    environment: { WEFTLINE_BODY_LIMIT_BYTES: '1048576', WEFTLINE_QUERY_TIMEOUT_MS: '120000' },
  });
  world = await FieldWorld.of(server);
});
afterAll(() => server.stop());

describe('lineage between fields', () => {
  it('goes through data sets both ways, with what is done to the field', async () => {
    const { raw, mart } = await world.chain();
    const down = await world.lineage(raw, 'email');
    expect(reached(down)).toEqual({ email_hash: 1, contact: 2 });
    expect(down.nodes.map(({ name }) => name)).toEqual(['email_hash', 'contact']);
    expect(down.steps.map(({ field }) => field?.dataset?.name.split('-')[0])).toEqual(['clean', 'mart']);
    expect(down.completeness).toEqual({ complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false });
    const first = down.edges.find(({ masking }) => masking);
    expect(first).toMatchObject({ transformation: 'TRANSFORMATION', target: down.steps[0]?.key });
    expect(first?.claims).toMatchObject([
      { source: 'manual', via: { name: expect.stringContaining('job') as string } },
    ]);
    const up = await world.lineage(mart, 'contact', { direction: 'UPSTREAM' });
    expect(reached(up)).toEqual({ email_hash: 1, age: 2, email: 2 });
    expect(up.edges).toHaveLength(4);
    expect((await world.lineage(raw, null)).totalCount).toBe(3);
  });
});

describe('a field that is hidden', () => {
  it('keeps the shape of the graph and tells nothing else', async () => {
    const { raw, clean, mart } = await world.chain('RESTRICTED');
    const stranger = await server.user();
    const answer = await world.lineage(raw, 'email', {}, stranger);
    expect(reached(answer)).toEqual({ hidden: 1, contact: 2 });
    expect(answer.nodes.map(({ name }) => name)).toEqual(['contact']);
    expect(answer.steps[0]).toMatchObject({ hidden: true, field: null });
    const untold = { transformation: null, masking: false, claims: [] };
    const [key, end] = answer.steps.map((step) => step.key);
    expect(answer.edges).toHaveLength(2);
    expect(answer.edges).toContainEqual({ source: expect.any(String) as string, target: key, ...untold });
    expect(answer.edges).toContainEqual({ source: key, target: end, ...untold });
    expect(answer.completeness).toMatchObject({ complete: false, hiddenNodes: 1 });
    expect(JSON.stringify(answer)).not.toMatch(new RegExp(`email_hash|${clean.id}|TRANSFORMATION`));
    const again = await world.lineage(raw, 'email', {}, stranger);
    expect(again.steps[0]?.key).not.toBe(answer.steps[0]?.key);
    const missing = await stranger.error(LINEAGE, { dataset: clean.id, field: 'nothing' });
    expect(missing.extensions.code).toBe('NOT_FOUND');
    expect(missing.message).not.toMatch(/email_hash|clean/);
    expect(reached(await world.lineage(mart, 'contact', { direction: 'UPSTREAM' }, stranger))).toMatchObject({
      hidden: 1,
      email: 2,
    });
  });

  it('keeps the claims of a hidden transformation to itself, though both data sets are seen', async () => {
    const [raw, clean, via] = [
      await world.table('raw', ['a']),
      await world.table('clean', ['a']),
      await world.job({ visibility: 'RESTRICTED' }),
    ];
    await world.claim([
      group(raw, clean, via, ['a', 'a', { subtype: 'AGGREGATION', description: 'secret', masking: true }]),
    ]);
    const answer = await world.lineage(raw, 'a', {}, await server.user());
    expect(answer.edges).toMatchObject([{ transformation: null, masking: false, claims: [] }]);
  });
});

describe('large and odd graphs of fields', () => {
  it('answer 3,000 columns of a table in one call, claimed in one call', async () => {
    const names = Array.from({ length: 3_000 }, (_each, index) => `column_${index}`);
    const [raw, clean, mart] = [
      await world.table('raw', names),
      await world.table('clean', names),
      await world.table('mart', names),
    ];
    const [via, next] = [await world.job(), await world.job()];
    const pairs = names.map((name): Pair => [name, name]);
    const flows = [group(raw, clean, via, ...pairs)];
    await world.claim([group(clean, mart, next, ...pairs)]);
    // Nobody needs to raise the limit of a request for it.
    expect(JSON.stringify({ flows }).length).toBeLessThan(200_000);
    server.statements.length = 0;
    expect(await world.claim(flows, { scope: 'TRANSFORMATION' })).toEqual({ stated: 3_000, ended: 0 });
    expect(server.statements.length).toBeLessThanOrEqual(12);
    expect(await world.claim(flows, { scope: 'TRANSFORMATION' })).toEqual({ stated: 3_000, ended: 0 });
    server.statements.length = 0;
    const query = `query ($ref: AssetRef!) { fieldLineage(dataset: $ref, direction: DOWNSTREAM, first: 3000, depth: 1) { steps { depth field { name } } edges { transformation claims { source } } completeness { complete cutByDepth } } }`;
    const { fieldLineage } = await world.owner.data<{ fieldLineage: Answer }>(query, { ref: raw.id });
    expect(fieldLineage.steps).toHaveLength(3_000);
    expect(fieldLineage.edges).toHaveLength(3_000);
    expect(fieldLineage.completeness).toEqual({ complete: false, cutByDepth: 3_000 });
    expect(new Set(server.statements).size).toBe(server.statements.length);
    expect(server.statements.length).toBeLessThanOrEqual(6);
  }, 240_000);

  it('are answered in pages that together hold each field and each edge once', async () => {
    const names = Array.from({ length: 7 }, (_each, index) => `column_${index}`);
    const [raw, clean, via] = [await world.table('raw', names), await world.table('clean', names), await world.job()];
    await world.claim([group(raw, clean, via, ...names.map((name): Pair => [name, name]))]);
    const [keys, edges]: [string[], string[]] = [[], []];
    let after: string | null = null;
    do {
      const page: Answer = await world.lineage(raw, null, { first: 3, after });
      keys.push(...page.steps.map(({ field }) => field?.name ?? ''));
      edges.push(...page.edges.map(({ source }) => source));
      expect(page.totalCount).toBe(7);
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(keys).toEqual(names);
    expect(new Set(edges).size).toBe(7);
    expect(edges).toHaveLength(7);
  });

  it('may go round: a field is reached once, at its shortest distance', async () => {
    const [one, two, via] = [await world.table('one', ['a', 'b']), await world.table('two', ['a']), await world.job()];
    await world.claim([
      group(one, two, via, ['a', 'a'], ['b', 'a']),
      group(two, one, via, ['a', 'b']),
      group(one, one, via, ['b', 'a']),
    ]);
    const answer = await world.lineage(one, 'a', { depth: 10_000 });
    expect(reached(answer)).toEqual({ a: 1, b: 2 });
    expect(answer.edges).toHaveLength(4);
    expect(answer.completeness.complete).toBe(true);
    expect(await world.lineage(one, 'a', { depth: 1 })).toMatchObject({
      totalCount: 1,
      completeness: { cutByDepth: 1 },
    });
  });

  it('are asked of a field as of a list of fields, in one statement a list', async () => {
    const { raw } = await world.chain();
    const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { name lineage(direction: DOWNSTREAM) { nodes { name dataset { id } } } } fieldLineage(direction: DOWNSTREAM) { totalCount } } } }`;
    server.statements.length = 0;
    const { asset } = await world.owner.data<{
      asset: {
        fields: { name: string; lineage: { nodes: { name: string }[] } }[];
        fieldLineage: { totalCount: number };
      };
    }>(query, { ref: raw.id });
    expect(asset.fields.map(({ name, lineage: { nodes } }) => [name, ...nodes.map((node) => node.name)])).toEqual([
      ['email', 'email_hash', 'contact'],
      ['age', 'age', 'contact'],
      ['unused'],
    ]);
    expect(asset.fieldLineage.totalCount).toBe(3);
    expect(server.statements.filter((name) => name === 'lineage.traceFields')).toHaveLength(2);
    expect(server.statements.filter((name) => name === 'lineage.datasetsOfFields')).toHaveLength(1);
  });
});
