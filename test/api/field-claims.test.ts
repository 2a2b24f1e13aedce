/** Claims on fields: how they end and stand side by side, what becomes of them when a field changes, and which are refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FieldWorld, group, LINEAGE, moment, type Pair, reached, RETRACT } from '../support/field-world.js';
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

describe('claims on fields', () => {
  it('stand side by side: a source never overwrites another, and repeating oneself changes nothing', async () => {
    const [raw, clean, via] = [await world.table('raw', ['a']), await world.table('clean', ['a']), await world.job()];
    const identity = [group(raw, clean, via, ['a', 'a', { subtype: 'IDENTITY', masking: true }])];
    expect(await world.claim(identity, { claimSource: 'parser' })).toEqual({ stated: 1, ended: 0 });
    expect(await world.claim(identity, { claimSource: 'parser' })).toEqual({ stated: 1, ended: 0 });
    await world.claim([group(raw, clean, via, ['a', 'a', { subtype: 'TRANSFORMATION' }])], { claimSource: 'runtime' });
    const { edges } = await world.lineage(raw, 'a');
    expect(edges).toHaveLength(1);
    // They disagree: neither is passed off as the truth, and what one source says is open is not called masked.
    expect(edges[0]).toMatchObject({ transformation: null, masking: false });
    expect(edges[0]?.claims.map(({ source, subtype }) => [source, subtype]).sort()).toEqual([
      ['parser', 'IDENTITY'],
      ['runtime', 'TRANSFORMATION'],
    ]);
    const flows = [group(raw, clean, via, ['a', 'a'])];
    expect(await world.retract({ flows, claimSource: 'runtime' })).toBe(1);
    expect((await world.lineage(raw, 'a')).edges).toMatchObject([{ transformation: 'IDENTITY', masking: true }]);
    expect(await world.retract({ flows, claimSource: 'parser' })).toBe(2);
    expect((await world.lineage(raw, 'a')).totalCount).toBe(0);
    expect(await world.retract({ flows, claimSource: 'parser' })).toBe(0);
  });

  it('end when a complete report of the transformation no longer names them, and only those of its source', async () => {
    const [raw, clean, via, other] = [
      await world.table('raw', ['a', 'b', 'c']),
      await world.table('clean', ['a']),
      await world.job(),
      await world.job(),
    ];
    const of = (...names: string[]) => [group(raw, clean, via, ...names.map((name): Pair => [name, 'a']))];
    await world.claim(of('a', 'b'), { claimSource: 'parser', scope: 'TRANSFORMATION' });
    await world.claim(of('a'), { claimSource: 'by hand' });
    await world.claim([group(raw, clean, other, ['c', 'a'])], { claimSource: 'parser' });
    expect(await world.claim(of('b', 'c'), { claimSource: 'parser', scope: 'TRANSFORMATION' })).toEqual({
      stated: 2,
      ended: 1,
    });
    const sources = (await world.lineage(clean, 'a', { direction: 'UPSTREAM' })).edges.map(({ claims }) =>
      claims.map(({ source }) => source).sort(),
    );
    expect(sources.sort()).toEqual([['by hand'], ['parser'], ['parser', 'parser']]);
    await world.claim([], { claimSource: 'parser', scope: 'TRANSFORMATION', transformation: via.id });
    expect(reached(await world.lineage(clean, 'a', { direction: 'UPSTREAM' }))).toEqual({ a: 1, c: 1 });
  });

  it('end with what a run says last, and come back when the run is taken back', async () => {
    const [raw, clean, via] = [
      await world.table('raw', ['a', 'b']),
      await world.table('clean', ['a']),
      await world.job(),
    ];
    const [first, second] = [await world.seed.run(via.id, [], []), await world.seed.run(via.id, [], [])];
    const of = (...names: string[]) => [group(raw, clean, via, ...names.map((name): Pair => [name, 'a']))];
    const now = () => new Date().toISOString();
    await world.claim(of('a', 'b'), { run: first, scope: 'RUN' });
    await world.claim(of('b'), { run: second, scope: 'RUN' });
    await world.claim(of('a'), { run: first, scope: 'RUN', validFrom: now() });
    expect(reached(await world.lineage(raw, null))).toEqual({ a: 1 });
    expect((await world.lineage(raw, 'b')).totalCount).toBe(1);
    await world.retract({ run: second });
    expect((await world.lineage(raw, 'b')).totalCount).toBe(0);
    expect((await world.lineage(raw, 'a')).totalCount).toBe(1);
    await world.claim([], { run: first, scope: 'RUN', validFrom: now() });
    expect((await world.lineage(raw, 'a')).totalCount).toBe(0);
    await world.retract({ run: first });
    expect((await world.lineage(raw, 'a')).totalCount).toBe(0);
  });

  it('answer on both clocks: a late report is true before it was known, and what is taken back was known until then', async () => {
    const [raw, clean, via] = [
      await world.table('raw', ['a', 'b']),
      await world.table('clean', ['a']),
      await world.job(),
    ];
    const before = new Date(Date.now() - 3_600_000).toISOString();
    const early = new Date(Date.now() - 7_200_000).toISOString();
    const start = await moment();
    await world.claim([group(raw, clean, via, ['a', 'a'])], { validFrom: early, validUntil: before });
    await world.claim([group(raw, clean, via, ['b', 'a'])], { validFrom: before });
    const known = await moment();
    const at = async (name: string, more: object) => (await world.lineage(raw, name, { ...more })).totalCount;
    expect(await at('a', {})).toBe(0);
    expect(await at('a', { asOf: early })).toBe(1);
    expect(await at('b', { asOf: early })).toBe(0);
    expect(await at('a', { asOf: early, knownAt: start })).toBe(0);
    await world.retract({ flows: [group(raw, clean, via, ['b', 'a'])], from: known });
    const ended = await moment();
    expect(await at('b', {})).toBe(0);
    expect(await at('b', { asOf: before })).toBe(1);
    expect(await at('b', { knownAt: known })).toBe(1);
    await world.retract({ flows: [group(raw, clean, via, ['b', 'a'])] });
    expect(await at('b', { asOf: before })).toBe(0);
    expect(await at('b', { asOf: before, knownAt: ended })).toBe(1);
  });
});

describe('a field that changes', () => {
  it('has no lineage once it was removed, has it as of before, and again when it comes back', async () => {
    const { raw, clean, mart } = await world.chain();
    const there = await moment();
    await world.setFields(clean, ['age']);
    const gone = await moment();
    expect((await world.lineage(raw, 'email')).totalCount).toBe(0);
    expect(reached(await world.lineage(mart, 'contact', { direction: 'UPSTREAM' }))).toEqual({ age: 2 });
    expect(reached(await world.lineage(raw, 'email', { asOf: there }))).toEqual({ email_hash: 1, contact: 2 });
    const asked = await world.owner.error(LINEAGE, { dataset: clean.id, field: 'email_hash' });
    expect(asked.message).toMatch(/The field "email_hash" of .* was removed at .* Ask with `asOf` before that\./);
    expect(reached(await world.lineage(clean, 'email_hash', { asOf: there }))).toEqual({ contact: 1 });
    await world.setFields(clean, ['age', 'email_hash']);
    expect(reached(await world.lineage(raw, 'email'))).toEqual({ email_hash: 1, contact: 2 });
    expect((await world.lineage(raw, 'email', { asOf: gone })).totalCount).toBe(0);
    expect((await world.lineage(raw, 'email', { knownAt: gone })).totalCount).toBe(0);
  });

  it('can be named in a late report of the time when it was there, and not in one of later', async () => {
    const [raw, clean, via] = [
      await world.table('raw', ['a', 'b']),
      await world.table('clean', ['a']),
      await world.job(),
    ];
    const there = await moment();
    await world.setFields(raw, ['a']);
    const flows = [group(raw, clean, via, ['b', 'a'])];
    const { code, message } = await world.refusal({ flows });
    expect(code).toBe('NOT_FOUND');
    expect(message).toMatch(/was removed at .* State with `validFrom` before that/);
    await world.claim(flows, { validFrom: there });
    expect((await world.lineage(clean, 'a', { direction: 'UPSTREAM' })).totalCount).toBe(0);
    expect((await world.lineage(clean, 'a', { direction: 'UPSTREAM', asOf: there })).totalCount).toBe(1);
  });

  it('keeps its lineage when its data set is renamed, and is shown with the name of then', async () => {
    const { raw, clean } = await world.chain();
    const before = await moment();
    await world.owner.data('mutation ($input: RenameAssetInput!) { renameAsset(input: $input) { asset { id } } }', {
      input: { ref: clean.id, name: world.named('renamed') },
    });
    const datasets = async (more: object) =>
      (await world.lineage(raw, 'age', { depth: 1, ...more })).steps[0]?.field?.dataset?.name;
    expect(await datasets({})).toMatch(/^renamed-/);
    expect(await datasets({ asOf: before })).toMatch(/^clean-/);
  });
});

describe('bad input about fields', () => {
  it('is refused with the name that was meant', async () => {
    const { raw, clean, tidy } = await world.chain();
    const unknown = await world.refusal({ flows: [group(raw, clean, tidy, ['emial', 'email_hash'])] });
    expect(unknown).toEqual({
      code: 'NOT_FOUND',
      message: expect.stringMatching(/has no field "emial"\. Did you mean "email"\?/) as string,
    });
    const far = await world.owner.error(LINEAGE, { dataset: raw.id, field: 'something' });
    expect(far.message).toMatch(/has no field "something"\. It has "email", "age", "unused"\./);
    const bare = await world.seed.dataset(world.named('bare'));
    expect((await world.owner.error(LINEAGE, { dataset: bare.id, field: 'a' })).message).toMatch(/no fields yet/);
    expect((await world.lineage(bare, null)).totalCount).toBe(0);
  });

  it('is refused: a field into itself, other kinds, contradictions, other runs, the future', async () => {
    const { raw, clean, tidy, build } = await world.chain();
    const flows = (...pairs: Pair[]) => ({ flows: [group(raw, clean, tidy, ...pairs)] });
    const fine = flows(['age', 'age']);
    const run = await world.seed.run(build.id, [], []);
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
      expect(await world.refusal(input), JSON.stringify(input)).toEqual({
        code,
        message: expect.stringMatching(message) as string,
      });
    }
    const many = (length: number): object => ({
      ...group(raw, clean, tidy),
      fields: Array.from({ length }, () => ({ source: '', target: '' })),
    });
    expect(await world.refusal({ flows: [many(10_001)] })).toEqual({
      code: 'LIMIT_EXCEEDED',
      message: '`input.flows[0].fields` has 10001 items; at most 10000 are possible.',
    });
    expect(await world.refusal({ flows: [many(5_000), many(5_001)] })).toEqual({
      code: 'LIMIT_EXCEEDED',
      message: '10001 flows at once; at most 10000 are possible. Send them in several calls.',
    });
    const outsider = await server.user();
    expect((await world.refusal(fine, outsider)).code).toBe('FORBIDDEN');
    expect((await world.owner.error(RETRACT, { input: {} })).message).toMatch(/Say with one of `flows`/);
    expect((await world.owner.error(RETRACT, { input: { everything: true } })).extensions.code).toBe('FORBIDDEN');
  });

  it('is refused in a question: depth, first, times, and a cursor of another list', async () => {
    const { raw } = await world.chain();
    const ask = async (more: object) => world.owner.error(LINEAGE, { dataset: raw.id, ...more });
    for (const depth of [0, -1, 10_001]) {
      expect((await ask({ depth })).message).toBe(`\`depth\` is ${depth}; it must be from 1 to 10000.`);
    }
    expect((await ask({ first: 0 })).extensions.code).toBe('BAD_USER_INPUT');
    expect((await ask({ first: 5_001 })).extensions.code).toBe('LIMIT_EXCEEDED');
    expect((await ask({ asOf: new Date(Date.now() + 3_600_000).toISOString() })).message).toMatch(
      /`asOf` is .* future/,
    );
    const { lineage: other } = await world.owner.data<{ lineage: { pageInfo: { endCursor: string | null } } }>(
      '{ lineage(of: ["' + raw.id + '"], direction: BOTH) { pageInfo { endCursor } } }',
    );
    expect(other.pageInfo.endCursor).toBeNull();
    expect((await ask({ after: 'nonsense' })).extensions.code).toBe('BAD_USER_INPUT');
    const job1 = await world.job();
    await world.seed.flow([raw.id, job1.id]);
    const again = await world.owner.data<{ lineage: { pageInfo: { endCursor: string } } }>(
      '{ lineage(of: ["' + raw.id + '"], direction: BOTH) { pageInfo { endCursor } } }',
    );
    expect((await ask({ after: again.lineage.pageInfo.endCursor })).message).toMatch(/belongs to another list/);
    expect((await world.owner.error(LINEAGE, { dataset: job1.id })).message).toMatch(/Only data sets have fields/);
    expect((await world.owner.error(LINEAGE, { dataset: 'nothing' })).extensions.code).toBe('NOT_FOUND');
  });
});
