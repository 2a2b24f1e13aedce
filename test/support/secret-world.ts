import type { Client } from './client.js';
import { type Governed, makeDecisions, makeDeclassifications, makeLabels, makeProposals } from './governed-secrets.js';
import { Seed } from './seed.js';
import type { TestWeftline } from './weftline.js';

type Kind = 'dataset' | 'transformation' | 'model' | 'deployment';

/** An asset, everything that is known only to who may see it, and who that is. */
export interface SecretAsset {
  kind: Kind;
  id: string;
  urn: string;
  /** A word that is nowhere else; its name, description, tags, fields and versions are made of it. */
  word: string;
  restricted: boolean;
  /** Its only owner, a team that owns nothing else. */
  team: string;
  teamName: string;
  /** Ids and words that must not be told to whom it is hidden. */
  secrets: string[];
  /** Indices of the people who see it by owning or by a live grant. */
  insiders: Set<number>;
}

export interface SecretWorld {
  people: Client[];
  auditor: Client;
  /** Made everything, and sees everything. */
  builder: Client;
  assets: SecretAsset[];
  /** Ids of things that hang on assets: versions, runs, fields, requests, grants, jobs, entries. */
  ids: string[];
  /** Most assets lie in it; its name is no secret, and the first of the people owns it. */
  namespace: string;
  /** Namespaces that hold one hidden asset each: whoever may not see that may not know of them. */
  spaces: string[];
  /** Pairs of assets of which the first feeds the second. */
  flows: (readonly [SecretAsset, SecretAsset])[];
  /** Ids of versions, by the data set or model. */
  versions: ReadonlyMap<SecretAsset, string>;
  /** Ids of what serves, by the deployment. */
  releases: Map<SecretAsset, string>;
  /** Ids of what labels and policies left behind. */
  governed: Governed;
}

const KINDS: readonly Kind[] = ['dataset', 'transformation', 'dataset', 'model', 'deployment', 'transformation'];
const PEOPLE = 4;
let words = 0;

/** Makes a random graph of some twenty assets with random owners, visibility, grants, flows, versions, runs, releases. */
export async function makeSecretWorld(server: TestWeftline, random: () => number): Promise<SecretWorld> {
  const builder = await server.user();
  const people = await Promise.all(Array.from({ length: PEOPLE }, () => server.user()));
  const auditor = await server.user({ role: 'AUDITOR' });
  const namespace = `ns-${++words}-${server.namespace}`;
  const seed = new Seed(builder, namespace);
  const world: SecretWorld = {
    people,
    auditor,
    builder,
    assets: [],
    ids: [],
    namespace,
    spaces: [],
    flows: [],
    versions: new Map(),
    releases: new Map(),
    governed: { decisions: [], violations: [], declassifications: [] },
  };
  for (const kind of [...KINDS, ...KINDS, ...KINDS])
    world.assets.push(await makeAsset(server, world, seed, kind, random));
  await makeFlows(world, seed, random);
  await makeFieldFlows(world, random);
  const versions = await makeVersions(world, seed);
  world.versions = versions;
  await makeDeclassifications(server, world);
  await makeRuns(world, seed, versions, random);
  await makeLabels(world);
  await makeProposals(world);
  await makeReleases(world, versions);
  await makeDecisions(server, world);
  await makeGrants(server, world, random);
  await makeEmergencies(server, world);
  for (const { id, restricted } of world.assets) {
    if (restricted) await update(builder, id, 'visibility: RESTRICTED');
  }
  await tellNamespaces(server, world);
  world.ids.push(...(await entryIds(world)));
  return world;
}

async function makeAsset(
  server: TestWeftline,
  { people, builder, spaces }: SecretWorld,
  seed: Seed,
  kind: Kind,
  random: () => number,
): Promise<SecretAsset> {
  const word = `xq${(++words).toString(36)}${Math.floor(random() * 1e9).toString(36)}zx`;
  const insiders = new Set(people.flatMap((_person, index) => (random() < 0.2 ? [index] : [])));
  const team = await server.team(builder, ...people.filter((_person, index) => insiders.has(index)));
  const teamName = await nameOf(builder, team);
  const restricted = random() < 0.6;
  // Some hidden assets lie in a namespace of their own, whose name says what they are.
  const space = restricted && random() < 0.3 ? `space-${word}` : null;
  if (space !== null) spaces.push(space);
  const { id, urn } = await (space === null ? seed : new Seed(builder, space))[kind](`name-${word}`, {
    description: `About ${word}`,
    tags: [`tag-${word}`],
    properties: { kept: `property-${word}` },
    owners: [{ owner: team }],
    ...(kind === 'dataset'
      ? { fields: [{ name: `field_${word}`, description: `Holds ${word}` }], uri: `s3://bucket/${word}` }
      : {}),
  });
  return { kind, id, urn, word, restricted, team, teamName, secrets: [word, id], insiders };
}

