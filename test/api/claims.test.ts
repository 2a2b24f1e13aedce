import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const CLAIM = `mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) {
  ended edges { source target claims { id source method validFrom validUntil run { id } } } } }`;
const RETRACT = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted ended } }';
const LINEAGE = `query ($of: [AssetRef!]!, $asOf: DateTime, $knownAt: DateTime) {
  lineage(of: $of, direction: BOTH, depth: 1, asOf: $asOf, knownAt: $knownAt) {
    edges { source target claims { id source validFrom validUntil recordedAt run { id } } } } }`;
const HISTORY = `query ($source: AssetRef!, $target: AssetRef!, $knownAt: DateTime, $includePast: Boolean, $claimSource: String, $first: Int, $after: String) {
  lineageClaims(source: $source, target: $target, knownAt: $knownAt, includePast: $includePast, claimSource: $claimSource, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { id source method scope validFrom validUntil coveredFrom recordedAt retractedAt run { id } by { id } } } }`;

interface Claim {
  id: string;
  source: string;
  validFrom: string;
  validUntil: string | null;
  run: { id: string } | null;
}
interface Edge {
  source: string;
  target: string;
  claims: Claim[];
}
interface Statement extends Claim {
  method: string;
  scope: string;
  coveredFrom: string | null;
  retractedAt: string | null;
}

/** Days of a year that is over; what is recorded, is recorded now. */
const day = (number: number): string => new Date(Date.UTC(2025, 0, number)).toISOString();

let server: TestWeftline;
let owner: Client;
let seed: Seed;
/** The clock of the server runs ahead by what a test asks for, so that what it does lies apart. */
let ahead = 0;
const now = (): Date => new Date(Date.now() + ahead);
const moment = (): string => {
  ahead += 1_000;
  const time = now().toISOString();
  ahead += 1_000;
  return time;
};

let a: SeededAsset;
let b: SeededAsset;
let job: SeededAsset;
let out: SeededAsset;
let fromA: { source: string; target: string };
let fromB: { source: string; target: string };
let toOut: { source: string; target: string };

