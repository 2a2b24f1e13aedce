import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endTime, inMinutes, racing, SET_OWNERS, setDisabled, setMembers } from '../support/access.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
let owner: Client;
let other: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  [admin, owner, other] = [await server.user({ role: 'ADMIN' }), await server.user(), await server.user()];
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

const OFFER = `mutation ($input: OfferOwnershipInput!) { offerOwnership(input: $input) {
  offer { id state role urn to { id } replaces { id } offerer { id } asset { id } } } }`;
const DECIDE = `mutation ($input: DecideOwnershipOfferInput!) { decideOwnershipOffer(input: $input) {
  offer { state decision decider { id } asset { id } urn } } }`;
const WITHDRAW =
  'mutation ($input: WithdrawOwnershipOfferInput!) { withdrawOwnershipOffer(input: $input) { offer { state } } }';
const OFFERS = `query ($asset: AssetRef, $states: [OwnershipOfferState!], $side: OwnershipOfferSide) {
  ownershipOffers(asset: $asset, states: $states, side: $side) { totalCount nodes { id state urn } } }`;

interface Offer {
  id: string;
  state: string;
  urn: string | null;
  replaces: { id: string } | null;
}
interface Owner {
  role: string;
  owner: { id: string };
}

const dataset = async (more: Record<string, unknown> = {}): Promise<string> =>
  (await seed.dataset(`owned ${randomUUID()}`, more)).id;

async function offer(as: Client, ref: string, to: string, more: Record<string, unknown> = {}): Promise<Offer> {
  const input = { ref, to, ...more };
  return (await as.data<{ offerOwnership: { offer: Offer } }>(OFFER, { input })).offerOwnership.offer;
}

const decide = (as: Client, id: string, accept: boolean) =>
  as.data<{ decideOwnershipOffer: { offer: Offer } }>(DECIDE, { input: { offer: id, accept, reason: 'so be it' } });

/** Owners as "ROLE id", in order. */
async function ownersOf(ref: string, as = admin): Promise<string[]> {
  const query = 'query ($ref: AssetRef!) { asset(ref: $ref) { owners { role owner { id } } } }';
  const { asset } = await as.data<{ asset: { owners: Owner[] } }>(query, { ref });
  return asset.owners.map(({ role, owner: { id } }) => `${role} ${id}`).sort();
}

const setOwners = (ref: string, ...owners: readonly string[]) => ({
  input: { ref, owners: owners.map((each) => ({ role: each.split(' ')[0], owner: each.split(' ')[1] })) },
});

describe('ownership moves by offer and acceptance', () => {
  it('to whom it is offered, in place of who offers it, and not before', async () => {
    const ref = await dataset({ visibility: 'RESTRICTED' });
    const made = await offer(owner, ref, other.userId, { reason: 'you built it' });
    expect(made).toMatchObject({ state: 'OPEN', role: 'OWNER', replaces: { id: owner.userId }, asset: { id: ref } });
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`]);
    // Who shall decide is told what about, though the asset is still hidden from them.
    const received = await other.data<{ ownershipOffers: { nodes: Offer[] } }>(OFFERS, { side: 'RECEIVED' });
    expect(received.ownershipOffers.nodes.find(({ id }) => id === made.id)?.urn).toBe(made.urn);
    const answer = await decide(other, made.id, true);
    expect(answer.decideOwnershipOffer.offer).toMatchObject({
      ...{ state: 'ACCEPTED', decision: 'so be it', decider: { id: other.userId }, asset: { id: ref } },
    });
    expect(await ownersOf(ref)).toEqual([`OWNER ${other.userId}`]);
    expect(await owner.data('query ($ref: AssetRef!) { asset(ref: $ref) { id } }', { ref })).toEqual({ asset: null });
  });

  it('beside the present owners when nobody is replaced, and as stewardship without a loss', async () => {
    const ref = await dataset();
    await decide(other, (await offer(owner, ref, other.userId, { replaces: null })).id, true);
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`, `OWNER ${other.userId}`].sort());
    const third = await server.user();
    await decide(third, (await offer(owner, ref, third.userId, { role: 'STEWARD' })).id, true);
    expect(await ownersOf(ref)).toContain(`STEWARD ${third.userId}`);
    await decide(third, (await offer(owner, ref, third.userId, { replaces: other.userId })).id, true);
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`, `OWNER ${third.userId}`].sort());
  });

  it('to a team by the word of a member', async () => {
    const [ref, team] = [await dataset(), await server.team(other)];
    const made = await offer(owner, ref, team);
    expect(await owner.code(DECIDE, { input: { offer: made.id, accept: true } })).toBe('FORBIDDEN');
    await decide(other, made.id, true);
    expect(await ownersOf(ref)).toEqual([`OWNER ${team}`]);
  });

  it('or stays, when it is declined, and who declined is told no more of it', async () => {
    const ref = await dataset({ visibility: 'RESTRICTED' });
    const made = await offer(owner, ref, other.userId);
    const { decideOwnershipOffer } = await decide(other, made.id, false);
    expect(decideOwnershipOffer.offer).toMatchObject({ state: 'DECLINED', urn: null, asset: null });
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`]);
  });

  it('exactly once when two decide at the same time', async () => {
    const second = await server.user();
    const [ref, team] = [await dataset(), await server.team(other, second)];
    const made = await offer(owner, ref, team);
    const attempts = [other, second, other, second].map((as, index) =>
      as.ask(DECIDE, { input: { offer: made.id, accept: index % 2 === 0 } }),
    );
    expect(await racing(attempts)).toEqual(['CONFLICT', 'CONFLICT', 'CONFLICT', 'ok']);
  });
});

