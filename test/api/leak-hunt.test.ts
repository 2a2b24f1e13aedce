import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { type FittingArguments, type Pool, randomOf, RandomQueries } from '../support/random-query.js';
import { makeSecretWorld, type SecretAsset, type SecretWorld, update } from '../support/secret-world.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

/**
 * Hunts for leaks: random graphs with random visibility, and random operations of every root field, selecting all the
 * schema has, as random people, with the ids, urns and words of hidden assets as arguments. Nothing of an asset that is
 * hidden from who asks may stand in an answer or an error; only what they put into the question themselves may.
 */
const WORLDS = 5;
const ROUNDS_A_WORLD = 106;
/** An answer may have hundreds of megabytes, and is looked through in several forms. */
const AT_ONCE = 4;
/** The directory of people is open to everyone signed in. Where it is left out, also the owners of hidden assets must not show. */
const DIRECTORY = ['Query.principals', 'Query.viewer', 'User.teams', 'Team.members'];
/** What nobody of a world is answered: only an ADMIN may ask, to whom nothing is hidden. */
const FOR_ADMINS = ['rehearsePolicies'];
const DIRECTORY_ROOTS = new Set(DIRECTORY.map((field) => field.split('.')[1]));

let server: TestWeftline;
/** What the server logged of its own faults. */
const faults: string[] = [];
let responses = 0;
const answered = new Map<string, number>();

beforeAll(async () => {
  server = await startTestWeftline({
    logger: pino({ level: 'error' }, { write: (line) => faults.push(line) }),
    environment: {
      WEFTLINE_MAX_COST: '1000000000',
      WEFTLINE_MAX_TOKENS: '200000',
      WEFTLINE_MAX_ALIASES: '100000',
      WEFTLINE_MAX_DEPTH: '40',
      WEFTLINE_BODY_LIMIT_BYTES: '4194304',
      // Whatever is selected is tried: a question that is refused for its size would hunt nothing.
      WEFTLINE_MAX_RESPONSE_BYTES: '1000000000',
    },
  });
});
afterAll(() => server.stop());

const rootFields = (): string[] => Object.keys(server.weftline.schema.getQueryType()?.getFields() ?? {});

/** Arguments that lead to an answer more often than those that are taken by their types alone. */
function fittingOf({ assets, flows, versions, namespace, spaces, governed }: SecretWorld): FittingArguments {
  const of = (kind: SecretAsset['kind']): SecretAsset[] => assets.filter((asset) => asset.kind === kind);
  const versionsOf = (kind: SecretAsset['kind']): string[] => of(kind).flatMap((asset) => versions.get(asset) ?? []);
  const refsOf = (kind: SecretAsset['kind']): string[] => of(kind).flatMap(({ id, urn }) => [id, urn]);
  const [data, models] = [versionsOf('dataset'), versionsOf('model')];
  return {
    trainedOn: (one) =>
      one([
        { modelVersion: one(models), model: null, version: null },
        { model: one(refsOf('model')), modelVersion: null, version: null },
      ]),
    deploymentsTrainedOn: (one) =>
      one([
        { datasetVersion: one(data), dataset: null, version: null },
        { dataset: one(refsOf('dataset')), datasetVersion: null, version: null },
      ]),
    namespace: (one) => ({ name: one([namespace, ...spaces]) }),
    orphans: () => ({ namespaces: namespace }),
    lineageCoverage: () => ({ namespaces: namespace, since: null }),
    footprint: (one) => ({
      ...{ of: one([...data, ...models, ...refsOf('model')]), team: null, from: null, to: null },
    }),
    planTraining: (one) => ({
      input: {
        written: `{ idempotencyKey: "hunt", transformation: "${one(refsOf('transformation'))}", output: "${one(refsOf('model'))}", inputs: ["${one([...data, ...models])}"], command: ["true"] }`,
      },
    }),
    reproduce: (one) => ({ modelVersion: one(models) }),
    contamination: (one) => ({ train: one([...models, ...data]), evaluation: one(data) }),
    policyDecision: (one) => ({ id: one(governed.decisions) }),
    replayDecision: (one) => ({ id: one(governed.decisions) }),
    violation: (one) => ({ id: one(governed.violations) }),
    declassificationGrant: (one) => ({ id: one(governed.declassifications) }),
    fieldLineage: (one) => ({ dataset: one(refsOf('dataset')), field: null }),
    lineageClaims: (one) => {
      const [source, target] = one(flows);
      return { source: one([source.id, source.urn]), target: one([target.id, target.urn]), claimSource: null };
    },
  };
}