/** Emergencies for all that serves, whose reasons are as hidden as that. */
async function makeEmergencies(server: TestWeftline, { assets, builder, ids }: SecretWorld): Promise<void> {
  const { userId: secondPerson } = await server.user({ role: 'ADMIN' });
  const open = 'mutation ($input: OpenBreakGlassInput!) { openBreakGlass(input: $input) { breakGlass { id } } }';
  for (const { id, kind, word, secrets } of assets) {
    if (kind !== 'deployment') continue;
    const input = { asset: id, actions: ['deployModel'], reason: `Because of ${word}`, minutes: 60, secondPerson };
    const { openBreakGlass } = await builder.data<{ openBreakGlass: { breakGlass: { id: string } } }>(open, { input });
    ids.push(openBreakGlass.breakGlass.id);
    secrets.push(openBreakGlass.breakGlass.id);
  }
}

/** The ids of namespaces are secrets of what lies in them. Owning one gives no sight: the first of the people stays as blind. */
async function tellNamespaces(server: TestWeftline, { assets, auditor, ids, namespace, people, spaces }: SecretWorld) {
  const admin = await server.user({ role: 'ADMIN' });
  const give = 'mutation ($input: SetNamespaceOwnersInput!) { setNamespaceOwners(input: $input) { namespace { id } } }';
  await admin.data(give, { input: { namespace, owners: people.slice(0, 1).map(({ userId }) => userId) } });
  for (const name of spaces) {
    const find = 'query ($name: String!) { namespace(name: $name) { id } }';
    const { namespace: found } = await auditor.data<{ namespace: { id: string } }>(find, { name });
    assets.find(({ word }) => name === `space-${word}`)?.secrets.push(found.id);
    ids.push(found.id);
  }
}

const FEEDS: Record<Kind, readonly Kind[]> = {
  dataset: ['transformation'],
  transformation: ['dataset', 'model'],
  model: ['transformation', 'deployment'],
  deployment: ['dataset'],
};

/**
 * Each flow is stated by hand, by a tool that bears the word of one of its ends, and half of them again: a name that only
 * who sees both ends may read. Some are taken back, so that statements and claims of the past lie about too.
 */
async function makeFlows(world: SecretWorld, seed: Seed, random: () => number): Promise<void> {
  const { assets, builder } = world;
  world.flows = assets.flatMap((source) =>
    assets
      .filter((target) => source !== target && FEEDS[source.kind].includes(target.kind) && random() < 0.35)
      .map((target) => [source, target] as const),
  );
  await seed.flow(...world.flows.map(([source, target]): [string, string] => [source.id, target.id]));
  const claim = 'mutation ($input: ClaimLineageInput!) { claimLineage(input: $input) { edges { source } } }';
  const retract = 'mutation ($input: RetractLineageInput!) { retractLineage(input: $input) { retracted } }';
  for (const [source, target] of world.flows.filter(() => random() < 0.5)) {
    const claimSource = `tool-${(random() < 0.5 ? source : target).word}`;
    const input = { flows: [{ source: source.id, target: target.id }], claimSource };
    await builder.data(claim, { input });
    if (random() < 0.3) await builder.data(claim, { input });
    if (random() < 0.3) await builder.data(retract, { input });
  }
}

/** Fields go into fields within random transformations, with words of the transformation that nobody else may read. */
async function makeFieldFlows({ assets, builder, ids }: SecretWorld, random: () => number): Promise<void> {
  const datasets = assets.filter(({ kind }) => kind === 'dataset');
  const transformations = assets.filter(({ kind }) => kind === 'transformation');
  for (const dataset of datasets) {
    const { asset } = await builder.data<{ asset: { fields: { id: string }[] } }>(
      `{ asset(ref: "${dataset.id}") { ... on Dataset { fields { id } } } }`,
    );
    const fields = asset.fields.map(({ id }) => id);
    dataset.secrets.push(...fields);
    ids.push(...fields);
  }
  const flows = datasets.flatMap((source) =>
    datasets
      .filter((target) => source !== target && random() < 0.4)
      .flatMap((target) => {
        const via = transformations[Math.floor(random() * transformations.length)];
        if (!via) return [];
        const pair = { source: `field_${source.word}`, target: `field_${target.word}`, masking: random() < 0.5 };
        return [
          { source: source.id, target: target.id, via: via.id, fields: [{ ...pair, description: `by ${via.word}` }] },
        ];
      }),
  );
  const query = 'mutation ($input: ClaimFieldLineageInput!) { claimFieldLineage(input: $input) { stated } }';
  if (flows.length > 0) await builder.data(query, { input: { flows } });
}

