import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, type GraphqlAnswer, type GraphqlError } from '../support/client.js';
import { FROZEN_QUESTIONS, type FrozenWorld } from '../support/frozen-questions.js';
import { MORE_OPERATIONS, makeWorld, OPERATIONS, type World } from '../support/permission-world.js';
import { Seed } from '../support/seed.js';
import { LEAVES_A_MODEL, launch, node, OVER, readJob } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';
import { WholeQueries } from '../support/whole-query.js';

/**
 * Everything the schema can be asked is asked of an auditor session; then everything that can change changes, and it is all
 * asked again. A frozen session is told the same, byte for byte, or refused by name both times.
 */
const LATER = `later${randomBytes(6).toString('hex')}`;
/** How far below a root field is asked: everything with an id is asked for by `nodes`, so one step leads everywhere. */
const DEPTH = 1;
const AT_ONCE = 4;

let server: TestWeftline;
let admin: Client;
let world: FrozenWorld;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-frozen-'));
  server = await startTestWeftline({
    runner: true,
    environment: {
      WEFTLINE_MAX_COST: '1000000000',
      WEFTLINE_MAX_TOKENS: '200000',
      WEFTLINE_MAX_ALIASES: '100000',
      WEFTLINE_MAX_DEPTH: '40',
      WEFTLINE_BODY_LIMIT_BYTES: '4194304',
      WEFTLINE_MAX_RESPONSE_BYTES: '1000000000',
    },
  });
  admin = await server.user({ role: 'ADMIN' });
  world = await begin(await makeWorld(server, 'DISCOVERABLE'));
}, 300_000);
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const queries = (): string[] => Object.keys(server.weftline.schema.getQueryType()?.getFields() ?? {});
const mutations = (): string[] => Object.keys(server.weftline.schema.getMutationType()?.getFields() ?? {});
const gate = (): string => join(folder, 'go');

/** Writes metrics while it runs, and leaves a model once the gate is open. */
const waiting = (): string[] =>
  node(
    `console.log('begun'); const wait = () => fs.existsSync(${JSON.stringify(gate())}) ? (console.log('done'), ${LEAVES_A_MODEL.replace(';', '')}) : setTimeout(wait, 50); wait();`,
  );