function poolOf(world: SecretWorld): Pool {
  const { assets, ids, people } = world;
  const refs = assets.flatMap(({ id, urn }) => [id, urn]);
  return {
    refs: [...refs, '00000000-0000-7000-8000-000000000000', 'urn:weft:dataset:nowhere:nothing'],
    // People are few, and often what an id is asked for.
    ids: [
      ...ids,
      ...assets.map(({ id }) => id),
      ...ids.map((_id, index) => people[index % people.length]?.userId ?? ''),
    ],
    fitting: fittingOf(world),
    words: ['name', ...assets.flatMap(({ word }) => [word, `field_${word}`, word.slice(0, 4)])],
  };
}

/** What the person may not be told: whether they see an asset is judged here by a second, simple hand. */
function hiddenFrom({ assets, people, auditor, builder }: SecretWorld, client: Client): SecretAsset[] {
  if (client === auditor || client === builder) return [];
  const index = people.indexOf(client);
  return assets.filter((asset) => index === -1 || (asset.restricted && !asset.insiders.has(index)));
}

/** The text with all that is readable in it once cursors and the like are decoded. */
function readable(answer: unknown): string {
  const text = JSON.stringify(answer);
  const decoded = [...text.matchAll(/"([A-Za-z0-9_-]{12,})"/g)].map(([, code = '']) =>
    Buffer.from(code, 'base64url').toString('latin1'),
  );
  return [text, ...decoded].join('\n');
}

function leaksIn(hidden: readonly SecretAsset[], question: string, answer: unknown, owners: boolean): string[] {
  const text = readable(answer);
  return hidden
    .flatMap((asset) => (owners ? [...asset.secrets, asset.team, asset.teamName] : asset.secrets))
    .filter((secret) => text.includes(secret) && !question.includes(secret));
}

interface Question {
  client: Client;
  query: string;
  root: string;
  /** The directory is left out, so owners are looked for too. */
  owners: boolean;
}

function askSomething(world: SecretWorld, seed: number, wanted?: string): Question {
  const random = randomOf(seed);
  const people = [...world.people, ...world.people, world.auditor, server.anonymous];
  const client = people[Math.floor(random() * people.length)] ?? server.anonymous;
  const owners = random() < 0.5 && (wanted === undefined || !DIRECTORY_ROOTS.has(wanted));
  const roots = rootFields().filter((field) => !owners || !DIRECTORY_ROOTS.has(field));
  const root = wanted ?? roots[Math.floor(random() * roots.length)] ?? 'assets';
  const queries = new RandomQueries(server.weftline.schema, poolOf(world), random, new Set(owners ? DIRECTORY : []));
  return { client, owners, root, query: queries.write('query', root) };
}

async function hunt(world: SecretWorld, seed: number, wanted?: string): Promise<void> {
  const { client, query, root, owners } = askSomething(world, seed, wanted);
  const answer = await client.ask(query);
  responses += 1;
  const codes = answer.errors?.map((error) => error.extensions.code) ?? [];
  const wasAnswered = codes.length === 0 || Object.values(answer.data ?? {}).some((value) => value !== null);
  if (wasAnswered) answered.set(root, (answered.get(root) ?? 0) + 1);
  // A fault of ours would hide what it was about to tell; a malformed question would try nothing.
  expect(codes, `${query}\n${faults.at(-1) ?? ''}`).not.toContain('INTERNAL');
  expect(
    answer.errors?.find((error) => /Cannot query|Syntax Error|conflict/.test(error.message)),
    query,
  ).toBeUndefined();
  const leaks = leaksIn(hiddenFrom(world, client), query, answer, owners);
  expect(leaks, `asked as ${client.userId}: ${query}\nanswered: ${JSON.stringify(answer)}`).toEqual([]);
}