beforeAll(async () => {
  server = await startTestWeftline({ now });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());
beforeEach(async () => {
  const name = randomBytes(4).toString('hex');
  a = await seed.dataset(`a-${name}`);
  b = await seed.dataset(`b-${name}`);
  job = await seed.transformation(`job-${name}`);
  out = await seed.dataset(`out-${name}`);
  fromA = { source: a.id, target: job.id };
  fromB = { source: b.id, target: job.id };
  toOut = { source: job.id, target: out.id };
});

type Input = Record<string, unknown>;
interface Claimed {
  edges: Edge[];
  ended: number;
}
const claim = async (input: Input): Promise<Claimed> =>
  (await owner.data<{ claimLineage: Claimed }>(CLAIM, { input: { claimSource: 'tool', ...input } })).claimLineage;
const retract = async (input: Input) =>
  (await owner.data<{ retractLineage: object }>(RETRACT, { input: { claimSource: 'tool', ...input } })).retractLineage;
/** A run of the job that began on the day. */
async function runOn(startedAt: string, transformation = job.id): Promise<string> {
  const query = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
  const input = { transformation, startedAt };
  return (await owner.data<{ startRun: { run: { id: string } } }>(query, { input })).startRun.run.id;
}
async function edges(when: { asOf?: string; knownAt?: string } = {}): Promise<Edge[]> {
  return (await owner.data<{ lineage: { edges: Edge[] } }>(LINEAGE, { of: [job.id], ...when })).lineage.edges;
}
/** Which flows hold, and in whose names. */
async function held(when: { asOf?: string; knownAt?: string } = {}): Promise<Record<string, string[]>> {
  const names = new Map([
    [`${a.id} ${job.id}`, 'a'],
    [`${b.id} ${job.id}`, 'b'],
    [`${job.id} ${out.id}`, 'out'],
  ]);
  return Object.fromEntries(
    (await edges(when)).map(({ source, target, claims }) => [
      names.get(`${source} ${target}`) ?? 'other',
      claims.map((each) => each.source).sort(),
    ]),
  );
}
async function history(more: Record<string, unknown> = {}, flow = fromA) {
  interface Page {
    totalCount: number;
    nodes: Statement[];
    pageInfo: { hasNextPage: boolean; endCursor: string };
  }
  return (await owner.data<{ lineageClaims: Page }>(HISTORY, { ...flow, ...more })).lineageClaims;
}

describe('sources', () => {
  it('state the same and different things side by side, and one is taken back without the other', async () => {
    await claim({ flows: [fromA, toOut] });
    await claim({ flows: [fromA, fromB], claimSource: 'manual' });
    expect(await held()).toEqual({ a: ['manual', 'tool'], b: ['manual'], out: ['tool'] });
    expect(await retract({ transformation: job.id })).toEqual({ retracted: 2, ended: 0 });
    expect(await held()).toEqual({ a: ['manual'], b: ['manual'] });
  });

  it('say the same again and change no answer, and no claim', async () => {
    const [first] = (await claim({ flows: [fromA], validFrom: day(3) })).edges;
    const [again] = (await claim({ flows: [fromA], validFrom: day(3) })).edges;
    const [later] = (await claim({ flows: [fromA, fromA] })).edges;
    expect(again?.claims).toEqual(first?.claims);
    expect(later?.claims).toEqual(first?.claims);
    const complete = await claim({ flows: [fromA], scope: 'TRANSFORMATION' });
    expect(complete).toEqual({ ended: 0, edges: [first] });
    expect((await edges())[0]?.claims).toHaveLength(1);
    expect((await history()).totalCount).toBe(4);
  });

  it('keep a hand-made claim through every refresh by a machine', async () => {
    await claim({ flows: [fromA], claimSource: 'manual' });
    for (const flows of [[fromA, fromB], [fromB], []])
      await claim({ flows, scope: 'TRANSFORMATION', transformation: job.id });
    expect(await held()).toEqual({ a: ['manual'] });
  });

  it('may be taken back altogether by an ADMIN, in steps, and nothing else goes', async () => {
    const source = `source of ${server.namespace}`;
    const other = await seed.transformation(`other-${randomBytes(4).toString('hex')}`);
    await claim({ flows: [fromA, { source: a.id, target: other.id }], claimSource: source });
    await claim({ flows: [fromA] });
    expect(await owner.code(RETRACT, { input: { everything: true, claimSource: source } })).toBe('FORBIDDEN');
    const admin = await server.user({ role: 'ADMIN' });
    expect(await admin.data(RETRACT, { input: { everything: true, claimSource: source } })).toEqual({
      retractLineage: { retracted: 2, ended: 0 },
    });
    expect(await held()).toEqual({ a: ['tool'] });
  });
});

describe('complete reports', () => {
  it('of a run end what its source said of that run before and leaves out now', async () => {
    const run = await runOn(day(5));
    await claim({ flows: [fromA, fromB], run });
    await claim({ flows: [toOut] });
    expect(await claim({ flows: [fromA], run, scope: 'RUN', validFrom: day(8) })).toMatchObject({ ended: 1 });
    expect(await held({ asOf: day(7) })).toEqual({ a: ['tool'], b: ['tool'] });
    expect(await held()).toEqual({ a: ['tool'], out: ['tool'] });
  });

  it('of a run leave what other runs stated', async () => {
    const [one, other] = [await runOn(day(5)), await runOn(day(6))];
    await claim({ flows: [fromA], run: one });
    await claim({ flows: [fromA], run: other });
    expect(await claim({ flows: [], run: one, scope: 'RUN', validFrom: day(9) })).toEqual({ ended: 0, edges: [] });
    expect(await held()).toEqual({ a: ['tool'] });
  });

  it('of a transformation end all its source leaves out, and can say that nothing flows any more', async () => {
    await claim({ flows: [fromA, fromB, toOut], validFrom: day(1) });
    await claim({ flows: [fromB], validFrom: day(10), scope: 'TRANSFORMATION' });
    expect(await held()).toEqual({ b: ['tool'] });
    await claim({ flows: [], validFrom: day(20), scope: 'TRANSFORMATION', transformation: job.urn });
    expect(await held()).toEqual({});
    expect(await held({ asOf: day(15) })).toEqual({ b: ['tool'] });
    expect(await held({ asOf: day(5) })).toEqual({ a: ['tool'], b: ['tool'], out: ['tool'] });
  });

  it('hold again when the run that ended them is taken back', async () => {
    const run = await runOn(day(10));
    await claim({ flows: [fromA], validFrom: day(1) });
    await claim({ flows: [fromB], run, scope: 'TRANSFORMATION' });
    expect(await held()).toEqual({ b: ['tool'] });
    const known = moment();
    expect(await retract({ run })).toEqual({ retracted: 1, ended: 0 });
    expect(await held()).toEqual({ a: ['tool'] });
    expect(await held({ asOf: known, knownAt: known })).toEqual({ b: ['tool'] });
  });
});

describe('late and back-dated reports', () => {
  it('land where they belong, whatever came first', async () => {
    await claim({ flows: [fromB], validFrom: day(20), scope: 'TRANSFORMATION' });
    const known = moment();
    await claim({ flows: [fromA], validFrom: day(1) });
    expect(await held()).toEqual({ b: ['tool'] });
    expect(await held({ asOf: day(10) })).toEqual({ a: ['tool'] });
    expect(await held({ asOf: day(10), knownAt: known })).toEqual({});
    await claim({ flows: [toOut], validFrom: day(5), scope: 'TRANSFORMATION' });
    expect(await held({ asOf: day(3) })).toEqual({ a: ['tool'] });
    expect(await held({ asOf: day(10) })).toEqual({ out: ['tool'] });
    expect(await held({ asOf: day(21) })).toEqual({ b: ['tool'] });
  });

  it('of a run that began long ago are true since then', async () => {
    const input = await seed.datasetVersion(a.id);
    const query = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
    const known = moment();
    await owner.data(query, { input: { transformation: job.id, inputs: [input] } });
    await owner.data(query, { input: { transformation: job.id, inputs: [input], startedAt: day(2) } });
    expect(await held({ asOf: day(3) })).toEqual({ a: ['weftline/runs'] });
    expect(await held({ asOf: day(1) })).toEqual({});
    expect(await held({ asOf: day(3), knownAt: known })).toEqual({});
  });
});

describe('taking back', () => {
  it('ends what was true until a time; as known before, it still goes on', async () => {
    await claim({ flows: [fromA], validFrom: day(1) });
    await claim({ flows: [fromA], validFrom: day(15) });
    const known = moment();
    expect(await retract({ flows: [fromA], from: day(10) })).toEqual({ retracted: 1, ended: 1 });
    expect(await held({ asOf: day(9) })).toEqual({ a: ['tool'] });
    expect(await held({ asOf: day(11) })).toEqual({});
    expect(await held({ asOf: day(11), knownAt: known })).toEqual({ a: ['tool'] });
  });

  it('of a run leaves other runs, and no claim in the name of the run', async () => {
    const [one, other] = [await runOn(day(5)), await runOn(day(5))];
    await claim({ flows: [fromA], run: one });
    await claim({ flows: [fromA], run: other });
    expect(await retract({ run: one })).toEqual({ retracted: 1, ended: 0 });
    const [edge] = await edges();
    expect(edge?.claims).toMatchObject([{ run: { id: other }, validFrom: day(5), validUntil: null }]);
  });
});

describe('releases', () => {
  it('end their claim when they are replaced; as known before, it was open', async () => {
    const deployment = await seed.deployment(`live-${randomBytes(4).toString('hex')}`);
    const deploy = async (name: string) => {
      const model = await seed.model(`${name}-${randomBytes(4).toString('hex')}`);
      const modelVersion = await seed.modelVersion(model.id);
      const query =
        'mutation ($input: DeployModelInput!) { deployModel(input: $input) { ... on Release { id } ... on DeployDenied { reasons { rule } } } }';
      await owner.data(query, { input: { modelVersion, deployment: deployment.id } });
      return model.id;
    };
    const sources = async (when: { asOf?: string; knownAt?: string } = {}) => {
      const answer = await owner.data<{ lineage: { edges: Edge[] } }>(LINEAGE, { of: [deployment.id], ...when });
      return answer.lineage.edges.map(({ source, claims }) => [source, claims[0]?.validUntil === null]);
    };
    const first = await deploy('first');
    const then = moment();
    const second = await deploy('second');
    expect(await sources()).toEqual([[second, true]]);
    expect(await sources({ asOf: then })).toEqual([[first, false]]);
    expect(await sources({ asOf: then, knownAt: then })).toEqual([[first, true]]);
  });
});

describe('many at once', () => {
  it('leave what one after the other would', { timeout: 240_000 }, async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        claim({
          flows: index % 2 ? [fromA] : [fromA, fromB],
          scope: index % 3 ? 'TRANSFORMATION' : 'FLOWS',
          validFrom: day(index + 1),
        }),
      ),
    );
    expect(await held({ asOf: day(11) })).toEqual({ a: ['tool'], b: ['tool'] });
    expect(await held()).toEqual({ a: ['tool'] });
    for (let number = 1; number <= 13; number++) {
      for (const { claims } of await edges({ asOf: day(number) })) expect(claims).toHaveLength(1);
    }
  });
});