/** A world in which something of everything has happened already. */
async function begin(made: World): Promise<FrozenWorld> {
  const { owner, namespace, dataset, spare, live, team } = made;
  const word = `word${randomBytes(6).toString('hex')}`;
  const seed = new Seed(owner, namespace);
  for (const [ref, change] of [
    [dataset, `description: "${word} one", tags: ["t", "u"], fields: [{ name: "a" }, { name: "b" }]`],
    [spare, `description: "${word} two", properties: { a: { b: 1 } }`],
  ])
    await owner.data(`mutation { updateAsset(input: { ref: "${ref}", ${change} }) { asset { id } } }`);
  await seed.flow([made.transformation, spare], [spare, made.transformation]);
  for (const name of [
    'claimLineage',
    'claimFieldLineage',
    'reportHealth',
    'reportQuality',
    'startRun',
    'setQuota',
    'setNamespaceOwners',
  ])
    await admin.ask(OPERATIONS[name]?.(made) ?? '');
  await owner.data(OPERATIONS['reportHealth']?.(made) ?? '');
  await admin.data(`mutation { setQuota(input: { team: "${team}", runningGpus: 4 }) { quota { period } } }`);
  const ended = await launchOf(made, node(LEAVES_A_MODEL));
  await until(ended, (state) => OVER.includes(state));
  const running = await launchOf(made, waiting());
  await until(running, (state) => state === 'RUNNING');
  const { asset } = await owner.data<{ asset: { urn: string } }>(`{ asset(ref: "${dataset}") { urn } }`);
  const { trainingJob } = await owner.data<{ trainingJob: { run: { id: string }; modelVersion: { id: string } } }>(
    `{ trainingJob(id: "${ended}") { run { id } modelVersion { id } } }`,
  );
  const inside = await owner.data(
    `{ a: asset(ref: "${live}") { ... on Deployment { releases { nodes { id } } } } b: asset(ref: "${dataset}") { ... on Dataset { fields { id } } } n: namespace(name: "${namespace}") { id } }`,
  );
  return {
    ...made,
    word,
    laterWord: LATER,
    urns: { dataset: asset.urn, spare: `urn:weft:dataset:${namespace}:spare` },
    laterUrn: `urn:weft:dataset:${namespace}-2:${LATER}`,
    jobs: [ended, running, made.job],
    madeVersion: trainingJob.modelVersion.id,
    ids: [trainingJob.run.id, ...[...JSON.stringify(inside).matchAll(/"id":"([^"]+)"/g)].map(([, id = '']) => id)],
    before: new Date().toISOString(),
  };
}

async function launchOf({ owner, transformation, version, model }: World, command: string[]): Promise<string> {
  const idempotencyKey = randomBytes(6).toString('hex');
  const answer = await launch(owner, { idempotencyKey, transformation, inputs: [version], output: model, command });
  if (answer.id === undefined) throw new Error(`The launch was not accepted: ${JSON.stringify(answer)}`);
  return answer.id;
}

async function until(job: string, wanted: (state: string) => boolean): Promise<void> {
  while (!wanted((await readJob(admin, job)).state)) await delay(100);
}

/** A session frozen at a time that is over, with all that was done by then sealed. */
async function freeze(asOf = new Date()): Promise<Client> {
  while (Date.now() <= asOf.getTime()) await delay(1);
  const open = `mutation { openAuditorSession(input: { auditor: "A", reason: "R", asOf: "${asOf.toISOString()}" }) { secret session { id } } }`;
  const { openAuditorSession } = await admin.data<{ openAuditorSession: { secret: string; session: { id: string } } }>(
    open,
  );
  await server.sealed();
  return new Client(server.address, openAuditorSession.secret, openAuditorSession.session.id);
}

/** Every answer by its question. */
async function askAll(session: Client): Promise<Map<string, GraphqlAnswer<unknown>>> {
  const whole = new WholeQueries(server.weftline.schema);
  const asked = queries().flatMap((name) =>
    (FROZEN_QUESTIONS[name]?.(world) ?? []).map((args) => [`${name}(${args})`, whole.of(name, args, DEPTH)] as const),
  );
  const answers = new Map<string, GraphqlAnswer<unknown>>();
  for (let at = 0; at < asked.length; at += AT_ONCE)
    await Promise.all(
      asked.slice(at, at + AT_ONCE).map(async ([key, query]) => {
        answers.set(key, await askSurely(session, query));
      }),
    );
  return answers;
}

/** Which of two fields is refused first is chance. */
function inOrder({ errors, ...answer }: GraphqlAnswer<unknown>): GraphqlAnswer<unknown> {
  const place = ({ path, message }: GraphqlError): string => JSON.stringify([path, message]);
  return errors ? { ...answer, errors: errors.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)) } : answer;
}

/** An idle connection may be closed at the moment it is used again: a question can be asked twice. */
async function askSurely(session: Client, query: string): Promise<GraphqlAnswer<unknown>> {
  try {
    return inOrder(await session.ask(query));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return inOrder(await session.ask(query));
  }
}

/** What differs between two answers, each as a path with both values. */
function differences(one: unknown, other: unknown, path = ''): string[] {
  if (JSON.stringify(one) === JSON.stringify(other)) return [];
  // Positions are sealed anew with each answer.
  if (/ursor(_\d+)?$/.test(path) && typeof one === 'string' && typeof other === 'string') return [];
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
  if (!isObject(one) || !isObject(other)) return [`${path}: ${JSON.stringify(one)} → ${JSON.stringify(other)}`];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    differences(one[key], other[key], `${path}.${key}`),
  );
}

