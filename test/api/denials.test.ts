import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed, type SeededAsset } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let owner: Client;
let admin: Client;
let open: SeededAsset;
let hidden: SeededAsset;

interface Entry {
  action: string;
  outcome: string;
  actorId: string | null;
  targetId: string | null;
  after: { code: string; count: number } | null;
}

beforeAll(async () => {
  server = await startTestWeftline();
  [owner, admin] = [await server.user(), await server.user({ role: 'ADMIN' })];
  const seed = new Seed(owner, server.namespace);
  [open, hidden] = [await seed.dataset('open'), await seed.dataset('hidden', { visibility: 'RESTRICTED' })];
});
afterAll(() => server.stop());

async function denialsOf(actor: Client, reader = admin): Promise<Entry[]> {
  const query = `{ audit(filter: { actor: "${actor.userId}", outcome: DENIED }) { nodes { action outcome actorId targetId after } } }`;
  return (await reader.data<{ audit: { nodes: Entry[] } }>(query)).audit.nodes;
}

const retire = (ref: string): string => `mutation { retireAsset(input: { ref: "${ref}" }) { asset { id } } }`;

describe('A write that is denied', () => {
  it('is in the log with who tried it on what, and why it was refused', async () => {
    const stranger = await server.user();
    expect(await stranger.code(retire(open.urn))).toBe('FORBIDDEN');
    expect(await stranger.code(retire(hidden.id))).toBe('NOT_FOUND');
    expect(await stranger.code('mutation { createTeam(input: { name: "mine" }) { team { id } } }')).toBe('FORBIDDEN');
    expect(await denialsOf(stranger)).toEqual([
      expect.objectContaining({ action: 'denied:createTeam', after: { code: 'FORBIDDEN', count: 1 } }),
      expect.objectContaining({
        action: 'denied:retireAsset',
        targetId: hidden.id,
        after: { code: 'NOT_FOUND', count: 1 },
      }),
      expect.objectContaining({
        action: 'denied:retireAsset',
        targetId: open.id,
        after: { code: 'FORBIDDEN', count: 1 },
      }),
    ]);
  });

  it('is told to the owners of what it was tried on', async () => {
    const stranger = await server.user();
    await stranger.code(retire(hidden.id));
    expect(await denialsOf(stranger, owner)).toHaveLength(1);
  });

  it('is not told to who was denied: whether it concerns an asset would tell that a hidden one exists', async () => {
    const stranger = await server.user();
    await stranger.code(retire(hidden.id));
    await stranger.code(retire(open.id));
    expect(await denialsOf(stranger, stranger)).toEqual([]);
  });

  it('is in the log as well when the role or the scopes of a token refuse it', async () => {
    const auditor = await server.user({ role: 'AUDITOR' });
    expect(await auditor.code(retire(open.id))).toBe('FORBIDDEN');
    expect((await denialsOf(auditor)).map((entry) => entry.targetId)).toEqual([open.id]);
  });

  it('without a token is in the log once a minute, not once a try', async () => {
    for (let turn = 0; turn < 5; turn += 1)
      expect(await server.anonymous.code(retire(open.id))).toBe('UNAUTHENTICATED');
    const query = `{ audit(filter: { target: "${open.id}", outcome: DENIED, actions: ["denied:retireAsset"] }) { nodes { actorId } } }`;
    const { audit } = await admin.data<{ audit: { nodes: Entry[] } }>(query);
    expect(audit.nodes.filter((entry) => entry.actorId === null)).toHaveLength(1);
  });

  it('leaves no entry when only the input was wrong', async () => {
    const input = `{ namespace: "${server.namespace}", name: "" }`;
    const before = (await denialsOf(owner)).length;
    expect(await owner.code(`mutation { registerDataset(input: ${input}) { dataset { id } } }`)).toBe('BAD_USER_INPUT');
    expect(await denialsOf(owner)).toHaveLength(before);
  });
});