describe('the history of a flow', () => {
  it('tells every statement, the newest first, with what became of it', async () => {
    const run = await runOn(day(3));
    await claim({ flows: [fromA], run });
    await claim({ flows: [fromA], claimSource: 'manual', validFrom: day(1) });
    await claim({ flows: [], scope: 'TRANSFORMATION', transformation: job.id, validFrom: day(9) });
    const known = moment();
    await retract({ flows: [fromA], claimSource: 'manual' });
    const { nodes, totalCount } = await history();
    expect(totalCount).toBe(2);
    expect(nodes).toMatchObject([
      { source: 'manual', method: 'DECLARED', scope: 'FLOWS', run: null, by: { id: owner.userId }, coveredFrom: null },
      { source: 'tool', method: 'OBSERVED', run: { id: run }, coveredFrom: day(9), retractedAt: null },
    ]);
    expect(nodes[0]?.retractedAt).not.toBeNull();
    expect((await history({ includePast: false })).nodes.map(({ source }) => source)).toEqual(['tool']);
    expect((await history({ knownAt: known, includePast: false })).nodes).toMatchObject([
      { source: 'manual', retractedAt: null },
      { source: 'tool' },
    ]);
    const first = await history({ first: 1 });
    expect(first.pageInfo.hasNextPage).toBe(true);
    const second = await history({ first: 1, after: first.pageInfo.endCursor });
    expect(second.nodes.map(({ source }) => source)).toEqual(['tool']);
    expect((await history({ claimSource: 'manual' })).totalCount).toBe(1);
  });

  it('is not there for who may not see both ends', async () => {
    const secret = await seed.dataset(`secret-${randomBytes(4).toString('hex')}`, { visibility: 'RESTRICTED' });
    await claim({ flows: [{ source: secret.id, target: job.id }] });
    const stranger = await server.user();
    expect(await stranger.code(HISTORY, { source: secret.id, target: job.id })).toBe('NOT_FOUND');
    expect(await owner.code(HISTORY, { ...fromA, knownAt: '2100-01-01T00:00:00Z' })).toBe('BAD_USER_INPUT');
  });
});

