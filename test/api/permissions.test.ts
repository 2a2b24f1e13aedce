import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, type GraphqlAnswer } from '../support/client.js';
import { grantee, makeWorld, MORE_OPERATIONS, OPERATIONS, steward, type World } from '../support/permission-world.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * What each caller gets for each root field, on things of an owner with all scopes.
 *   nobody    sends no token            ended    sends the owner's revoked token, expired one that has expired
 *   reader    the owner, with a token of scope READ only
 *   member    in no team; the assets are DISCOVERABLE. For everyone else they are RESTRICTED.
 *   stranger  in a team that owns nothing of it
 *   grantee   was granted all that can be granted, steward is STEWARD of each asset
 *   outsider  an auditor from outside, in a session
 *
 *   sign in   UNAUTHENTICATED           refused  FORBIDDEN        missing  NOT_FOUND
 *   nothing   null or an empty list: as if it did not exist
 *   invalid   BAD_USER_INPUT
 *   denied    a result that gives the reasons
 */
const TABLE = `
field                     nobody   ended    expired  reader   member   stranger grantee  steward  owner    auditor  outsider admin
viewer                    sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
node                      sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
nodes                     sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
principals                sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
asset                     sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
assets                    sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
search                    sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
tags                      sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
lineage                   sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
lineagePaths              sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
lineageDiff               sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
lineageClaims             sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
fieldLineage              sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
trainedOn                 sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
deploymentsTrainedOn      sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
contamination             sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
impact                    sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
orphans                   sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
lineageCoverage           sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
namespace                 sign-in  sign-in  sign-in  nothing  ok       nothing  ok       ok       nothing  ok       ok       ok
namespaces                sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
audit                     sign-in  sign-in  sign-in  ok       nothing  nothing  nothing  ok       ok       ok       ok       ok
auditorSession            sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  ok       nothing
auditorSessions           sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  ok       ok       ok
auditProof                sign-in  sign-in  sign-in  ok       nothing  nothing  nothing  ok       ok       ok       ok       ok
auditCheckpoint           sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
explainAccess             sign-in  sign-in  sign-in  ok       refused  missing  refused  ok       ok       ok       refused  ok
orphanedAssets            sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
outgoingEvents            sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  ok       refused  ok
unowned                   sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
ingestStatus              sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
rejectedEvents            sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
policySets                sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
policySet                 sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing
policyDecision            sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing
declassificationGrant     sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing
replayDecision            sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  refused  nothing
rehearsePolicies          sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  nothing
violations                sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
violation                 sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing
breakGlasses              sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
breakGlass                sign-in  sign-in  sign-in  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing  nothing
policyApprovals           sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
aliasProposals            sign-in  sign-in  sign-in  ok       nothing  nothing  nothing  nothing  ok       ok       ok       ok
ownershipOffers           sign-in  sign-in  sign-in  ok       nothing  nothing  nothing  ok       ok       ok       ok       ok
accessRequests            sign-in  sign-in  sign-in  ok       nothing  nothing  nothing  ok       ok       ok       ok       ok
accessGrants              sign-in  sign-in  sign-in  ok       nothing  nothing  ok       ok       ok       ok       ok       ok
trainingJob               sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
trainingJobs              sign-in  sign-in  sign-in  ok       ok       nothing  ok       ok       ok       ok       ok       ok
launchers                 sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
planTraining              sign-in  sign-in  sign-in  refused  ok       missing  ok       ok       ok       refused  refused  ok
footprint                 sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
quotas                    sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
labelDimensions           sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       ok       ok
reproduce                 sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       ok       ok
createUser                sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
createServiceAccount      sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
createTeam                sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
openAuditorSession        sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
endAuditorSession         sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setTeamMembers            sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setTeamGroup              sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
renameUser                sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
renameServiceAccount      sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
renameTeam                sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
retireTeam                sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
releaseTeamName           sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
restoreTeam               sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
retryOutgoingEvents       sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setQuota                  sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setUserRole               sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
disablePrincipal          sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
enablePrincipal           sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
erasePerson               sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
createApiToken            sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       missing  ok
revokeApiToken            sign-in  sign-in  sign-in  ok       missing  missing  missing  missing  ok       missing  missing  ok
registerDataset           sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
registerTransformation    sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
registerModel             sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
registerDeployment        sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
registerAssets            sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
updateAsset               sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
addTags                   sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
setFields                 sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
renameField               sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
removeTags                sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
renameAsset               sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
retireAsset               sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
updateAssets              sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
renameTag                 sign-in  sign-in  sign-in  refused  ok       ok       ok       ok       ok       refused  refused  ok
releaseUrn                sign-in  sign-in  sign-in  refused  refused  missing  refused  CONFLICT CONFLICT refused  refused  CONFLICT
deleteAsset               sign-in  sign-in  sign-in  refused  refused  missing  refused  CONFLICT CONFLICT refused  refused  CONFLICT
publishDatasetVersion     sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
publishModelVersion       sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
reportQuality             sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
declareLabel              sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
withdrawLabel             sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
requestDeclassification   sign-in  sign-in  sign-in  refused  refused  missing  CONFLICT CONFLICT CONFLICT refused  refused  CONFLICT
approveDeclassification   sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
rejectDeclassification    sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
revokeDeclassification    sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
startRun                  sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
heartbeatRun              sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
finishRun                 sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
claimLineage              sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
claimFieldLineage         sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
retractLineage            sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
retractFieldLineage       sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
setNamespaceVisibility    sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setNamespaceOwners        sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setNamespaceRegistration  sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setNamespaceRuns          sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
setOwners                 sign-in  sign-in  sign-in  refused  refused  missing  refused  refused  ok       refused  refused  ok
uploadPolicySet           sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  ok
activatePolicySet         sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  missing
deactivatePolicies        sign-in  sign-in  sign-in  refused  refused  refused  refused  refused  refused  refused  refused  missing
approveDecision           sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
rejectDecision            sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
openBreakGlass            sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       invalid  refused  refused  ok
closeBreakGlass           sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
reviewBreakGlass          sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  missing  refused  refused  missing
proposeAlias              sign-in  sign-in  sign-in  refused  refused  missing  ok       CONFLICT CONFLICT refused  refused  CONFLICT
decideAlias               sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  ok       refused  refused  ok
undoAlias                 sign-in  sign-in  sign-in  refused  missing  missing  missing  missing  CONFLICT refused  refused  CONFLICT
offerOwnership            sign-in  sign-in  sign-in  refused  refused  missing  refused  refused  ok       refused  refused  ok
decideOwnershipOffer      sign-in  sign-in  sign-in  refused  missing  missing  missing  refused  ok       refused  refused  refused
withdrawOwnershipOffer    sign-in  sign-in  sign-in  refused  missing  missing  missing  refused  ok       refused  refused  ok
requestAccess             sign-in  sign-in  sign-in  refused  ok       missing  ok       ok       ok       refused  refused  ok
withdrawAccessRequest     sign-in  sign-in  sign-in  refused  missing  missing  missing  refused  ok       refused  refused  refused
grantAccess               sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  refused
decideAccess              sign-in  sign-in  sign-in  refused  missing  missing  missing  refused  ok       refused  refused  refused
revokeAccess              sign-in  sign-in  sign-in  refused  missing  missing  missing  refused  ok       refused  refused  ok
launchTraining            sign-in  sign-in  sign-in  refused  denied   missing  ok       denied   ok       refused  refused  denied
cancelTraining            sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
deployModel               sign-in  sign-in  sign-in  refused  denied   missing  ok       denied   ok       refused  refused  denied
promoteRelease            sign-in  sign-in  sign-in  refused  denied   missing  ok       denied   ok       refused  refused  denied
rollbackRelease           sign-in  sign-in  sign-in  refused  denied   missing  ok       denied   ok       refused  refused  denied
endRelease                sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
reportHealth              sign-in  sign-in  sign-in  refused  refused  missing  ok       ok       ok       refused  refused  ok
accessRequestChanged      sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
catalogChanged            sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
violationChanged          sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
breakGlassChanged         sign-in  sign-in  sign-in  ok       ok       ok       ok       ok       ok       ok       refused  ok
trainingJobChanged        sign-in  sign-in  sign-in  ok       ok       missing  ok       ok       ok       ok       refused  ok
trainingJobLog            sign-in  sign-in  sign-in  ok       refused  missing  ok       ok       ok       ok       refused  ok
updateAsset.restricted    sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
updateAsset.discoverable  sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
updateAsset.inherited     sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
updateAsset.among         sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
renameAsset.moved         sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
retireAsset.back          sign-in  sign-in  sign-in  refused  refused  missing  refused  ok       ok       refused  refused  ok
grantAccess.far           sign-in  sign-in  sign-in  refused  invalid  invalid  invalid  invalid  invalid  refused  refused  invalid
grantAccess.more          sign-in  sign-in  sign-in  refused  refused  missing  refused  refused  ok       refused  refused  refused
`;

