import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ask,
  ASK,
  DECIDE,
  endTime,
  grant,
  GRANT,
  inMinutes,
  racing,
  REVOKE,
  SET_OWNERS,
  setDisabled,
} from '../support/access.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
let steward: Client;
let asker: Client;
let asset: string;

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, steward, asker] = [await server.user(), await server.user(), await server.user()];
  const owners = [{ owner: owner.userId }, { owner: steward.userId, role: 'STEWARD' }];
  asset = (await new Seed(owner, server.namespace).dataset('shared', { owners })).id;
});
afterAll(() => server.stop());

const WITHDRAW = `mutation ($input: WithdrawAccessRequestInput!) { withdrawAccessRequest(input: $input) { request { state } } }`;
const decision = (request: string, more: Record<string, unknown> = {}) => ({
  input: { request, approve: true, ...more },
});

describe('a request', () => {
  it('within the rights of a steward is decided by them, beyond it by an OWNER only', async () => {
    const [within, beyond] = [await ask(asker, asset, ['VIEW', 'EDIT']), await ask(asker, asset, ['USE_FOR_TRAINING'])];
    expect(await steward.data(DECIDE, decision(within))).toMatchObject({
      decideAccess: { request: { state: 'APPROVED' } },
    });
    for (const approve of [true, false]) {
      const refused = await steward.error(DECIDE, decision(beyond, { approve }));
      expect(refused.extensions.code).toBe('FORBIDDEN');
      expect(refused.message).toContain('beyond your own rights');
    }
    const admin = await server.user({ role: 'ADMIN' });
    expect(await admin.code(DECIDE, decision(beyond))).toBe('FORBIDDEN');
    await owner.data(DECIDE, decision(beyond));
  });

  it('can be granted in part, never wider or longer', async () => {
    const id = await ask(asker, asset, ['EDIT', 'DEPLOY']);
    expect(await owner.code(DECIDE, decision(id, { actions: ['USE_FOR_TRAINING'] }))).toBe('BAD_USER_INPUT');
    expect(await owner.code(DECIDE, decision(id, { actions: [] }))).toBe('BAD_USER_INPUT');
    expect(await owner.code(DECIDE, decision(id, { until: inMinutes(61) }))).toBe('BAD_USER_INPUT');
    expect(await owner.code(DECIDE, decision(id, { until: inMinutes(-1) }))).toBe('BAD_USER_INPUT');
    const until = inMinutes(5);
    const answer = await owner.data(DECIDE, decision(id, { actions: ['DEPLOY'], until }));
    expect(answer).toMatchObject({ decideAccess: { grant: { actions: ['DEPLOY'], expiresAt: until } } });
  });

  it('is never decided by who asked, also not for a team they are in', async () => {
    const team = await server.team(owner, asker);
    const [own, theirs] = [await ask(owner, asset, ['DEPLOY']), await ask(owner, asset, ['DEPLOY'], { grantee: team })];
    for (const id of [own, theirs]) expect(await owner.code(DECIDE, decision(id))).toBe('FORBIDDEN');
  });

  it('is decided once when many decide at the same time', async () => {
    const id = await ask(asker, asset, ['EDIT']);
    const attempts = Array.from({ length: 6 }, (_, index) =>
      (index % 2 ? owner : steward).ask(DECIDE, decision(id, { approve: index < 3 })),
    );
    expect(await racing(attempts)).toEqual([...Array<string>(5).fill('CONFLICT'), 'ok']);
  });

  it('can be taken back by who asked, while it is open', async () => {
    const id = await ask(asker, asset, ['EDIT']);
    expect(await owner.code(WITHDRAW, { input: { request: id } })).toBe('FORBIDDEN');
    expect(await (await server.user()).code(WITHDRAW, { input: { request: id } })).toBe('NOT_FOUND');
    expect(await asker.data(WITHDRAW, { input: { request: id } })).toEqual({
      withdrawAccessRequest: { request: { state: 'WITHDRAWN' } },
    });
    expect(await owner.code(DECIDE, decision(id))).toBe('CONFLICT');
    expect(await asker.code(WITHDRAW, { input: { request: id } })).toBe('CONFLICT');
  });

  it('whose time is over, or whose grantee is disabled, can only be denied', async () => {
    const [late, leaver] = [await ask(asker, asset, ['EDIT']), await server.user()];
    await endTime(server, late, 'until');
    expect(await owner.code(DECIDE, decision(late))).toBe('CONFLICT');
    await owner.data(DECIDE, decision(late, { approve: false }));
    const left = await ask(leaver, asset, ['EDIT']);
    await setDisabled(server, leaver.userId);
    expect(await owner.code(DECIDE, decision(left))).toBe('BAD_USER_INPUT');
    await owner.data(DECIDE, decision(left, { approve: false }));
  });

  it('is refused by name when it makes no sense', async () => {
    const refused = (more: Record<string, unknown>) =>
      asker.code(ASK, { input: { asset, actions: ['EDIT'], purpose: 'p', until: inMinutes(5), ...more } });
    for (const more of [{ actions: [] }, { actions: ['MANAGE_OWNERS'] }, { purpose: ' ' }, { until: inMinutes(-1) }])
      expect(await refused(more)).toBe('BAD_USER_INPUT');
    expect(await refused({ grantee: owner.userId })).toBe('FORBIDDEN');
  });
});

