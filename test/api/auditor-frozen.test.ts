import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let server: TestWeftline;
let admin: Client;
beforeAll(async () => {
  server = await startTestWeftline();
  admin = await server.user({ role: 'ADMIN' });
});
afterAll(() => server.stop());

const word = randomBytes(6).toString('hex');

async function frozen(): Promise<Client> {
  const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret session { id } } }';
  const { openAuditorSession } = await admin.data<{ openAuditorSession: { secret: string; session: { id: string } } }>(
    open,
  );
  await delay(5);
  await server.sealed();
  return new Client(server.address, openAuditorSession.secret, openAuditorSession.session.id);
}

describe('A frozen auditor session', () => {
  it('answers the same, byte for byte, whatever happens to people, teams, tokens, grants, offers and the log', async () => {
    const [person, other] = [await server.user(), await server.user()];
    const team = await server.team(person);
    const { id: asset } = await new Seed(person, server.namespace).dataset('frozen');
    const make = 'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { token { id } } }';
    const token = async (): Promise<string> =>
      (
        await admin.data<{ createApiToken: { token: { id: string } } }>(make, {
          input: { name: word, user: person.userId, scopes: ['READ'] },
        })
      ).createApiToken.token.id;
    const first = await token();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const ask = `mutation { requestAccess(input: { asset: "${asset}", actions: [EDIT], purpose: "p", until: "${until}" }) { request { id } } }`;
    const { requestAccess } = await other.data<{ requestAccess: { request: { id: string } } }>(ask);
    const offer = `mutation { offerOwnership(input: { ref: "${asset}", to: "${other.userId}" }) { offer { id } } }`;
    const { offerOwnership } = await person.data<{ offerOwnership: { offer: { id: string } } }>(offer);

    const session = await frozen();
    const who = '__typename id name ... on User { role disabledAt teams { id name } apiTokens { id revokedAt } }';
    const query = `{
      person: node(id: "${person.userId}") { ... on User { ${who} } }
      team: node(id: "${team}") { ... on Team { id name externalGroup members { id name role disabledAt } } }
      principals(nameContains: "${word}") { nodes { id name } }
      viewer { id } auditorSession { id endedAt openedBy { id name } }
      requests: accessRequests(asset: "${asset}") { totalCount nodes { id state decidedAt decider { id } reason } }
      open: accessRequests(asset: "${asset}", states: [OPEN]) { totalCount nodes { id } }
      grants: accessGrants(asset: "${asset}") { totalCount nodes { id } }
      offers: ownershipOffers(asset: "${asset}") { totalCount nodes { id state decidedAt decider { id } } }
      offer: node(id: "${offerOwnership.offer.id}") { ... on OwnershipOffer { state } }
      auditCheckpoint { size note at }
      asset(ref: "${asset}") { owners { role owner { id } } }
    }`;
    const before = await session.ask(query);
    expect(before.errors).toBeUndefined();

    const second = await token();
    const decide = `mutation { decideAccess(input: { request: "${requestAccess.request.id}", approve: true, reason: "yes" }) { grant { id } } }`;
    await person.data(decide);
    const accept = `mutation { decideOwnershipOffer(input: { offer: "${offerOwnership.offer.id}", accept: true }) { offer { id } } }`;
    await other.data(accept);
    await admin.data(
      `mutation { createUser(input: { name: "late ${word}", handle: "late-${word}" }) { user { id } } }`,
    );
    await admin.data(
      `mutation { createServiceAccount(input: { name: "sa ${word}", teams: ["${team}"] }) { serviceAccount { id } } }`,
    );
    const { createTeam } = await admin.data<{ createTeam: { team: { id: string } } }>(
      `mutation { createTeam(input: { name: "team ${word}", members: ["${person.userId}"] }) { team { id } } }`,
    );
    await admin.data(
      `mutation { setTeamMembers(input: { team: "${team}", members: ["${other.userId}"] }) { team { id } } }`,
    );
    await admin.data(`mutation { setTeamGroup(input: { team: "${team}", externalGroup: "${word}" }) { team { id } } }`);
    await admin.data(
      `mutation { setUserRole(input: { user: "${person.userId}", role: AUDITOR }) { principal { id } } }`,
    );
    await admin.data(`mutation { revokeApiToken(input: { token: "${first}" }) { token { id } } }`);
    await admin.data(
      `mutation { disablePrincipal(input: { principal: "${person.userId}", reason: "r" }) { principal { id } } }`,
    );
    await server.sealed();

    expect(JSON.stringify(await session.ask(query))).toBe(JSON.stringify(before));
    const nodes = `{ nodes(ids: ["${createTeam.team.id}"]) { id } }`;
    expect(await session.data(nodes)).toEqual({ nodes: [null] });
    expect(JSON.stringify(await admin.data(query.replace('auditorSession {', 'auditorSession {')))).toContain(second);
    await admin.data(`mutation { enablePrincipal(input: { principal: "${person.userId}" }) { principal { id } } }`);
    expect(JSON.stringify(await session.ask(query))).toBe(JSON.stringify(before));
  });
});
