import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Shown {
  name: string;
  urn: string;
  tags: string[];
  description: string | null;
  retiredAt: string | null;
  owners: { role: string; owner: { id: string } }[];
  fields?: { name: string }[];
}

const FIND = `query ($ref: AssetRef!, $asOf: DateTime, $knownAt: DateTime) { asset(ref: $ref, asOf: $asOf, knownAt: $knownAt) {
  name urn tags description retiredAt owners { role owner { id } } ... on Dataset { fields { name } } } }`;

let server: TestWeftline;
let owner: Client;
let admin: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, admin] = [await server.user(), await server.user({ role: 'ADMIN' })];
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

async function find(ref: string, clocks: { asOf?: string; knownAt?: string } = {}, as = owner): Promise<Shown | null> {
  return (await as.data<{ asset: Shown | null }>(FIND, { ref, ...clocks })).asset;
}

const change = (mutation: string, input: string, as = owner): Promise<unknown> =>
  as.data(`mutation { ${mutation}(input: ${input}) { asset { id } } }`);

/** The same question on each clock, and on both with the other one later. */
const onBothClocks = (then: string, later: string) => [
  { asOf: then },
  { knownAt: then },
  { asOf: then, knownAt: later },
  { asOf: later, knownAt: then },
];

describe('An asset on both clocks', () => {
  it('renamed five times is found by each of its urns, with the name of each time', { timeout: 300_000 }, async () => {
    const asset = await seed.dataset('name-0');
    const [urns, times] = [[asset.urn], [await betweenWrites()]];
    for (const name of ['name-1', 'name-2', 'name-3', 'name-4', 'name-5']) {
      await change('renameAsset', `{ ref: "${asset.id}", name: "${name}" }`);
      urns.push((await find(asset.id))?.urn ?? '');
      times.push(await betweenWrites());
    }
    expect(new Set(urns).size).toBe(6);
    const later = times.at(-1) ?? '';
    for (const urn of [asset.id, ...urns]) {
      expect((await find(urn))?.name).toBe('name-5');
      for (const [index, time] of times.entries()) {
        for (const clocks of onBothClocks(time, later)) {
          expect(await find(urn, clocks)).toMatchObject({ name: `name-${index}`, urn: urns[index] });
        }
      }
    }
  });

  it('has the fields, tags, description, owners and retirement of then', { timeout: 300_000 }, async () => {
    const [second, team] = [await server.user(), await server.team(owner)];
    const fields = (names: string[]): string => `[${names.map((name) => `{ name: "${name}" }`).join(', ')}]`;
    const { id } = await seed.dataset('changing', { fields: [{ name: 'a' }], tags: ['raw'], description: 'First' });
    const first = await betweenWrites();
    await change(
      'updateAsset',
      `{ ref: "${id}", fields: ${fields(['a', 'b'])}, tags: ["gold"], description: "Second" }`,
    );
    const widened = await betweenWrites();
    const owners = `[{ owner: "${team}" }, { owner: "${second.userId}", role: STEWARD }]`;
    await change('setOwners', `{ ref: "${id}", owners: ${owners} }`);
    const shared = await betweenWrites();
    await change('retireAsset', `{ ref: "${id}", retired: true }`);
    const retired = await betweenWrites();
    await change('retireAsset', `{ ref: "${id}", retired: false }`);
    await change('updateAsset', `{ ref: "${id}", fields: ${fields(['c'])} }`);
    const own = [{ role: 'OWNER', owner: { id: owner.userId } }];
    const both = [
      { role: 'OWNER', owner: { id: team } },
      { role: 'STEWARD', owner: { id: second.userId } },
    ];
    const expected: [string, Partial<Shown>][] = [
      [first, { fields: [{ name: 'a' }], tags: ['raw'], description: 'First', owners: own, retiredAt: null }],
      [widened, { fields: [{ name: 'a' }, { name: 'b' }], tags: ['gold'], description: 'Second', owners: own }],
      [shared, { owners: both, retiredAt: null }],
      [retired, { owners: both, fields: [{ name: 'a' }, { name: 'b' }] }],
    ];
    const now = await betweenWrites();
    for (const [time, shown] of expected) {
      for (const clocks of onBothClocks(time, now)) expect(await find(id, clocks)).toMatchObject(shown);
    }
    expect((await find(id, { asOf: retired }))?.retiredAt).not.toBeNull();
    expect(await find(id)).toMatchObject({ owners: both, fields: [{ name: 'c' }], retiredAt: null });
  });

  it('has the owners of then when ownership was offered and accepted', async () => {
    const { id } = await seed.model('handed-over');
    const before = await betweenWrites();
    const heir = await server.user();
    const offer = `mutation { offerOwnership(input: { ref: "${id}", to: "${heir.userId}" }) { offer { id } } }`;
    const { offerOwnership } = await owner.data<{ offerOwnership: { offer: { id: string } } }>(offer);
    const decide = `mutation { decideOwnershipOffer(input: { offer: "${offerOwnership.offer.id}", accept: true }) { offer { id } } }`;
    await heir.data(decide);
    const after = await betweenWrites();
    const ids = async (clocks: { asOf?: string }) =>
      (await find(id, clocks, heir))?.owners.map((each) => each.owner.id) ?? null;
    expect(await ids({ asOf: before })).toEqual([owner.userId]);
    expect(await ids({ asOf: after })).toEqual([heir.userId]);
    expect(await ids({})).toEqual([heir.userId]);
  });

  it('is asked who may see it today', async () => {
    const { id } = await seed.dataset('closed-later');
    const open = await betweenWrites();
    await change('updateAsset', `{ ref: "${id}", visibility: RESTRICTED }`);
    const stranger = await server.user();
    expect(await find(id, { asOf: open }, stranger)).toBeNull();
    const shown = `{ asset(ref: "${id}", asOf: "${open}") { visibility } }`;
    expect(await owner.data(shown)).toEqual({ asset: { visibility: 'DISCOVERABLE' } });
  });

  it('is null before its first record, and refuses a time in the future, naming the clock', async () => {
    const early = await betweenWrites();
    const { id } = await seed.dataset('late');
    for (const clocks of onBothClocks(early, await betweenWrites())) expect(await find(id, clocks)).toBeNull();
    const future = new Date(Date.now() + 3_600_000).toISOString();
    for (const clock of ['asOf', 'knownAt']) {
      const { message, extensions } = await owner.error(FIND, { ref: id, [clock]: future });
      expect(extensions.code).toBe('BAD_USER_INPUT');
      expect(message).toContain(`\`${clock}\` is ${future}, which is in the future`);
    }
  });
});