describe('granting without a request', () => {
  it('gives what it names, until it ends', async () => {
    const taker = await server.user();
    const id = await grant(owner, asset, taker.userId, ['USE_FOR_TRAINING'], { purpose: ' churn ' });
    const can = async (): Promise<string[]> =>
      (
        await taker.data<{ asset: { viewerCan: string[] } }>(
          'query ($ref: AssetRef!) { asset(ref: $ref) { viewerCan } }',
          {
            ref: asset,
          },
        )
      ).asset.viewerCan;
    expect(await can()).toContain('USE_FOR_TRAINING');
    const query = 'query ($id: ID!) { node(id: $id) { ... on AccessGrant { purpose grantedBy { id } } } }';
    expect(await taker.data(query, { id })).toEqual({ node: { purpose: 'churn', grantedBy: { id: owner.userId } } });
    await endTime(server, id, 'expiresAt');
    expect(await can()).not.toContain('USE_FOR_TRAINING');
  });

  it('is for owners, and for stewards within their own rights, who also end what they gave', async () => {
    const admin = await server.user({ role: 'ADMIN' });
    const input = { asset, grantee: asker.userId, actions: ['EDIT'], purpose: 'p', until: inMinutes(5) };
    expect([
      await admin.code(GRANT, { input }),
      await asker.code(GRANT, { input: { ...input, grantee: admin.userId } }),
    ]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    const refused = await steward.error(GRANT, { input: { ...input, actions: ['DEPLOY'] } });
    expect(refused.extensions.code).toBe('FORBIDDEN');
    expect(refused.message).toContain('beyond your own rights');
    const [mine, theirs] = [
      await grant(steward, asset, asker.userId, ['EDIT']),
      await grant(owner, asset, asker.userId, ['EDIT']),
    ];
    await steward.data(REVOKE, { input: { grant: mine } });
    expect(await steward.code(REVOKE, { input: { grant: theirs } })).toBe('FORBIDDEN');
  });

  it('does not make a right of what was granted to oneself', async () => {
    await grant(owner, asset, steward.userId, ['DEPLOY']);
    const input = { asset, grantee: asker.userId, actions: ['DEPLOY'], purpose: 'p', until: inMinutes(5) };
    expect(await steward.code(GRANT, { input })).toBe('FORBIDDEN');
  });

  it('is refused by name when it makes no sense', async () => {
    const gone = await server.user();
    await setDisabled(server, gone.userId);
    const code = (more: Record<string, unknown>) => {
      const input = { asset, grantee: asker.userId, actions: ['EDIT'], purpose: 'p', until: inMinutes(5), ...more };
      return owner.code(GRANT, { input });
    };
    expect(await code({ grantee: owner.userId })).toBe('BAD_USER_INPUT');
    expect(await code({ grantee: gone.userId })).toBe('BAD_USER_INPUT');
    expect(await code({ grantee: randomUUID() })).toBe('NOT_FOUND');
    for (const more of [{ actions: [] }, { actions: ['MANAGE_OWNERS'] }, { purpose: '\n' }, { until: inMinutes(-1) }])
      expect(await code(more)).toBe('BAD_USER_INPUT');
    const second = await server.user();
    const admin = await server.user({ role: 'ADMIN' });
    const shared = (await new Seed(owner, server.namespace).dataset(`of two ${randomUUID()}`)).id;
    const owners = [owner.userId, second.userId].map((each) => ({ owner: each }));
    await admin.data(SET_OWNERS, { input: { ref: shared, owners } });
    expect(await code({ asset: shared, grantee: second.userId })).toBe('BAD_USER_INPUT');
  });
});

describe('a principal who holds many grants', () => {
  const MAKE = `UNWIND range(1, $many) AS i
    MATCH (a:Asset {id: $asset})
    CREATE (:Node:AccessGrant {id: randomUUID(), assetId: a.id, granteeId: $grantee, grantedById: $owner, actions: ['VIEW'],
      purpose: 'to try', createdAt: $now, expiresAt: $until})-[:GRANTED_ON]->(a)`;
  const make = (grantee: string, many: number, until: Date): Promise<unknown> =>
    server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run(MAKE, { many, asset, grantee, owner: owner.userId, now: new Date(), until }),
    );

  it('is refused another one at a thousand that run, with what to do; what has run out does not count', async () => {
    const holder = await server.user();
    const input = { asset, grantee: holder.userId, actions: ['VIEW'], purpose: 'to try', until: inMinutes(60) };
    await make(holder.userId, 1_500, new Date(Date.now() - 1_000));
    await make(holder.userId, 999, new Date(Date.now() + 3_600_000));
    const { grantAccess } = await owner.data<{ grantAccess: { grant: { id: string } } }>(GRANT, { input });
    const refused = await owner.error(GRANT, { input: { ...input, purpose: 'another' } });
    expect(refused.extensions.code).toBe('LIMIT_EXCEEDED');
    expect(refused.message).toMatch(/holds 1000 grants that run.*Revoke some, grant to a team/);
    const request = await ask(holder, asset, ['EDIT']);
    expect(await owner.code(DECIDE, decision(request))).toBe('LIMIT_EXCEEDED');
    await owner.data(REVOKE, { input: { grant: grantAccess.grant.id } });
    expect(await owner.data(DECIDE, decision(request))).toMatchObject({
      decideAccess: { request: { state: 'APPROVED' } },
    });
  });
});