describe('what cannot be is refused with what to do', () => {
  const refusal = async (input: Input) => {
    const { extensions, message } = await owner.error(CLAIM, { input });
    return `${extensions.code}: ${message}`;
  };

  it('in a report', async () => {
    const run = await runOn(day(2));
    const other = await seed.transformation(`other-${randomBytes(4).toString('hex')}`);
    const flows = [fromA];
    expect(await refusal({ flows: [{ source: a.id, target: a.id }] })).toMatch(/^BAD_USER_INPUT: .*cannot feed itself/);
    expect(await refusal({ flows: [{ source: a.id, target: b.id }] })).toMatch(/A DATASET can feed a TRANSFORMATION/);
    expect(await refusal({ flows, validFrom: day(5), validUntil: day(5) })).toMatch(/^BAD_USER_INPUT: `validUntil`/);
    expect(await refusal({ flows, validFrom: '2100-01-01T00:00:00Z' })).toMatch(/`validFrom` .* in the future/);
    expect(await refusal({ flows: [] })).toMatch(/^BAD_USER_INPUT: Name at least one flow/);
    expect(await refusal({ flows: [], scope: 'TRANSFORMATION' })).toMatch(/name in `transformation`/);
    expect(await refusal({ flows, scope: 'RUN' })).toMatch(/name it in `run`/);
    expect(await refusal({ flows, transformation: job.id })).toMatch(/is for scope TRANSFORMATION/);
    expect(await refusal({ flows: [], scope: 'TRANSFORMATION', transformation: a.id })).toMatch(/is a DATASET/);
    expect(await refusal({ flows: [{ source: a.id, target: other.id }], run })).toContain(other.urn);
    expect(await refusal({ flows, run: a.id })).toMatch(/^NOT_FOUND: There is no run/);
    expect(await refusal({ flows, claimSource: 'weftline/runs' })).toMatch(/made by Weftline itself/);
    expect(await refusal({ flows, claimSource: 'x'.repeat(201) })).toMatch(/has 201 characters; at most 200/);
    expect(await refusal({ flows, claimSource: ' ' })).toMatch(/`claimSource` is empty/);
    expect(await refusal({ flows: Array.from({ length: 1_001 }, () => fromA) })).toMatch(
      /^LIMIT_EXCEEDED: `input.flows` has 1001 items/,
    );
    expect(await held()).toEqual({});
  });

  it('in taking back', async () => {
    const refused = (input: Input) => owner.error(RETRACT, { input });
    expect((await refused({})).message).toContain('None is given');
    expect((await refused({ flows: [fromA], run: a.id })).message).toContain('`flows` and `run` are given');
    expect((await refused({ flows: [] })).message).toContain('Name at least one flow');
    expect((await refused({ flows: [fromA], from: '2100-01-01T00:00:00Z' })).message).toContain('`from` is');
    expect((await refused({ run: a.id })).extensions.code).toBe('NOT_FOUND');
    expect((await refused({ transformation: a.id })).message).toContain('is a DATASET');
  });

  it('without rights on the transformation, and a hidden run as a missing one', async () => {
    const stranger = await server.user();
    const mine = new Seed(stranger, server.namespace);
    const hidden = await seed.transformation(`hidden-${randomBytes(4).toString('hex')}`, { visibility: 'RESTRICTED' });
    const run = await runOn(day(2), hidden.id);
    const own = await mine.transformation(`own-${randomBytes(4).toString('hex')}`);
    const report = { scope: 'TRANSFORMATION', transformation: job.id, flows: [] };
    expect(await stranger.code(CLAIM, { input: report })).toBe('FORBIDDEN');
    expect(await stranger.code(RETRACT, { input: { transformation: job.id } })).toBe('FORBIDDEN');
    const one = await stranger.error(CLAIM, { input: { run, flows: [{ source: a.id, target: own.id }] } });
    const other = await stranger.error(CLAIM, { input: { run: a.id, flows: [{ source: a.id, target: own.id }] } });
    expect(one.extensions.code).toBe('NOT_FOUND');
    expect(one.message.replace(run, '')).toBe(other.message.replace(a.id, ''));
  });
});
