/** Grants by which code lowers a label: asked for, approved by two others, ended, void with new code. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const SHOWN = 'declassificationGrant { id state voidedAt approvals { isAdmin by { id } } end { reason by { id } } }';
const REQUEST = `mutation ($input: RequestDeclassificationInput!) { made: requestDeclassification(input: $input) { ${SHOWN} } }`;
const APPROVE = `mutation ($input: ApproveDeclassificationInput!) { made: approveDeclassification(input: $input) { ${SHOWN} } }`;
const REJECT = `mutation ($input: EndDeclassificationInput!) { made: rejectDeclassification(input: $input) { ${SHOWN} } }`;
const REVOKE = `mutation ($input: EndDeclassificationInput!) { made: revokeDeclassification(input: $input) { ${SHOWN} } }`;
const ONE = `query ($id: ID!) { declassificationGrant(id: $id) { id state voidedAt approvals { isAdmin by { id } } end { reason by { id } } } }`;
const LABEL = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';
const EFFECTIVE = `query ($id: ID!, $validAt: DateTime) { node(id: $id) { ... on DatasetVersion { labels(validAt: $validAt) {
  effective(dimension: "classification") { values origins { witness { grants } } } } } } }`;
const UPDATE = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }';
const CODE = { repository: 'https://example.org/code', revision: 'a'.repeat(40), path: 'clean.py' };
const HOUR = 3_600_000;

interface Shown {
  id: string;
  state: string;
  voidedAt: string | null;
  approvals: { isAdmin: boolean; by: { id: string } }[];
  end: { reason: string; by: { id: string } } | null;
}

let server: TestWeftline;
let owner: Client;
let author: Client;
let boss: Client;
let deputy: Client;
let ahead = 0;
let worlds = 0;
beforeAll(async () => {
  server = await startTestWeftline({ now: () => new Date(Date.now() + ahead) });
  [owner, author] = [await server.user(), await server.user()];
  [boss, deputy] = [await server.user({ role: 'ADMIN' }), await server.user({ role: 'ADMIN' })];
});
afterAll(() => server.stop());

const soon = (): string => new Date(Date.now() + ahead + HOUR).toISOString();
const grantOf = async (as: Client, query: string, input: Record<string, unknown>): Promise<Shown> =>
  (await as.data<{ made: { declassificationGrant: Shown } }>(query, { input })).made.declassificationGrant;
const shown = async (as: Client, id: string): Promise<Shown | null> =>
  (await as.data<{ declassificationGrant: Shown | null }>(ONE, { id })).declassificationGrant;

/** Confidential data of the owner, which code of the author makes into something else. */
class World {
  private constructor(
    readonly raw: SeededAsset,
    readonly job: SeededAsset,
    readonly made: string,
    private readonly seed: Seed,
    private readonly target: SeededAsset,
  ) {}

  static async open(more: Record<string, unknown> = {}): Promise<World> {
    worlds += 1;
    const [own, writes] = [new Seed(owner, server.namespace), new Seed(author, `${server.namespace}-code`)];
    const raw = await own.dataset(`raw-${worlds}`);
    const target = await writes.dataset(`target-${worlds}`);
    const job = await writes.transformation(`clean-${worlds}`, { codeRef: CODE, ...more });
    const from = await own.datasetVersion(raw.id);
    await owner.data(LABEL, { input: { asset: raw.id, dimension: 'classification', values: ['CONFIDENTIAL'] } });
    const made = await writes.datasetVersion(target.id);
    await writes.run(job.id, [from], [made]);
    return new World(raw, job, made, writes, target);
  }

  /** Another version, made of the same by the code of today. */
  async again(version: string, facets: Record<string, unknown> = {}): Promise<string> {
    const from = await new Seed(owner, server.namespace).datasetVersion(this.raw.id, version);
    const made = await this.seed.datasetVersion(this.target.id, version);
    const start = 'mutation ($input: StartRunInput!) { startRun(input: $input) { run { id } } }';
    const { startRun } = await author.data<{ startRun: { run: { id: string } } }>(start, {
      input: { transformation: this.job.id, inputs: [from], facets },
    });
    const finish = 'mutation ($input: FinishRunInput!) { finishRun(input: $input) { run { id } } }';
    await author.data(finish, { input: { run: startRun.run.id, outputs: [made] } });
    return made;
  }

