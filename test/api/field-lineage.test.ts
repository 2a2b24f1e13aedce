import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Step {
  depth: number;
  key: string;
  hidden: boolean;
  field: { id: string; name: string; dataset: { name: string } | null } | null;
}
interface Edge {
  source: string;
  target: string;
  transformation: string | null;
  masking: boolean;
  claims: { source: string; subtype: string | null; via: { name: string } | null; validUntil: string | null }[];
}
interface Answer {
  roots: { name: string }[];
  nodes: { name: string }[];
  steps: Step[];
  edges: Edge[];
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}
type Pair = [string, string, Record<string, unknown>?];

const ANSWER = `
  roots { name }
  nodes { name }
  steps { depth key hidden field { id name dataset { name } } }
  edges { source target transformation masking claims { source subtype via { name } validUntil } }
  totalCount
  completeness { complete hiddenNodes cutByDepth cutByPage }
  pageInfo { hasNextPage endCursor }`;
const LINEAGE = `query ($dataset: AssetRef!, $field: String, $direction: Direction! = DOWNSTREAM, $depth: Int! = 5, $first: Int! = 200, $after: String, $asOf: DateTime, $knownAt: DateTime) {
  fieldLineage(dataset: $dataset, field: $field, direction: $direction, depth: $depth, first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) { ${ANSWER} }
}`;
const CLAIM = `mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated ended } }`;
const RETRACT = `mutation ($input: RetractFieldLineageInput!) { retractFieldLineage(input: $input) { retracted } }`;

let server: TestWeftline;
let owner: Client;
let seed: Seed;
let count = 0;

beforeAll(async () => {
  server = await startTestWeftline({
    environment: { WEFTLINE_BODY_LIMIT_BYTES: '1048576', WEFTLINE_QUERY_TIMEOUT_MS: '120000' },
  });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

/** A data set with fields of these names. */
const table = (name: string, fields: readonly string[], more: Record<string, unknown> = {}): Promise<SeededAsset> =>
  seed.dataset(`${name}-${++count}`, { fields: fields.map((each) => ({ name: each })), ...more });
const job = (more: Record<string, unknown> = {}): Promise<SeededAsset> => seed.transformation(`job-${++count}`, more);

const group = (source: SeededAsset, target: SeededAsset, via: SeededAsset, ...pairs: readonly Pair[]) => ({
  source: source.id,
  target: target.id,
  via: via.id,
  fields: pairs.map(([from, to, more = {}]) => ({ source: from, target: to, ...more })),
});

async function claim(flows: readonly object[], more: Record<string, unknown> = {}, as = owner) {
  type Outcome = { stated: number; ended: number };
  const answer = await as.data<{ claimFieldLineage: Outcome }>(CLAIM, { input: { flows, ...more } });
  return answer.claimFieldLineage;
}

async function retract(more: Record<string, unknown>): Promise<number> {
  const answer = await owner.data<{ retractFieldLineage: { retracted: number } }>(RETRACT, { input: more });
  return answer.retractFieldLineage.retracted;
}

async function lineage(dataset: SeededAsset, field: string | null, more: Record<string, unknown> = {}, as = owner) {
  const variables = { dataset: dataset.id, field, ...more };
  return (await as.data<{ fieldLineage: Answer }>(LINEAGE, variables)).fieldLineage;
}

const reached = (answer: Answer): Record<string, number> =>
  Object.fromEntries(answer.steps.map(({ field, depth }) => [field?.name ?? 'hidden', depth]));
const setFields = (dataset: SeededAsset, names: readonly string[]) =>
  owner.data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }', {
    input: { ref: dataset.id, fields: names.map((name) => ({ name })) },
  });

/** raw.email → clean.email_hash → mart.contact, raw.age → clean.age → mart.contact */
async function chain(visibility: string = 'DISCOVERABLE') {
  const [raw, clean, mart] = await Promise.all([
    table('raw', ['email', 'age', 'unused']),
    table('clean', ['email_hash', 'age'], { visibility }),
    table('mart', ['contact']),
  ]);
  const [tidy, build] = await Promise.all([job(), job()]);
  await claim([
    group(raw, clean, tidy, ['email', 'email_hash', { subtype: 'TRANSFORMATION', masking: true }], ['age', 'age']),
    group(
      clean,
      mart,
      build,
      ['email_hash', 'contact', { subtype: 'IDENTITY' }],
      ['age', 'contact', { subtype: 'FILTER' }],
    ),
  ]);
  return { raw, clean, mart, tidy, build };
}