async function makeVersions({ assets, ids }: SecretWorld, seed: Seed): Promise<Map<SecretAsset, string>> {
  const versions = new Map<SecretAsset, string>();
  for (const asset of assets) {
    if (asset.kind !== 'dataset' && asset.kind !== 'model') continue;
    const more = { uri: `s3://bucket/version-${asset.word}` };
    const id = await (asset.kind === 'dataset'
      ? seed.datasetVersion(asset.id, `v-${asset.word}`, more)
      : seed.modelVersion(asset.id, `v-${asset.word}`, more));
    versions.set(asset, id);
    asset.secrets.push(id);
    ids.push(id);
  }
  return versions;
}

async function makeRuns(
  { assets, ids }: SecretWorld,
  seed: Seed,
  versions: ReadonlyMap<SecretAsset, string>,
  random: () => number,
): Promise<void> {
  const unmade = [...versions.keys()];
  for (const transformation of assets.filter((asset) => asset.kind === 'transformation')) {
    const inputs = [...versions].filter(() => random() < 0.3).map(([, id]) => id);
    const made = unmade.pop();
    const output = made && versions.get(made);
    const run = await seed.run(
      transformation.id,
      inputs.filter((id) => id !== output),
      output ? [output] : [],
    );
    transformation.secrets.push(run);
    ids.push(run);
  }
}

async function makeReleases(world: SecretWorld, versions: ReadonlyMap<SecretAsset, string>): Promise<void> {
  const models = [...versions].filter(([asset]) => asset.kind === 'model').map(([, id]) => id);
  const deployments = world.assets.filter((asset) => asset.kind === 'deployment');
  for (const [index, deployment] of deployments.entries()) {
    const query = 'mutation ($input: DeployModelInput!) { deployModel(input: $input) { ... on Release { id } } }';
    const input = { deployment: deployment.id, modelVersion: models[index % models.length] };
    const { deployModel } = await world.builder.data<{ deployModel: { id: string } }>(query, { input });
    deployment.secrets.push(deployModel.id);
    world.releases.set(deployment, deployModel.id);
    world.ids.push(deployModel.id);
  }
}

/** While all is discoverable, everyone asks for something; some are granted it, some grants are revoked or expired. */
async function makeGrants(server: TestWeftline, world: SecretWorld, random: () => number): Promise<void> {
  const until = new Date(Date.now() + 86_400_000).toISOString();
  for (const [index, person] of world.people.entries()) {
    for (const asset of world.assets.filter(() => random() < 0.25)) {
      const ask = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
      const input = { asset: asset.id, actions: ['EDIT'], purpose: 'a test', until };
      const { requestAccess } = await person.data<{ requestAccess: { request: { id: string } } }>(ask, { input });
      world.ids.push(requestAccess.request.id);
      if (random() < 0.3) continue;
      const decide = 'mutation ($input: DecideAccessInput!) { decideAccess(input: $input) { grant { id } } }';
      const { decideAccess } = await world.builder.data<{ decideAccess: { grant: { id: string } } }>(decide, {
        input: { request: requestAccess.request.id, approve: true },
      });
      world.ids.push(decideAccess.grant.id);
      const fate = random();
      if (fate < 0.25)
        await world.builder.data(
          `mutation { revokeAccess(input: { grant: "${decideAccess.grant.id}" }) { grant { id } } }`,
        );
      else if (fate < 0.5) await expire(server, decideAccess.grant.id);
      else asset.insiders.add(index);
    }
  }
}

/** Moves the end of a grant into the past: it was given for a time that is over. */
async function expire(server: TestWeftline, grant: string): Promise<void> {
  const origin = { requestId: 'test', operation: 'test' };
  await server.graph.write(origin, (tx) =>
    tx.run('MATCH (g:AccessGrant {id: $id}) SET g.expiresAt = $past', {
      id: grant,
      past: new Date(Date.now() - 1_000),
    }),
  );
}

async function entryIds({ builder, assets }: SecretWorld): Promise<string[]> {
  const query = 'query ($ref: AssetRef!) { asset(ref: $ref) { audit(first: 3) { nodes { id } } } }';
  const answers = await Promise.all(
    assets.map(({ id }) => builder.data<{ asset: { audit: { nodes: { id: string }[] } } }>(query, { ref: id })),
  );
  return answers.flatMap(({ asset }) => asset.audit.nodes.map((each) => each.id));
}

async function nameOf(client: Client, id: string): Promise<string> {
  const { node } = await client.data<{ node: { name: string } }>(`{ node(id: "${id}") { ... on Team { name } } }`);
  return node.name;
}

export async function update(client: Client, ref: string, change: string): Promise<void> {
  await client.data(`mutation { updateAsset(input: { ref: "${ref}", ${change} }) { asset { id } } }`);
}