  asked(more: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      ...{ transformation: this.job.id, dimension: 'classification', from: ['CONFIDENTIAL'], to: ['INTERNAL'] },
      ...{ reason: 'names are gone', expiresAt: soon(), ...more },
    };
  }

  request(more: Record<string, unknown> = {}): Promise<Shown> {
    return grantOf(author, REQUEST, this.asked(more));
  }

  async live(more: Record<string, unknown> = {}): Promise<Shown> {
    const { id } = await this.request(more);
    for (const admin of [boss, deputy]) await grantOf(admin, APPROVE, { grant: id });
    return (await shown(author, id)) ?? expect.fail('The grant is not there.');
  }

  changeCode(codeRef: Record<string, unknown>): Promise<unknown> {
    return author.data(UPDATE, { input: { ref: this.job.id, codeRef } });
  }
}

async function levelOf(id: string, validAt: string | null = null, as = owner) {
  const { node } = await as.data<{
    node: { labels: { effective: { values: string[]; origins: { witness: { grants: string[] } }[] }[] } };
  }>(EFFECTIVE, { id, validAt });
  const [label] = node.labels.effective;
  return { values: label?.values, grants: label?.origins[0]?.witness.grants };
}

describe('A grant', () => {
  it('lowers once an owner of the data and an ADMIN have approved it, and no sooner', async () => {
    const world = await World.open();
    const { id, state } = await world.request();
    expect(state).toBe('REQUESTED');
    const one = await grantOf(owner, APPROVE, { grant: id });
    expect(one).toMatchObject({ state: 'REQUESTED', approvals: [{ isAdmin: false, by: { id: owner.userId } }] });
    expect(await levelOf(world.made)).toEqual({ values: ['CONFIDENTIAL'], grants: [] });
    expect((await grantOf(owner, APPROVE, { grant: id })).approvals).toHaveLength(1);
    expect(await grantOf(boss, APPROVE, { grant: id })).toMatchObject({ state: 'ACTIVE' });
    expect(await levelOf(world.made)).toEqual({ values: ['INTERNAL'], grants: [id] });
    const before = new Date(Date.now() - HOUR).toISOString();
    expect((await levelOf(world.made, before)).values).not.toEqual(['INTERNAL']);
  });

  it('is named on the way of a label to those alone who see its transformation', async () => {
    const world = await World.open();
    const { id } = await world.live();
    expect(await levelOf(world.made)).toEqual({ values: ['INTERNAL'], grants: [id] });
    await author.data(UPDATE, { input: { ref: world.job.id, visibility: 'RESTRICTED' } });
    expect(await levelOf(world.made)).toEqual({ values: ['INTERNAL'], grants: [] });
    expect(await shown(owner, id)).toBeNull();
    expect(await levelOf(world.made, null, author)).toEqual({ values: ['INTERNAL'], grants: [id] });
  });

  it('that is revoked lowers nothing any more, and says why', async () => {
    const world = await World.open();
    const { id } = await world.live();
    expect(await levelOf(world.made)).toMatchObject({ values: ['INTERNAL'] });
    expect(await grantOf(owner, REVOKE, { grant: id, reason: 'found out' })).toMatchObject({
      ...{ state: 'REVOKED', end: { reason: 'found out', by: { id: owner.userId } } },
    });
    expect(await levelOf(world.made)).toMatchObject({ values: ['CONFIDENTIAL'] });
    expect(await boss.code(REVOKE, { input: { grant: id, reason: 'again' } })).toBe('CONFLICT');
    expect(await boss.code(APPROVE, { input: { grant: id } })).toBe('CONFLICT');
  });

  it('that is rejected is never approved', async () => {
    const world = await World.open();
    const { id } = await world.request();
    expect(await grantOf(boss, REJECT, { grant: id, reason: 'no' })).toMatchObject({ state: 'REJECTED' });
    expect((await deputy.error(APPROVE, { input: { grant: id } })).message).toContain('is REJECTED already');
  });

  it('expires, and what it lowered is high again', async () => {
    const world = await World.open();
    const { id } = await world.live();
    ahead = 2 * HOUR;
    try {
      expect(await shown(author, id)).toMatchObject({ state: 'EXPIRED' });
      expect(await levelOf(world.made)).toMatchObject({ values: ['CONFIDENTIAL'] });
    } finally {
      ahead = 0;
    }
  });

  it('is void with new code, also once the former code is back; what its very code made stays lowered', async () => {
    const world = await World.open();
    const [{ id }, waiting] = [await world.live(), await world.request()];
    await world.changeCode({ ...CODE, revision: 'b'.repeat(40) });
    const other = await world.again('other');
    expect(await shown(author, id)).toMatchObject({ state: 'VOID', voidedAt: expect.any(String) as string });
    expect(await levelOf(other)).toMatchObject({ values: ['CONFIDENTIAL'] });
    await world.changeCode(CODE);
    const back = await world.again('back');
    expect(await shown(author, id)).toMatchObject({ state: 'VOID' });
    expect(await levelOf(back)).toMatchObject({ values: ['CONFIDENTIAL'] });
    expect(await levelOf(world.made)).toEqual({ values: ['INTERNAL'], grants: [id] });
    const error = await boss.error(APPROVE, { input: { grant: waiting.id } });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain('has had other code since');
  });

  it('stays for a change that is none of the code', async () => {
    const world = await World.open();
    const { id } = await world.live();
    await author.data(UPDATE, { input: { ref: world.job.id, description: 'Takes names away.' } });
    expect(await shown(author, id)).toMatchObject({ state: 'ACTIVE', voidedAt: null });
  });

  it('lowers only where the run says what its conditions ask for', async () => {
    const world = await World.open();
    await world.live({ conditions: [{ facet: '/anonymity/k', atLeast: 10 }] });
    expect(await levelOf(world.made)).toMatchObject({ values: ['CONFIDENTIAL'] });
    expect(await levelOf(await world.again('few', { anonymity: { k: 9 } }))).toMatchObject({
      values: ['CONFIDENTIAL'],
    });
    expect(await levelOf(await world.again('text', { anonymity: { k: '12' } }))).toMatchObject({
      values: ['CONFIDENTIAL'],
    });
    expect(await levelOf(await world.again('many', { anonymity: { k: 12 } }))).toMatchObject({ values: ['INTERNAL'] });
  });
});