describe('lineage between fields', () => {
  it('goes through data sets both ways, with what is done to the field', async () => {
    const { raw, mart } = await chain();
    const down = await lineage(raw, 'email');
    expect(reached(down)).toEqual({ email_hash: 1, contact: 2 });
    expect(down.nodes.map(({ name }) => name)).toEqual(['email_hash', 'contact']);
    expect(down.steps.map(({ field }) => field?.dataset?.name.split('-')[0])).toEqual(['clean', 'mart']);
    expect(down.completeness).toEqual({ complete: true, hiddenNodes: 0, cutByDepth: 0, cutByPage: false });
    const first = down.edges.find(({ masking }) => masking);
    expect(first).toMatchObject({ transformation: 'TRANSFORMATION', target: down.steps[0]?.key });
    expect(first?.claims).toMatchObject([
      { source: 'manual', via: { name: expect.stringContaining('job') as string } },
    ]);
    const up = await lineage(mart, 'contact', { direction: 'UPSTREAM' });
    expect(reached(up)).toEqual({ email_hash: 1, age: 2, email: 2 });
    expect(up.edges).toHaveLength(4);
    expect((await lineage(raw, null)).totalCount).toBe(3);
  });
});

describe('claims on fields', () => {
  it('stand side by side: a source never overwrites another, and repeating oneself changes nothing', async () => {
    const [raw, clean, via] = [await table('raw', ['a']), await table('clean', ['a']), await job()];
    const identity = [group(raw, clean, via, ['a', 'a', { subtype: 'IDENTITY', masking: true }])];
    expect(await claim(identity, { claimSource: 'parser' })).toEqual({ stated: 1, ended: 0 });
    expect(await claim(identity, { claimSource: 'parser' })).toEqual({ stated: 1, ended: 0 });
    await claim([group(raw, clean, via, ['a', 'a', { subtype: 'TRANSFORMATION' }])], { claimSource: 'runtime' });
    const { edges } = await lineage(raw, 'a');
    expect(edges).toHaveLength(1);
    // They disagree: neither is passed off as the truth, and what one source says is open is not called masked.
    expect(edges[0]).toMatchObject({ transformation: null, masking: false });
    expect(edges[0]?.claims.map(({ source, subtype }) => [source, subtype]).sort()).toEqual([
      ['parser', 'IDENTITY'],
      ['runtime', 'TRANSFORMATION'],
    ]);
    const flows = [group(raw, clean, via, ['a', 'a'])];
    expect(await retract({ flows, claimSource: 'runtime' })).toBe(1);
    expect((await lineage(raw, 'a')).edges).toMatchObject([{ transformation: 'IDENTITY', masking: true }]);
    expect(await retract({ flows, claimSource: 'parser' })).toBe(2);
    expect((await lineage(raw, 'a')).totalCount).toBe(0);
    expect(await retract({ flows, claimSource: 'parser' })).toBe(0);
  });

  it('end when a complete report of the transformation no longer names them, and only those of its source', async () => {
    const [raw, clean, via, other] = [
      await table('raw', ['a', 'b', 'c']),
      await table('clean', ['a']),
      await job(),
      await job(),
    ];
    const of = (...names: string[]) => [group(raw, clean, via, ...names.map((name): Pair => [name, 'a']))];
    await claim(of('a', 'b'), { claimSource: 'parser', scope: 'TRANSFORMATION' });
    await claim(of('a'), { claimSource: 'by hand' });
    await claim([group(raw, clean, other, ['c', 'a'])], { claimSource: 'parser' });
    expect(await claim(of('b', 'c'), { claimSource: 'parser', scope: 'TRANSFORMATION' })).toEqual({
      stated: 2,
      ended: 1,
    });
    const sources = (await lineage(clean, 'a', { direction: 'UPSTREAM' })).edges.map(({ claims }) =>
      claims.map(({ source }) => source).sort(),
    );
    expect(sources.sort()).toEqual([['by hand'], ['parser'], ['parser', 'parser']]);
    await claim([], { claimSource: 'parser', scope: 'TRANSFORMATION', transformation: via.id });
    expect(reached(await lineage(clean, 'a', { direction: 'UPSTREAM' }))).toEqual({ a: 1, c: 1 });
  });

  it('end with what a run says last, and come back when the run is taken back', async () => {
    const [raw, clean, via] = [await table('raw', ['a', 'b']), await table('clean', ['a']), await job()];
    const [first, second] = [await seed.run(via.id, [], []), await seed.run(via.id, [], [])];
    const of = (...names: string[]) => [group(raw, clean, via, ...names.map((name): Pair => [name, 'a']))];
    const now = () => new Date().toISOString();
    await claim(of('a', 'b'), { run: first, scope: 'RUN' });
    await claim(of('b'), { run: second, scope: 'RUN' });
    await claim(of('a'), { run: first, scope: 'RUN', validFrom: now() });
    expect(reached(await lineage(raw, null))).toEqual({ a: 1 });
    expect((await lineage(raw, 'b')).totalCount).toBe(1);
    await retract({ run: second });
    expect((await lineage(raw, 'b')).totalCount).toBe(0);
    expect((await lineage(raw, 'a')).totalCount).toBe(1);
    await claim([], { run: first, scope: 'RUN', validFrom: now() });
    expect((await lineage(raw, 'a')).totalCount).toBe(0);
    await retract({ run: first });
    expect((await lineage(raw, 'a')).totalCount).toBe(0);
  });

  it('answer on both clocks: a late report is true before it was known, and what is taken back was known until then', async () => {
    const [raw, clean, via] = [await table('raw', ['a', 'b']), await table('clean', ['a']), await job()];
    const before = new Date(Date.now() - 3_600_000).toISOString();
    const early = new Date(Date.now() - 7_200_000).toISOString();
    const start = await moment();
    await claim([group(raw, clean, via, ['a', 'a'])], { validFrom: early, validUntil: before });
    await claim([group(raw, clean, via, ['b', 'a'])], { validFrom: before });
    const known = await moment();
    const at = async (name: string, more: object) => (await lineage(raw, name, { ...more })).totalCount;
    expect(await at('a', {})).toBe(0);
    expect(await at('a', { asOf: early })).toBe(1);
    expect(await at('b', { asOf: early })).toBe(0);
    expect(await at('a', { asOf: early, knownAt: start })).toBe(0);
    await retract({ flows: [group(raw, clean, via, ['b', 'a'])], from: known });
    const ended = await moment();
    expect(await at('b', {})).toBe(0);
    expect(await at('b', { asOf: before })).toBe(1);
    expect(await at('b', { knownAt: known })).toBe(1);
    await retract({ flows: [group(raw, clean, via, ['b', 'a'])] });
    expect(await at('b', { asOf: before })).toBe(0);
    expect(await at('b', { asOf: before, knownAt: ended })).toBe(1);
  });
});