describe('an offer', () => {
  it('can be taken back by who made it or an owner, while it is open', async () => {
    const ref = await dataset();
    const made = await offer(owner, ref, other.userId);
    expect(await other.code(WITHDRAW, { input: { offer: made.id } })).toBe('FORBIDDEN');
    expect(await owner.data(WITHDRAW, { input: { offer: made.id } })).toEqual({
      withdrawOwnershipOffer: { offer: { state: 'WITHDRAWN' } },
    });
    expect(await other.code(DECIDE, { input: { offer: made.id, accept: true } })).toBe('CONFLICT');
    expect(await owner.code(WITHDRAW, { input: { offer: made.id } })).toBe('CONFLICT');
  });

  it('expires by itself', async () => {
    const ref = await dataset();
    const made = await offer(owner, ref, other.userId);
    await endTime(server, made.id, 'until');
    const refused = await other.error(DECIDE, { input: { offer: made.id, accept: true } });
    expect(refused).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('expired') as string,
    });
    const listed = async (state: string) =>
      (await other.data<{ ownershipOffers: { totalCount: number } }>(OFFERS, { asset: ref, states: [state] }))
        .ownershipOffers.totalCount;
    expect([await listed('OPEN'), await listed('EXPIRED')]).toEqual([0, 1]);
  });

  it('is void once who made it no longer manages the owners', async () => {
    const [ref, third] = [await dataset(), await server.user()];
    const made = await offer(owner, ref, other.userId, { replaces: null });
    await admin.data(SET_OWNERS, setOwners(ref, `OWNER ${third.userId}`));
    const refused = await other.error(DECIDE, { input: { offer: made.id, accept: true } });
    expect(refused).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('void') as string,
    });
    expect(await ownersOf(ref)).toEqual([`OWNER ${third.userId}`]);
  });

  it('is void too once who made it is disabled', async () => {
    const [maker, third] = [await server.user(), await server.user()];
    const ref = (await new Seed(maker, server.namespace).dataset(`by ${maker.userId}`)).id;
    const made = await offer(maker, ref, third.userId);
    await setDisabled(server, maker.userId);
    expect(await third.code(DECIDE, { input: { offer: made.id, accept: true } })).toBe('CONFLICT');
  });

  it('is not there for who is not concerned', async () => {
    const made = await offer(owner, await dataset(), other.userId);
    const stranger = await server.user();
    const node = 'query ($id: ID!) { node(id: $id) { id } }';
    expect(await stranger.data(node, { id: made.id })).toEqual({ node: null });
    expect(await other.data(node, { id: made.id })).toEqual({ node: { id: made.id } });
    for (const query of [DECIDE, WITHDRAW]) {
      const input = query === DECIDE ? { offer: made.id, accept: true } : { offer: made.id };
      expect(await stranger.code(query, { input })).toBe('NOT_FOUND');
    }
    const seen = await stranger.data<{ ownershipOffers: { totalCount: number } }>(OFFERS, {});
    expect(seen.ownershipOffers.totalCount).toBe(0);
  });

  it('is refused by name when it makes no sense', async () => {
    const ref = await dataset();
    const [disabled, empty] = [await server.user(), await server.team()];
    await setDisabled(server, disabled.userId);
    const refused = async (more: Record<string, unknown>, as = owner) => {
      const { extensions, message } = await as.error(OFFER, { input: { ref, to: other.userId, ...more } });
      return `${extensions.code}: ${message}`;
    };
    expect(await refused({ to: disabled.userId })).toMatch(/^BAD_USER_INPUT: .*disabled/);
    expect(await refused({ to: empty })).toMatch(/^BAD_USER_INPUT: .*no member/);
    expect(await refused({ to: randomUUID() })).toMatch(/^NOT_FOUND/);
    expect(await refused({ to: owner.userId })).toMatch(/^BAD_USER_INPUT: .*already/);
    expect(await refused({ until: inMinutes(-1) })).toMatch(/^BAD_USER_INPUT: .*past/);
    expect(await refused({ until: inMinutes(60 * 24 * 400) })).toMatch(/^BAD_USER_INPUT: .*at most/);
    expect(await refused({ replaces: other.userId })).toMatch(/^BAD_USER_INPUT: .*replaces/);
    expect(await refused({ replaces: admin.userId })).toMatch(/^BAD_USER_INPUT: .*owns nothing/);
    expect(await refused({ role: 'STEWARD', replaces: owner.userId })).toMatch(/^BAD_USER_INPUT: .*OWNER/);
    expect(await refused({}, other)).toMatch(/^FORBIDDEN/);
    await offer(owner, ref, other.userId);
    expect(await refused({})).toMatch(/^CONFLICT: .*already/);
  });

  it('made before and accepted after the receiver was disabled is refused', async () => {
    const late = await server.user();
    const ref = await dataset();
    const made = await offer(owner, ref, late.userId);
    await setDisabled(server, late.userId);
    // Who is disabled does not get this far where tokens end with the account: then this is UNAUTHENTICATED.
    expect(await late.code(DECIDE, { input: { offer: made.id, accept: true } })).toMatch(/CONFLICT|UNAUTHENTICATED/);
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`]);
  });
});

describe('setOwners', () => {
  it('makes nobody OWNER who has no say in it, but for an ADMIN who mends', async () => {
    const ref = await dataset();
    const refused = await owner.error(SET_OWNERS, setOwners(ref, `OWNER ${owner.userId}`, `OWNER ${other.userId}`));
    expect(refused.extensions.code).toBe('FORBIDDEN');
    expect(refused.message).toContain('offerOwnership');
    const [team, foreign] = [await server.team(owner, other), await server.team(other)];
    expect(await owner.code(SET_OWNERS, setOwners(ref, `OWNER ${foreign}`))).toBe('FORBIDDEN');
    await owner.data(SET_OWNERS, setOwners(ref, `OWNER ${team}`, `STEWARD ${other.userId}`));
    expect(await ownersOf(ref)).toEqual([`OWNER ${team}`, `STEWARD ${other.userId}`].sort());
    expect(await owner.code(SET_OWNERS, setOwners(ref, `OWNER ${team}`, `OWNER ${other.userId}`))).toBe('FORBIDDEN');
    await admin.data(SET_OWNERS, setOwners(ref, `OWNER ${other.userId}`));
    expect(await ownersOf(ref)).toEqual([`OWNER ${other.userId}`]);
  });

  it('never leaves an asset without an OWNER who can act', async () => {
    const [ref, gone, empty] = [await dataset(), await server.user(), await server.team()];
    await setDisabled(server, gone.userId);
    for (const owners of [
      [`STEWARD ${owner.userId}`],
      [`OWNER ${gone.userId}`],
      [`STEWARD ${owner.userId}`, `OWNER ${empty}`],
      [`OWNER ${randomUUID()}`],
    ]) {
      expect(await admin.code(SET_OWNERS, setOwners(ref, ...owners))).toBe('BAD_USER_INPUT');
    }
    expect(await ownersOf(ref)).toEqual([`OWNER ${owner.userId}`]);
  });

  it('keeps one OWNER when each of two removes the other at the same time', async () => {
    const ref = await dataset();
    await decide(other, (await offer(owner, ref, other.userId, { replaces: null })).id, true);
    const alone = (as: Client) => as.ask(SET_OWNERS, setOwners(ref, `OWNER ${as.userId}`));
    expect(await racing([alone(owner), alone(other)])).toEqual(['FORBIDDEN', 'ok']);
    expect(await ownersOf(ref)).toHaveLength(1);
  });

  it('keeps one OWNER when an offer is accepted while the others leave', async () => {
    const [ref, third] = [await dataset(), await server.user()];
    await decide(other, (await offer(owner, ref, other.userId, { replaces: null })).id, true);
    const made = await offer(owner, ref, third.userId);
    await Promise.all([
      third.ask(DECIDE, { input: { offer: made.id, accept: true } }),
      owner.ask(SET_OWNERS, setOwners(ref, `OWNER ${other.userId}`)),
      other.ask(SET_OWNERS, setOwners(ref, `OWNER ${owner.userId}`)),
    ]);
    expect((await ownersOf(ref)).length).toBeGreaterThan(0);
  });
});

describe('registering', () => {
  it('is refused with owners who are disabled or do not exist', async () => {
    const gone = await server.user();
    await setDisabled(server, gone.userId);
    const register = 'mutation ($input: RegisterModelInput!) { registerModel(input: $input) { model { id } } }';
    for (const id of [gone.userId, randomUUID()]) {
      const input = { namespace: server.namespace, name: `of ${id}`, owners: [{ owner: id }] };
      const refused = await owner.error(register, { input });
      expect(refused.extensions.code).toBe('BAD_USER_INPUT');
      expect(refused.message).toContain('disabled');
    }
  });
});

describe('an asset nobody can answer for', () => {
  const ORPHANS =
    'query ($after: String) { orphanedAssets(first: 200, after: $after) { totalCount nodes { id } pageInfo { hasNextPage endCursor } } }';
  interface Page {
    totalCount: number;
    nodes: { id: string }[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  }
  async function orphans(as: Client): Promise<string[]> {
    const ids: string[] = [];
    for (let after: string | null = null; ;) {
      const { orphanedAssets }: { orphanedAssets: Page } = await as.data(ORPHANS, { after });
      ids.push(...orphanedAssets.nodes.map(({ id }) => id));
      after = orphanedAssets.pageInfo.endCursor;
      if (!orphanedAssets.pageInfo.hasNextPage) return ids;
    }
  }

  it('shows when its team loses the last member, and no longer when it gets one', async () => {
    const team = await server.team(owner);
    const ref = await dataset({ owners: [{ owner: team }], visibility: 'RESTRICTED' });
    expect(await orphans(admin)).not.toContain(ref);
    await setMembers(admin, team);
    const auditor = await server.user({ role: 'AUDITOR' });
    expect(await orphans(admin)).toContain(ref);
    expect(await orphans(auditor)).toContain(ref);
    expect(await orphans(other)).not.toContain(ref);
    await setMembers(admin, team, other);
    expect(await orphans(admin)).not.toContain(ref);
  });

  it('shows when its owner is disabled, or every member of its team, and when a steward is left', async () => {
    const [gone, member] = [await server.user(), await server.user()];
    const team = await server.team(member);
    const mine = (await new Seed(gone, server.namespace).dataset(`of ${gone.userId}`)).id;
    const ours = await dataset({ owners: [{ owner: team }, { owner: other.userId, role: 'STEWARD' }] });
    const both = await dataset({ owners: [{ owner: team }, { owner: owner.userId }] });
    await Promise.all([setDisabled(server, gone.userId), setDisabled(server, member.userId)]);
    const found = await orphans(admin);
    expect(found).toEqual(expect.arrayContaining([mine, ours]));
    expect(found).not.toContain(both);
    await admin.data(SET_OWNERS, setOwners(mine, `OWNER ${owner.userId}`));
    await setDisabled(server, member.userId, null);
    expect(await orphans(admin)).not.toContain(mine);
    expect(await orphans(admin)).not.toContain(ours);
  });
});