describe('Who has a word on it', () => {
  it('is neither who asked nor who wrote the code, nor two owners without an ADMIN, nor anybody else', async () => {
    const world = await World.open();
    await author
      .data('mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { __typename } }', {
        input: { ref: world.raw.id, description: 'mine?' },
      })
      .catch(() => null);
    const { id } = await world.request();
    const refused = async (as: Client) => (await as.error(APPROVE, { input: { grant: id } })).message;
    expect(await refused(author)).toContain('is for an ADMIN to decide');
    expect(await refused(await server.user())).toContain('is for an ADMIN to decide');
    await deputy.data(UPDATE, { input: { ref: world.job.id, description: 'Mended.' } });
    expect(await refused(deputy)).toContain('that you registered or changed');
    const own = await grantOf(boss, REQUEST, world.asked());
    expect((await boss.error(APPROVE, { input: { grant: own.id } })).message).toContain('was asked for by you');
    const second = await server.user();
    const team = await server.team(owner, second);
    await owner.data('mutation ($input: SetOwnersInput!) { setOwners(input: $input) { __typename } }', {
      input: { ref: world.raw.id, owners: [{ owner: team, role: 'OWNER' }] },
    });
    await grantOf(owner, APPROVE, { grant: id });
    expect(await refused(second)).toContain('one of the two who approve is an ADMIN');
    expect(await shown(author, id)).toMatchObject({ state: 'REQUESTED' });
  });

  it('counts once when they say it twice at the same time; two count as two', async () => {
    const world = await World.open();
    const [twice, both] = [await world.request(), await world.request()];
    await Promise.all([1, 2, 3].map(() => grantOf(boss, APPROVE, { grant: twice.id })));
    expect(await shown(author, twice.id)).toMatchObject({ state: 'REQUESTED', approvals: [{ isAdmin: true }] });
    await Promise.all([boss, deputy].map((admin) => grantOf(admin, APPROVE, { grant: both.id })));
    const after = await shown(author, both.id);
    expect(after?.state).toBe('ACTIVE');
    expect(after?.approvals.map(({ by }) => by.id).sort()).toEqual([boss, deputy].map(({ userId }) => userId).sort());
  });

  it('leaves each word, and each word that was refused, in the audit log', async () => {
    const world = await World.open();
    const { id } = await world.live();
    await grantOf(author, REVOKE, { grant: id, reason: 'over' });
    const stranger = await server.user();
    await stranger.code(APPROVE, { input: { grant: id } });
    const log = async (filter: Record<string, unknown>) =>
      (
        await boss.data<{ audit: { nodes: { action: string; outcome: string; reason: string | null }[] } }>(
          'query ($filter: AuditFilter) { audit(filter: $filter) { nodes { action outcome reason } } }',
          { filter },
        )
      ).audit.nodes;
    expect((await log({ target: id, outcome: 'DONE' })).map(({ action }) => action).sort()).toEqual([
      ...['declassification:approve', 'declassification:approve'],
      ...['declassification:request', 'declassification:revoke'],
    ]);
    expect(await log({ actor: stranger.userId, outcome: 'DENIED' })).toMatchObject([{ outcome: 'DENIED' }]);
  });
});