/** A time that everything said before is known by, and nothing said later. */
async function moment(): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const time = new Date().toISOString();
  await new Promise((resolve) => setTimeout(resolve, 5));
  return time;
}

describe('a field that changes', () => {
  it('has no lineage once it was removed, has it as of before, and again when it comes back', async () => {
    const { raw, clean, mart } = await chain();
    const there = await moment();
    await setFields(clean, ['age']);
    const gone = await moment();
    expect((await lineage(raw, 'email')).totalCount).toBe(0);
    expect(reached(await lineage(mart, 'contact', { direction: 'UPSTREAM' }))).toEqual({ age: 2 });
    expect(reached(await lineage(raw, 'email', { asOf: there }))).toEqual({ email_hash: 1, contact: 2 });
    const asked = await owner.error(LINEAGE, { dataset: clean.id, field: 'email_hash' });
    expect(asked.message).toMatch(/The field "email_hash" of .* was removed at .* Ask with `asOf` before that\./);
    expect(reached(await lineage(clean, 'email_hash', { asOf: there }))).toEqual({ contact: 1 });
    await setFields(clean, ['age', 'email_hash']);
    expect(reached(await lineage(raw, 'email'))).toEqual({ email_hash: 1, contact: 2 });
    expect((await lineage(raw, 'email', { asOf: gone })).totalCount).toBe(0);
    expect((await lineage(raw, 'email', { knownAt: gone })).totalCount).toBe(0);
  });

  it('can be named in a late report of the time when it was there, and not in one of later', async () => {
    const [raw, clean, via] = [await table('raw', ['a', 'b']), await table('clean', ['a']), await job()];
    const there = await moment();
    await setFields(raw, ['a']);
    const flows = [group(raw, clean, via, ['b', 'a'])];
    const { code, message } = await refusal({ flows });
    expect(code).toBe('NOT_FOUND');
    expect(message).toMatch(/was removed at .* State with `validFrom` before that/);
    await claim(flows, { validFrom: there });
    expect((await lineage(clean, 'a', { direction: 'UPSTREAM' })).totalCount).toBe(0);
    expect((await lineage(clean, 'a', { direction: 'UPSTREAM', asOf: there })).totalCount).toBe(1);
  });

  it('keeps its lineage when its data set is renamed, and is shown with the name of then', async () => {
    const { raw, clean } = await chain();
    const before = await moment();
    await owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
      input: { ref: clean.id, name: `renamed-${++count}` },
    });
    const datasets = async (more: object) =>
      (await lineage(raw, 'age', { depth: 1, ...more })).steps[0]?.field?.dataset?.name;
    expect(await datasets({})).toMatch(/^renamed-/);
    expect(await datasets({ asOf: before })).toMatch(/^clean-/);
  });
});