describe('the lists', () => {
  it('show each side its own: what was asked, what is to decide, what is held and what was given', async () => {
    const [mine, open] = [
      await server.user(),
      (await new Seed(owner, server.namespace).dataset(`listed ${randomUUID()}`)).id,
    ];
    await grantStewardship(open);
    const [edit, deploy] = [await ask(mine, open, ['EDIT']), await ask(mine, open, ['DEPLOY'])];
    const given = await grant(owner, open, mine.userId, ['VIEW']);
    const requests = async (as: Client, side: string): Promise<string[]> =>
      ids(
        await as.data(
          'query ($side: AccessRequestSide, $asset: AssetRef) { list: accessRequests(side: $side, asset: $asset) { totalCount nodes { id } } }',
          { side, asset: open },
        ),
      );
    const grants = async (as: Client, side: string): Promise<string[]> =>
      ids(
        await as.data(
          'query ($side: AccessGrantSide, $asset: AssetRef) { list: accessGrants(side: $side, asset: $asset) { totalCount nodes { id } } }',
          { side, asset: open },
        ),
      );
    expect(await requests(mine, 'ASKED')).toEqual([edit, deploy].sort());
    expect(await requests(mine, 'TO_DECIDE')).toEqual([]);
    expect(await requests(owner, 'TO_DECIDE')).toEqual([edit, deploy].sort());
    expect(await requests(steward, 'TO_DECIDE')).toEqual([edit]);
    expect(await requests(owner, 'ASKED')).toEqual([]);
    expect([await grants(mine, 'HELD'), await grants(mine, 'ON_OWNED')]).toEqual([[given], []]);
    expect([await grants(steward, 'HELD'), await grants(steward, 'ON_OWNED')]).toEqual([[], [given]]);
  });

  const grantStewardship = (ref: string) =>
    owner.data(SET_OWNERS, {
      input: { ref, owners: [{ owner: owner.userId }, { owner: steward.userId, role: 'STEWARD' }] },
    });

  function ids(answer: Record<string, unknown>): string[] {
    const { nodes, totalCount } = (answer as { list: { nodes: { id: string }[]; totalCount: number } }).list;
    expect(totalCount).toBe(nodes.length);
    return nodes.map(({ id }) => id).sort();
  }
});

describe('the stream of requests and grants', () => {
  const STREAM = `subscription ($after: String) { accessRequestChanged(after: $after) {
    cursor action request { id state } grant { id revokedAt } } }`;
  interface Event {
    accessRequestChanged: {
      cursor: string;
      action: string;
      request: { id: string } | null;
      grant: { id: string } | null;
    };
  }

  it('tells owners and askers what concerns them, and goes on from a cursor', async () => {
    const gone = new AbortController();
    const stranger = await server.user();
    const listen = async (as: Client, after: string | null = null) =>
      (await as.open<Event>(STREAM, { after }, gone.signal)).events;
    const next = async (events: AsyncGenerator<{ data: Event | null }>) => {
      const { value } = (await events.next()) as { value: { data: Event | null } };
      if (!value.data) throw new Error(`The stream answered with errors: ${JSON.stringify(value)}`);
      const { cursor, action, request, grant: given } = value.data.accessRequestChanged;
      return { cursor, seen: `${action} ${request?.id ?? given?.id ?? 'nothing'}` };
    };
    const anchor = await ask(asker, asset, ['VIEW']);
    await server.sealed();
    const [forOwner, forAsker, forStranger] = await Promise.all([listen(owner), listen(asker), listen(stranger)]);
    const asked = await ask(asker, asset, ['DEPLOY']);
    const [owners, askers] = [await next(forOwner), await next(forAsker)];
    expect([owners.seen, askers.seen]).toEqual([`access:request ${asked}`, `access:request ${asked}`]);
    await owner.data(DECIDE, decision(anchor, { approve: false }));
    const given = await grant(owner, asset, asker.userId, ['EDIT']);
    await owner.data(REVOKE, { input: { grant: given } });
    const resumed = await listen(asker, askers.cursor);
    const seen: string[] = [];
    while (seen.at(-1) !== `access:revoke ${given}`) seen.push((await next(resumed)).seen);
    expect(seen).toEqual([`access:decide ${anchor}`, `access:grant ${given}`, `access:revoke ${given}`]);
    // Of all this the stranger heard nothing: the first they hear of is their own.
    const own = await ask(stranger, asset, ['VIEW']);
    expect((await next(forStranger)).seen).toBe(`access:request ${own}`);
    gone.abort();
  });
});