describe('An auditor session', () => {
  it('shows the owners of its time, in lookups, lists and search', async () => {
    const { id } = await seed.dataset('session-owned');
    const before = await betweenWrites();
    await change('setOwners', `{ ref: "${id}", owners: [{ owner: "${await server.team(owner)}" }] }`);
    const open = `mutation { openAuditorSession(input: { auditor: "A", reason: "R", asOf: "${before}" }) { secret session { id } } }`;
    interface Opened {
      openAuditorSession: { secret: string; session: { id: string } };
    }
    const { secret, session } = (await admin.data<Opened>(open)).openAuditorSession;
    const auditor = new Client(server.address, secret, session.id);
    const owners = [{ owner: { id: owner.userId } }];
    const filter = `filter: { namespaces: ["${server.namespace}"], nameContains: "session-owned" }`;
    expect(await auditor.data(`{ asset(ref: "${id}") { owners { owner { id } } } }`)).toEqual({ asset: { owners } });
    expect(await auditor.data(`{ assets(${filter}) { nodes { owners { owner { id } } } } }`)).toEqual({
      assets: { nodes: [{ owners }] },
    });
    const later = new Date(Date.parse(before) + 1).toISOString();
    expect(await auditor.code(FIND, { ref: id, knownAt: later })).toBe('BAD_USER_INPUT');
  });
});
