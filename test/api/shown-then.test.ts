import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { betweenWrites } from '../support/between-writes.js';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/** What every answer shows of an asset. */
interface Shown {
  name: string;
  retiredAt: string | null;
  owners: { owner: { id: string } }[];
  fields: { name: string }[];
}

const CLOCKS = '$asOf: DateTime, $knownAt: DateTime';
const AT = 'asOf: $asOf, knownAt: $knownAt';
const SHOWN = 'fragment S on Dataset { name retiredAt owners { owner { id } } fields { name } }';
/** Each asks, by its own way, for the same data set; `id` is of the data set, `made` of a model version made of it. */
const WAYS: Record<string, { query: string; read: (data: never) => Shown | null }> = {
  asset: {
    query: `query ($id: AssetRef!, ${CLOCKS}) { asset(ref: $id, ${AT}) { ...S } } ${SHOWN}`,
    read: ({ asset }: { asset: Shown | null }) => asset,
  },
  'lineage, as what is reached': {
    query: `query ($model: AssetRef!, ${CLOCKS}) { lineage(of: [$model], direction: UPSTREAM, kinds: [DATASET], ${AT}) {
      nodes { asset { ...S } } } } ${SHOWN}`,
    read: ({ lineage }: { lineage: { nodes: { asset: Shown }[] } }) => lineage.nodes[0]?.asset ?? null,
  },
  'lineage, as what is asked about': {
    query: `query ($id: AssetRef!, ${CLOCKS}) { lineage(of: [$id], direction: DOWNSTREAM, ${AT}) { roots { ...S } } } ${SHOWN}`,
    read: ({ lineage }: { lineage: { roots: Shown[] } }) => lineage.roots[0] ?? null,
  },
  provenance: {
    query: `query ($made: ID!, ${CLOCKS}) { node(id: $made) { ... on ModelVersion { provenance(direction: UPSTREAM, ${AT}) {
      versions { ... on DatasetVersion { dataset { ...S } } } } } } } ${SHOWN}`,
    read: ({ node }: { node: { provenance: { versions: { dataset: Shown }[] } } }) =>
      node.provenance.versions[0]?.dataset ?? null,
  },
  trainedOn: {
    query: `query ($made: ID!, ${CLOCKS}) { trainedOn(modelVersion: $made, ${AT}) { edges { node { dataset { ...S } } } } } ${SHOWN}`,
    read: ({ trainedOn }: { trainedOn: { edges: { node: { dataset: Shown } }[] } }) =>
      trainedOn.edges[0]?.node.dataset ?? null,
  },
};

let server: TestWeftline;
let owner: Client;
let seed: Seed;

beforeAll(async () => {
  server = await startTestWeftline();
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});
afterAll(() => server.stop());

const change = (mutation: string, input: string): Promise<unknown> =>
  owner.data(`mutation { ${mutation}(input: ${input}) { asset { id } } }`);

/** A model version that was trained on a data set with one column. */
async function trained(name: string) {
  const data = await seed.dataset(`${name}-data`, { fields: [{ name: 'a' }] });
  const [job, model] = [await seed.transformation(`${name}-job`), await seed.model(`${name}-model`)];
  const [read, made] = [await seed.datasetVersion(data.id), await seed.modelVersion(model.id)];
  await seed.run(job.id, [read], [made]);
  return { data, job, model, made };
}

async function ask(way: string, of: Awaited<ReturnType<typeof trained>>, clocks: object): Promise<Shown | null> {
  const { query, read } = WAYS[way] ?? { query: '', read: () => null };
  const all = { id: of.data.id, model: of.model.id, made: of.made };
  const variables = Object.fromEntries(Object.entries(all).filter(([name]) => query.includes(`$${name}:`)));
  return read(await owner.data<never>(query, { ...variables, ...clocks }));
}

describe.each(Object.keys(WAYS))('As of either clock, %s', (way) => {
  it('shows the name, columns, owners and retirement of then', { timeout: 300_000 }, async () => {
    const of = await trained(way.replaceAll(/\W/g, ''));
    const { id } = of.data;
    const name = (await ask('asset', of, {}))?.name;
    const first = { name, retiredAt: null, owners: [{ owner: { id: owner.userId } }], fields: [{ name: 'a' }] };
    const states: [string, object][] = [[await betweenWrites(), first]];
    const note = async (shown: object) => states.push([await betweenWrites(), { ...states.at(-1)?.[1], ...shown }]);
    await change('renameAsset', `{ ref: "${id}", name: "${name}-renamed" }`);
    await note({ name: `${name}-renamed` });
    await change('updateAsset', `{ ref: "${id}", fields: [{ name: "a" }, { name: "b" }] }`);
    await note({ fields: [{ name: 'a' }, { name: 'b' }] });
    const team = await server.team(owner);
    await change('setOwners', `{ ref: "${id}", owners: [{ owner: "${team}" }] }`);
    await note({ owners: [{ owner: { id: team } }] });
    await change('retireAsset', `{ ref: "${id}", retired: true }`);
    await note({ retiredAt: expect.any(String) as string });
    const later = await betweenWrites();
    await change('retireAsset', `{ ref: "${id}", retired: false }`);
    for (const [time, shown] of states) {
      for (const clocks of [{ asOf: time }, { knownAt: time }, { asOf: time, knownAt: later }])
        expect(await ask(way, of, clocks)).toEqual(shown);
    }
    expect(await ask(way, of, {})).toEqual({ ...states.at(-1)?.[1], retiredAt: null });
  });
});

describe('What serves', () => {
  it('is shown with the names of then, and what made it', { timeout: 300_000 }, async () => {
    const { data, job, model, made } = await trained('serving');
    const live = await seed.deployment('serving-live');
    await owner.data(
      `mutation { deployModel(input: { modelVersion: "${made}", deployment: "${live.id}" }) { ... on Release { id } } }`,
    );
    const then = await betweenWrites();
    for (const [word, { id }] of Object.entries({ data, job, model, live }))
      await change('renameAsset', `{ ref: "${id}", name: "later-${word}" }`);
    const query = `query ($data: AssetRef!, $made: ID!, ${CLOCKS}) {
      deploymentsTrainedOn(dataset: $data, ${AT}) { edges { node { deployment { name } modelVersion { model { name } } } } }
      impact(of: [$data], kinds: [DEPLOYMENT], ${AT}) { edges { live { deployment { name } modelVersion { model { name } } } } }
      node(id: $made) { ... on ModelVersion { provenance(${AT}) { runs { transformation { name } } } } } }`;
    const names = (live: string, model: string) => ({
      deployment: { name: live },
      modelVersion: { model: { name: model } },
    });
    const answer = async (clocks: object) => owner.data(query, { data: data.id, made, ...clocks });
    for (const clocks of [{ asOf: then }, { knownAt: then }])
      expect(await answer(clocks)).toMatchObject({
        deploymentsTrainedOn: { edges: [{ node: names('serving-live', 'serving-model') }] },
        impact: { edges: [{ live: names('serving-live', 'serving-model') }] },
        node: { provenance: { runs: [{ transformation: { name: 'serving-job' } }] } },
      });
    expect(await answer({})).toMatchObject({
      deploymentsTrainedOn: { edges: [{ node: names('later-live', 'later-model') }] },
      impact: { edges: [{ live: names('later-live', 'later-model') }] },
      node: { provenance: { runs: [{ transformation: { name: 'later-job' } }] } },
    });
  });
});