/** Changes something of every kind: every mutation there is, and for what shows in many places some of its variants. */
async function changeEverything(): Promise<void> {
  const w = world;
  const change = async (who: Client, text: string): Promise<void> => {
    await who.data(`mutation { ${text} { __typename } }`);
  };
  const update = (ref: string, text: string): Promise<void> =>
    change(w.owner, `updateAsset(input: { ref: "${ref}", ${text} })`);
  const more = `description: "${LATER}", tags: ["${LATER}"], properties: { later: "${LATER}" }`;
  await update(
    w.dataset,
    `${more}, uri: "s3://later", format: "csv", fields: [{ name: "a", type: "int" }, { name: "c" }]`,
  );
  await update(w.transformation, `${more}, codeRef: { repository: "later" }`);
  await update(w.model, `${more}, task: "later", license: "later"`);
  await update(w.live, `${more}, environment: "later", endpoint: "https://later"`);
  await change(w.owner, `reportHealth(input: { deployment: "${w.live}", state: FAILING, message: "later" })`);
  for (const of of [`version: "${w.version}"`, `dataset: "${w.dataset}"`])
    await change(
      w.owner,
      `reportQuality(input: { ${of}, source: "later", measuredAt: "2026-01-02T00:00:00Z", assertions: [{ assertion: "later", success: false }], metrics: { rowCount: 7 } })`,
    );
  writeFileSync(gate(), '');
  await until(w.jobs[1] ?? '', (state) => OVER.includes(state));
  const again = await launchOf(w, node(LEAVES_A_MODEL));
  await until(again, (state) => OVER.includes(state));
  // Erasing a person takes their name from all times: that is what it is for.
  for (const name of mutations().filter((each) => each !== 'erasePerson')) {
    const operation = OPERATIONS[name];
    if (!operation) throw new Error(`There is no sample of ${name}.`);
    await tryAll(operation(w));
  }
  for (const operation of Object.values(MORE_OPERATIONS)) await tryAll(operation(w));
  await tryAll(
    `mutation { renameAsset(input: { ref: "${w.spare}", namespace: "${w.namespace}-2", name: "${LATER}" }) { asset { id } } }`,
  );
  await tryAll(`mutation { renameAsset(input: { ref: "${w.dataset}", name: "${LATER}" }) { asset { id } } }`);
  await tryAll(`mutation { retireAsset(input: { ref: "${w.model}" }) { asset { id } } }`);
  await tryAll(
    `mutation { setOwners(input: { ref: "${w.dataset}", owners: [{ owner: "${w.asker}" }] }) { asset { id } } }`,
  );
  await tryAll(
    `mutation { setNamespaceVisibility(input: { namespace: "${w.namespace}", visibility: RESTRICTED }) { followed } }`,
  );
  await until(again, (state) => OVER.includes(state));
  await server.sealed();
}

/** As an ADMIN and as the owner: one of them may. */
async function tryAll(operation: string): Promise<void> {
  await admin.ask(operation);
  await world.owner.ask(operation);
}

describe('A frozen auditor session', () => {
  it('has a sample of every query of the schema', () => {
    expect(queries().filter((name) => !FROZEN_QUESTIONS[name]?.(world).length)).toEqual([]);
  });

  it('is told the same, byte for byte, or refused both times, whatever changes meanwhile', async () => {
    const frozenAt = new Date();
    const session = await freeze(frozenAt);
    const before = await askAll(session);
    const faults = [...before].filter(([, { errors }]) =>
      errors?.some(({ extensions }) => !['FORBIDDEN', 'NOT_FOUND'].includes(extensions.code)),
    );
    expect(faults).toEqual([]);
    await changeEverything();
    const after = await askAll(session);
    expect([...before].flatMap(([key, answer]) => differences(answer, after.get(key), key))).toEqual([]);
    expect(existsSync(gate())).toBe(true);
  }, 600_000);
});