describe('What is asked for', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });

  it.each([
    [{ dimension: 'colour' }, 'There is no dimension "colour". There are classification,'],
    [{ from: ['SECRET'] }, '"SECRET" is no value of `classification`. Give one of PUBLIC,'],
    [{ to: ['INTERNAL', 'PUBLIC'] }, '`classification` takes one value; 2 were given'],
    [{ from: ['INTERNAL'], to: ['RESTRICTED'] }, 'To raise is free and needs no grant: declare the label'],
    [{ from: ['INTERNAL'], to: ['INTERNAL'] }, 'that lowers nothing'],
    [{ from: [] }, '`from` is empty'],
    [{ dimension: 'regions', from: ['EU'], to: ['US'] }, 'a grant takes no `from`'],
    [{ dimension: 'personalData', from: ['email'], to: ['email', 'name'] }, 'To raise is free'],
    [{ dimension: 'licences', from: ['MIT AND'], to: ['MIT'] }, '"MIT AND" is no value of `licences`'],
    [{ dimension: 'quality', from: ['0.9'], to: ['0.5'] }, 'To raise is free'],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, 'which is not after'],
    [{ expiresAt: '2200-01-01T00:00:00Z' }, 'a grant lives at most 366 days'],
    [{ reason: '  ' }, '`reason` is empty'],
    [{ command: [] }, '`command` is empty'],
    [{ conditions: [{ facet: 'k', atLeast: 1 }] }, '"k" is no JSON pointer'],
    [{ conditions: [{ facet: '/k' }] }, 'asks nothing'],
    [{ conditions: [{ facet: '/k', equals: 'a', atLeast: 1 }] }, 'one value and for a range'],
    [{ conditions: [{ facet: '/k', atMost: 1, atLeast: 2 }] }, 'nothing is both'],
  ])('is refused by name: %j', async (given, why) => {
    expect((await author.error(REQUEST, { input: world.asked(given) })).message).toContain(why);
  });

  it('needs EDIT on a transformation whose code is told exactly', async () => {
    expect(await owner.code(REQUEST, { input: world.asked() })).toBe('FORBIDDEN');
    expect((await owner.error(REQUEST, { input: world.asked({ transformation: world.raw.id }) })).message).toContain(
      'is a DATASET; a TRANSFORMATION lowers labels',
    );
    const vague = await World.open({ codeRef: { ...CODE, revision: 'main' } });
    const error = await author.error(REQUEST, { input: vague.asked() });
    expect(error.extensions.code).toBe('CONFLICT');
    expect(error.message).toContain('Nothing says exactly which code');
  });

  it('is answered as missing to who may not see the transformation', async () => {
    const hidden = await World.open({ visibility: 'RESTRICTED' });
    const { id } = await hidden.request();
    const stranger = await server.user();
    expect(await shown(stranger, id)).toBeNull();
    const told = async (grant: string) =>
      (await stranger.error(APPROVE, { input: { grant } })).message.replace(grant, 'ID');
    expect(await told(id)).toBe(await told('none'));
    const { asset } = await author.data<{ asset: { declassificationGrants: { totalCount: number; nodes: Shown[] } } }>(
      'query ($ref: AssetRef!) { asset(ref: $ref) { ... on Transformation { declassificationGrants { totalCount nodes { id state } } } } }',
      { ref: hidden.job.id },
    );
    expect(asset.declassificationGrants).toEqual({ totalCount: 1, nodes: [{ id, state: 'REQUESTED' }] });
  });

  it('is to a frozen session as it was then', async () => {
    const { id } = await world.request();
    await grantOf(boss, APPROVE, { grant: id });
    const auditor = await server.user({ role: 'ADMIN' });
    const { openAuditorSession } = await auditor.data<{ openAuditorSession: { secret: string } }>(
      'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret } }',
    );
    await delay(5);
    await grantOf(deputy, APPROVE, { grant: id });
    await grantOf(author, REVOKE, { grant: id, reason: 'later' });
    const frozen = new Client(server.address, openAuditorSession.secret, '');
    expect(await shown(frozen, id)).toMatchObject({ state: 'REQUESTED', approvals: [{ isAdmin: true }], end: null });
    expect(await shown(author, id)).toMatchObject({ state: 'REVOKED', end: { reason: 'later' } });
  });
});
