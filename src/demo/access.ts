import type { Cast } from './people.js';

const DAYS = 30;
const PURPOSE = 'Learn to tell penguins apart';

/** The science team asks the data team for the right to train on these data sets, and Dana grants it. */
export async function obtainGrants(cast: Cast, assetIds: readonly string[]): Promise<void> {
  for (const asset of assetIds) {
    const request = (await findOpenRequest(cast, asset)) ?? (await requestAccess(cast, asset));
    const decide = 'mutation ($input: DecideAccessInput!) { decideAccess(input: $input) { grant { id } } }';
    await cast.dana.client.ask(decide, { input: { request, approve: true, reason: 'Openly licensed data' } });
  }
}

/** The request of an earlier run that was interrupted before Dana decided. */
async function findOpenRequest(cast: Cast, asset: string): Promise<string | null> {
  const query = `query ($asset: AssetRef!) { accessRequests(asset: $asset, states: [OPEN], first: 50) {
    nodes { id purpose until grantee { id } requester { id } }
  } }`;
  interface Request {
    id: string;
    purpose: string;
    until: string;
    grantee: { id: string };
    requester: { id: string };
  }
  const { accessRequests } = await cast.sami.client.ask<{ accessRequests: { nodes: Request[] } }>(query, { asset });
  const found = accessRequests.nodes.find(
    ({ purpose, until, grantee, requester }) =>
      purpose === PURPOSE &&
      new Date(until) > new Date() &&
      grantee.id === cast.teams.science &&
      requester.id === cast.sami.userId,
  );
  return found?.id ?? null;
}

async function requestAccess(cast: Cast, asset: string): Promise<string> {
  const until = new Date(Date.now() + DAYS * 86_400_000).toISOString();
  const query = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
  const input = { asset, actions: ['USE_FOR_TRAINING'], purpose: PURPOSE, until, grantee: cast.teams.science };
  const { requestAccess: asked } = await cast.sami.client.ask<{ requestAccess: { request: { id: string } } }>(query, {
    input,
  });
  return asked.request.id;
}