const [HEAD = [], ...ROWS] = TABLE.trim()
  .split('\n')
  .map((line) => line.split(/\s+/));
const [, ...COLUMNS] = HEAD;

let server: TestWeftline;

beforeAll(async () => {
  server = await startTestWeftline();
});

afterAll(() => server.stop());

type Answer = GraphqlAnswer<Record<string, unknown>>;

const WORDS: Record<string, string> = {
  UNAUTHENTICATED: 'sign-in',
  FORBIDDEN: 'refused',
  NOT_FOUND: 'missing',
  BAD_USER_INPUT: 'invalid',
};

function outcomeOf({ data, errors }: Answer): string {
  const code = errors?.[0]?.extensions.code;
  if (code !== undefined) return WORDS[code] ?? code;
  const [value] = Object.values(data ?? {});
  const text = JSON.stringify(value);
  if (text === 'null' || text === '[null]' || text === '{"nodes":[]}') return 'nothing';
  return /"__typename":"\w+Denied"/.test(text) ? 'denied' : 'ok';
}

/** A stream that begins is one that may be followed: what is refused is refused before. */
async function outcomeOfStream(client: Client, query: string): Promise<string> {
  const gone = new AbortController();
  const { refused, events } = await client.open(query, {}, gone.signal);
  const outcome = refused ? outcomeOf(await nextOf(events)) : 'ok';
  gone.abort();
  return outcome;
}

