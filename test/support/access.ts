import type { Client } from './client.js';
import type { TestWeftline } from './weftline.js';

const ORIGIN = { requestId: 'test', operation: 'test' };

/** Some time from now, in minutes; before now when negative. */
export const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

/** Disables a user or service account; `null` enables them again. */
export async function setDisabled(server: TestWeftline, id: string, at: Date | null = new Date()): Promise<void> {
  await server.graph.write(ORIGIN, (tx) => tx.run('MATCH (p:Principal {id: $id}) SET p.disabledAt = $at', { id, at }));
}

/** Lets a time that is kept with a request, grant or offer have been in the past. */
export async function endTime(server: TestWeftline, id: string, property: 'until' | 'expiresAt'): Promise<void> {
  const at = new Date(Date.now() - 1_000);
  await server.graph.write(ORIGIN, (tx) => tx.run(`MATCH (n:Node {id: $id}) SET n.${property} = $at`, { id, at }));
}

/** Replaces who is in a team. */
export async function setMembers(admin: Client, team: string, ...members: readonly Client[]): Promise<void> {
  await admin.data('mutation ($input: SetTeamMembersInput!) { setTeamMembers(input: $input) { team { id } } }', {
    input: { team, members: members.map((member) => member.userId) },
  });
}

export const ASK = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
export const DECIDE = `mutation ($input: DecideAccessInput!) { decideAccess(input: $input) {
  request { state } grant { id actions expiresAt } } }`;
export const GRANT = `mutation ($input: GrantAccessInput!) { grantAccess(input: $input) {
  grant { id actions purpose expiresAt grantee { id } } } }`;
export const REVOKE = 'mutation ($input: RevokeAccessInput!) { revokeAccess(input: $input) { grant { id } } }';
export const SET_OWNERS = 'mutation ($input: SetOwnersInput!) { setOwners(input: $input) { asset { id revision } } }';

/** Asks for actions on an asset until in an hour; the id of the request. */
export async function ask(
  as: Client,
  asset: string,
  actions: readonly string[],
  more: Record<string, unknown> = {},
): Promise<string> {
  const input = { asset, actions, purpose: 'to try', until: inMinutes(60), ...more };
  return (await as.data<{ requestAccess: { request: { id: string } } }>(ASK, { input })).requestAccess.request.id;
}

/** Grants actions on an asset for an hour; the id of the grant. */
export async function grant(
  as: Client,
  asset: string,
  grantee: string,
  actions: readonly string[],
  more: Record<string, unknown> = {},
): Promise<string> {
  const input = { asset, grantee, actions, purpose: 'to try', until: inMinutes(60), ...more };
  return (await as.data<{ grantAccess: { grant: { id: string } } }>(GRANT, { input })).grantAccess.grant.id;
}

/** The codes with which attempts at the same time were answered, in alphabetical order; "ok" for the one that went through. */
export async function racing(
  attempts: readonly Promise<{ errors?: { extensions: { code: string } }[] }>[],
): Promise<string[]> {
  const answers = await Promise.all(attempts);
  return answers.map(({ errors }) => errors?.[0]?.extensions.code ?? 'ok').sort();
}