describe('a field that is hidden', () => {
  it('keeps the shape of the graph and tells nothing else', async () => {
    const { raw, clean, mart } = await chain('RESTRICTED');
    const stranger = await server.user();
    const answer = await lineage(raw, 'email', {}, stranger);
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
    const again = await lineage(raw, 'email', {}, stranger);
    expect(again.steps[0]?.key).not.toBe(answer.steps[0]?.key);
    const missing = await stranger.error(LINEAGE, { dataset: clean.id, field: 'nothing' });
    expect(missing.extensions.code).toBe('NOT_FOUND');
    expect(missing.message).not.toMatch(/email_hash|clean/);
    expect(reached(await lineage(mart, 'contact', { direction: 'UPSTREAM' }, stranger))).toMatchObject({
      hidden: 1,
      email: 2,
    });
  });

  it('keeps the claims of a hidden transformation to itself, though both data sets are seen', async () => {
    const [raw, clean, via] = [
      await table('raw', ['a']),
      await table('clean', ['a']),
      await job({ visibility: 'RESTRICTED' }),
    ];
    await claim([group(raw, clean, via, ['a', 'a', { subtype: 'AGGREGATION', description: 'secret', masking: true }])]);
    const answer = await lineage(raw, 'a', {}, await server.user());
    expect(answer.edges).toMatchObject([{ transformation: null, masking: false, claims: [] }]);
  });
});