async function nextOf(events: AsyncGenerator<Answer>): Promise<Answer> {
  return (await events.next()).value as Answer;
}

const CALLERS: Record<string, (world: World) => Promise<Client>> = {
  nobody: () => Promise.resolve(server.anonymous),
  ended: async ({ owner }) => {
    const client = await tokenOf(owner, 'READ, WRITE, LAUNCH');
    await owner.data(`mutation { revokeApiToken(input: { token: "${client.userId}" }) { token { id } } }`);
    return client;
  },
  expired: async ({ owner }) => {
    const client = await tokenOf(owner, 'READ, WRITE, LAUNCH');
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) =>
      tx.run('MATCH (t:ApiToken {id: $id}) SET t.expiresAt = $past', { id: client.userId, past: new Date() }),
    );
    return client;
  },
  reader: ({ owner }) => tokenOf(owner, 'READ'),
  member: () => server.user(),
  stranger: async () => {
    const stranger = await server.user();
    await server.team(stranger);
    return stranger;
  },
  grantee: (world) => grantee(server, world),
  steward: (world) => steward(server, world),
  owner: ({ owner }) => Promise.resolve(owner),
  auditor: () => server.user({ role: 'AUDITOR' }),
  outsider: async () => {
    const admin = await server.user({ role: 'ADMIN' });
    const open = 'mutation { openAuditorSession(input: { auditor: "A", reason: "R" }) { secret session { id } } }';
    interface Opened {
      openAuditorSession: { secret: string; session: { id: string } };
    }
    const { secret, session } = (await admin.data<Opened>(open)).openAuditorSession;
    return new Client(admin.address, secret, session.id);
  },
  admin: () => server.user({ role: 'ADMIN' }),
};