describe('the leak hunt', () => {
  it.for(Array.from({ length: WORLDS }, (_each, index) => index + 1))(
    'finds nothing of a hidden asset in any answer, in random graph %i',
    { timeout: 900_000 },
    async (number) => {
      const seed = Number(process.env['WEFTLINE_TEST_SEED'] ?? Date.now() % 1_000_000) + number;
      process.stdout.write(`leak hunt: WEFTLINE_TEST_SEED=${seed - number} makes these graphs and questions again\n`);
      const world = await makeSecretWorld(server, randomOf(seed));
      expect(world.people.some((person) => hiddenFrom(world, person).length > 3)).toBe(true);
      const cases = fc.array(fc.integer(), { minLength: AT_ONCE, maxLength: AT_ONCE });
      const property = fc.asyncProperty(cases, async (seeds) => {
        await Promise.all(seeds.map((each) => hunt(world, each)));
      });
      await fc.assert(property, { numRuns: ROUNDS_A_WORLD, seed, endOnFailure: true });
    },
  );

  it('would have found a leak: whoever may see everything is told these very words', async () => {
    const world = await makeSecretWorld(server, randomOf(7));
    const person = world.people[0] ?? server.anonymous;
    const hidden = hiddenFrom(world, person);
    const found = new Set<string>();
    for (let seed = 0; seed < 200; seed += 1) {
      const { query, owners } = askSomething(world, seed);
      for (const leak of leaksIn(hidden, query, await world.builder.ask(query), owners)) found.add(leak);
    }
    expect(found.size).toBeGreaterThan(hidden.length);
  }, 300_000);

  it('tried every root field, thousands of times, and got answers', async () => {
    expect(responses).toBeGreaterThanOrEqual(2_000);
    const world = await makeSecretWorld(server, randomOf(13));
    // What chance passed by is asked until it answers.
    for (const root of rootFields().filter((field) => !FOR_ADMINS.includes(field)))
      for (let seed = 0; seed < 500 && !answered.has(root); seed += 1) await hunt(world, seed, root);
    expect(rootFields().filter((field) => !answered.has(field))).toEqual(FOR_ADMINS);
  }, 300_000);
});

describe('A stream', () => {
  it('tells a listener nothing of what is hidden from them, whatever happens to it', async () => {
    const world = await makeSecretWorld(server, randomOf(11));
    const query =
      'subscription { catalogChanged { action at cursor asset { id urn name description tags properties } } }';
    const gone = new AbortController();
    const heard = world.people.map(() => [] as unknown[]);
    const streams = await Promise.all(world.people.map((person) => person.open(query, {}, gone.signal)));
    for (const { id, word } of world.assets) await update(world.builder, id, `description: "again ${word}"`);
    // What comes last is for everyone: who has heard of it has heard of all before it that they may.
    await server.sealed();
    const last = await new Seed(world.builder, server.namespace).dataset('the last');
    await Promise.all(
      streams.map(async ({ events }, index) => {
        for await (const event of events) {
          if (JSON.stringify(event).includes(last.id)) return;
          heard[index]?.push(event);
        }
      }),
    );
    gone.abort();
    world.people.forEach((person, index) => {
      const hidden = hiddenFrom(world, person);
      expect(leaksIn(hidden, query, heard[index], true)).toEqual([]);
      expect(heard[index]?.length).toBeGreaterThanOrEqual(world.assets.length - hidden.length);
    });
  });
});