describe('large and odd graphs of fields', () => {
  it('answer 3,000 columns of a table in one call, claimed in one call', async () => {
    const names = Array.from({ length: 3_000 }, (_each, index) => `column_${index}`);
    const [raw, clean, mart] = [await table('raw', names), await table('clean', names), await table('mart', names)];
    const [via, next] = [await job(), await job()];
    const pairs = names.map((name): Pair => [name, name]);
    const flows = [group(raw, clean, via, ...pairs)];
    await claim([group(clean, mart, next, ...pairs)]);
    // Nobody needs to raise the limit of a request for it.
    expect(JSON.stringify({ flows }).length).toBeLessThan(200_000);
    server.statements.length = 0;
    expect(await claim(flows, { scope: 'TRANSFORMATION' })).toEqual({ stated: 3_000, ended: 0 });
    expect(server.statements.length).toBeLessThanOrEqual(12);
    expect(await claim(flows, { scope: 'TRANSFORMATION' })).toEqual({ stated: 3_000, ended: 0 });
    server.statements.length = 0;
    const query = `query ($ref: AssetRef!) { fieldLineage(dataset: $ref, direction: DOWNSTREAM, first: 3000, depth: 1) { steps { depth field { name } } edges { transformation claims { source } } completeness { complete cutByDepth } } }`;
    const { fieldLineage } = await owner.data<{ fieldLineage: Answer }>(query, { ref: raw.id });
    expect(fieldLineage.steps).toHaveLength(3_000);
    expect(fieldLineage.edges).toHaveLength(3_000);
    expect(fieldLineage.completeness).toEqual({ complete: false, cutByDepth: 3_000 });
    expect(new Set(server.statements).size).toBe(server.statements.length);
    expect(server.statements.length).toBeLessThanOrEqual(6);
  }, 240_000);

  it('are answered in pages that together hold each field and each edge once', async () => {
    const names = Array.from({ length: 7 }, (_each, index) => `column_${index}`);
    const [raw, clean, via] = [await table('raw', names), await table('clean', names), await job()];
    await claim([group(raw, clean, via, ...names.map((name): Pair => [name, name]))]);
    const [keys, edges]: [string[], string[]] = [[], []];
    let after: string | null = null;
    do {
      const page: Answer = await lineage(raw, null, { first: 3, after });
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
    const [one, two, via] = [await table('one', ['a', 'b']), await table('two', ['a']), await job()];
    await claim([
      group(one, two, via, ['a', 'a'], ['b', 'a']),
      group(two, one, via, ['a', 'b']),
      group(one, one, via, ['b', 'a']),
    ]);
    const answer = await lineage(one, 'a', { depth: 10_000 });
    expect(reached(answer)).toEqual({ a: 1, b: 2 });
    expect(answer.edges).toHaveLength(4);
    expect(answer.completeness.complete).toBe(true);
    expect(await lineage(one, 'a', { depth: 1 })).toMatchObject({ totalCount: 1, completeness: { cutByDepth: 1 } });
  });

  it('are asked of a field as of a list of fields, in one statement a list', async () => {
    const { raw } = await chain();
    const query = `query ($ref: AssetRef!) { asset(ref: $ref) { ... on Dataset { fields { name lineage(direction: DOWNSTREAM) { nodes { name dataset { id } } } } fieldLineage(direction: DOWNSTREAM) { totalCount } } } }`;
    server.statements.length = 0;
    const { asset } = await owner.data<{
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

async function refusal(input: object, as = owner): Promise<{ code: string; message: string }> {
  const { message, extensions } = await as.error(CLAIM, { input });
  return { code: extensions.code, message };
}

describe('bad input about fields', () => {
  it('is refused with the name that was meant', async () => {
    const { raw, clean, tidy } = await chain();
    const unknown = await refusal({ flows: [group(raw, clean, tidy, ['emial', 'email_hash'])] });
    expect(unknown).toEqual({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/has no field "emial"\. Did you mean "email"\?/) as string,
    });
    const far = await owner.error(LINEAGE, { dataset: raw.id, field: 'something' });
    expect(far.message).toMatch(/has no field "something"\. It has "email", "age", "unused"\./);
    const bare = await seed.dataset(`bare-${++count}`);
    expect((await owner.error(LINEAGE, { dataset: bare.id, field: 'a' })).message).toMatch(/no fields yet/);
    expect((await lineage(bare, null)).totalCount).toBe(0);
  });

  it('is refused: a field into itself, other kinds, contradictions, other runs, the future', async () => {
    const { raw, clean, tidy, build } = await chain();
    const flows = (...pairs: Pair[]) => ({ flows: [group(raw, clean, tidy, ...pairs)] });
    const fine = flows(['age', 'age']);
    const run = await seed.run(build.id, [], []);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const cases: [object, string, RegExp][] = [
      [{ flows: [group(raw, raw, tidy, ['age', 'age'])] }, 'BAD_USER_INPUT', /"age" of .* cannot feed itself/],
      [
        { flows: [group(raw, clean, clean, ['age', 'age'])] },
        'BAD_USER_INPUT',
        /is a DATASET\. Fields flow within a transformation/,
      ],
      [
        { flows: [group(tidy, clean, tidy, ['age', 'age'])] },
        'BAD_USER_INPUT',
        /is a TRANSFORMATION\. Only data sets have fields/,
      ],
      [
        flows(['age', 'age', { type: 'INDIRECT', subtype: 'IDENTITY' }]),
        'BAD_USER_INPUT',
        /IDENTITY is DIRECT, not INDIRECT/,
      ],
      [{ flows: [] }, 'BAD_USER_INPUT', /at least one flow/],
      [{ ...fine, scope: 'RUN' }, 'BAD_USER_INPUT', /name it in `run`/],
      [{ ...fine, run }, 'BAD_USER_INPUT', /Report each transformation by itself/],
      [{ ...fine, run: raw.id }, 'NOT_FOUND', /There is no run/],
      [{ ...fine, validFrom: later }, 'BAD_USER_INPUT', /in the future/],
      [{ ...fine, validUntil: '2020-01-01T00:00:00Z' }, 'BAD_USER_INPUT', /must be later than `validFrom`/],
      [{ ...fine, claimSource: 'weftline/runs' }, 'BAD_USER_INPUT', /made by Weftline itself/],
    ];
    for (const [input, code, message] of cases) {
      expect(await refusal(input), JSON.stringify(input)).toEqual({
        code,
        message: expect.stringMatching(message) as string,
      });
    }
    const many = (length: number): object => ({
      ...group(raw, clean, tidy),
      fields: Array.from({ length }, () => ({ source: '', target: '' })),
    });
    expect(await refusal({ flows: [many(10_001)] })).toEqual({
      code: 'LIMIT_EXCEEDED',
      message: '`input.flows[0].fields` has 10001 items; at most 10000 are possible.',
    });
    expect(await refusal({ flows: [many(5_000), many(5_001)] })).toEqual({
      code: 'LIMIT_EXCEEDED',
      message: '10001 flows at once; at most 10000 are possible. Send them in several calls.',
    });
    const outsider = await server.user();
    expect((await refusal(fine, outsider)).code).toBe('FORBIDDEN');
    expect((await owner.error(RETRACT, { input: {} })).message).toMatch(/Say with one of `flows`/);
    expect((await owner.error(RETRACT, { input: { everything: true } })).extensions.code).toBe('FORBIDDEN');
  });

  it('is refused in a question: depth, first, times, and a cursor of another list', async () => {
    const { raw } = await chain();
    const ask = async (more: object) => owner.error(LINEAGE, { dataset: raw.id, ...more });
    for (const depth of [0, -1, 10_001]) {
      expect((await ask({ depth })).message).toBe(`\`depth\` is ${depth}; it must be from 1 to 10000.`);
    }
    expect((await ask({ first: 0 })).extensions.code).toBe('BAD_USER_INPUT');
    expect((await ask({ first: 5_001 })).extensions.code).toBe('LIMIT_EXCEEDED');
    expect((await ask({ asOf: new Date(Date.now() + 3_600_000).toISOString() })).message).toMatch(
      /`asOf` is .* future/,
    );
    const { lineage: other } = await owner.data<{ lineage: { pageInfo: { endCursor: string | null } } }>(
      '{ lineage(of: ["' + raw.id + '"], direction: BOTH) { pageInfo { endCursor } } }',
    );
    expect(other.pageInfo.endCursor).toBeNull();
    expect((await ask({ after: 'nonsense' })).extensions.code).toBe('BAD_USER_INPUT');
    const job1 = await job();
    await seed.flow([raw.id, job1.id]);
    const again = await owner.data<{ lineage: { pageInfo: { endCursor: string } } }>(
      '{ lineage(of: ["' + raw.id + '"], direction: BOTH) { pageInfo { endCursor } } }',
    );
    expect((await ask({ after: again.lineage.pageInfo.endCursor })).message).toMatch(/belongs to another list/);
    expect((await owner.error(LINEAGE, { dataset: job1.id })).message).toMatch(/Only data sets have fields/);
    expect((await owner.error(LINEAGE, { dataset: 'nothing' })).extensions.code).toBe('NOT_FOUND');
  });
});