/** A client with another token of the owner; its `userId` is the id of the token. */
async function tokenOf(owner: Client, scopes: string): Promise<Client> {
  const query = `mutation { createApiToken(input: { name: "t", scopes: [${scopes}] }) { secret token { id } } }`;
  const { createApiToken } = await owner.data<{ createApiToken: { secret: string; token: { id: string } } }>(query);
  return new Client(owner.address, createApiToken.secret, createApiToken.token.id);
}

async function columnOf(caller: string): Promise<Map<string, string>> {
  const world = await makeWorld(server, caller === 'member' ? 'DISCOVERABLE' : 'RESTRICTED');
  const client = await CALLERS[caller]?.(world);
  if (!client) throw new Error(`There is no caller "${caller}".`);
  const column = new Map<string, string>();
  for (const [field, operation] of Object.entries({ ...OPERATIONS, ...MORE_OPERATIONS })) {
    const query = operation(world);
    const isStream = query.startsWith('subscription');
    column.set(field, isStream ? await outcomeOfStream(client, query) : outcomeOf(await client.ask(query)));
  }
  return column;
}

describe('The table of permissions', () => {
  it('has a row for every root field, and an operation that tries it', () => {
    const { schema } = server.weftline;
    const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    );
    expect(
      ROWS.map(([field]) => field)
        .filter((field) => !field?.includes('.'))
        .sort(),
    ).toEqual([...fields].sort());
    expect(Object.keys(MORE_OPERATIONS).filter((each) => !fields.includes(each.split('.')[0] ?? ''))).toEqual([]);
    expect(Object.keys(OPERATIONS).sort()).toEqual([...fields].sort());
  });

  it.for(COLUMNS.map((caller, index) => ({ caller, index })))(
    'says what is answered to: $caller',
    { timeout: 300_000 },
    async ({ caller, index }) => {
      const answered = await columnOf(caller);
      const expected = ROWS.map((row) => `${row[0] ?? ''}: ${row[index + 1] ?? ''}`);
      expect(ROWS.map(([field = '']) => `${field}: ${answered.get(field) ?? 'not tried'}`)).toEqual(expected);
    },
  );
});

describe('A token', () => {
  it('no longer works once it has expired', async () => {
    const client = await server.user();
    expect(outcomeOf(await client.ask('{ viewer { id } }'))).toBe('ok');
    const later = await startTestWeftline({ now: () => new Date(Date.now() + 2 * 86_400_000) });
    const response = await fetch(`${later.address}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${client.token ?? ''}` },
      body: '{"query":"{ viewer { id } }"}',
    });
    expect(response.status).toBe(401);
    await later.stop();
  });

  it('that is revoked ends the streams it opened', async () => {
    const world = await makeWorld(server, 'DISCOVERABLE');
    const client = await tokenOf(world.owner, 'READ');
    let turn = 0;
    const change = () =>
      world.owner.data(
        `mutation { updateAsset(input: { ref: "${world.dataset}", description: "${turn++}" }) { asset { id } } }`,
      );
    await server.sealed();
    const { events } = await client.open(
      `subscription { catalogChanged(filter: { namespaces: ["${world.namespace}"] }) { action } }`,
    );
    await change();
    expect(outcomeOf(await nextOf(events))).toBe('ok');
    await world.owner.data(`mutation { revokeApiToken(input: { token: "${client.userId}" }) { token { id } } }`);
    await change();
    expect(outcomeOf(await nextOf(events))).toBe('sign-in');
    expect((await events.next()).done).toBe(true);
  });
});
