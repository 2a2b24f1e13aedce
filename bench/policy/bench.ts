import 'reflect-metadata';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SCOPES } from '../../src/auth/actor.js';
import { startEmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { type Caller, callerOf } from '../http-caller.js';
import { principalRows } from '../lineage/catalog-rows.js';
import { type Factory, MEMORY, openFactory, say } from '../lineage/graph-cache.js';
import { startWeftline, tokenOf } from '../lineage/weftline.js';
import { type Measured, measure, round } from '../load.js';
import { printTable, saveResults } from '../results.js';
import * as cypher from './closure.cypher.js';
import { batchesOf, type Line, lineOf } from './lines.js';
import { type Ask, rehearse, type Rehearsed, serve } from './standing.js';

/** What issue 17 asks of a decision, beside the bare closure: at most so many times that, and so much more. */
const WANTED = { times: 1.5, moreMs: 5 };
/** Forbids nothing here, and reads what the closure tells. */
const POLICIES = `@id("all") @reason("Permitted.") permit (principal, action, resource);
@id("secret") @reason("Too secret.") forbid (principal, action, resource) when { context.labels.classification.rank > 1 };
@id("purpose") @reason("Not for this.") forbid (principal, action, resource)
when { !context.labels.purposes.contains(context.purpose) };
@id("region") @reason("Not there.") forbid (principal, action, resource) when { !context.labels.regions.contains("EU") };
@id("licence") @reason("Not under this licence.") forbid (principal, action, resource)
when { !["Apache-2.0"].containsAll(context.labels.licences.ids) };
@id("pinned") @reason("Not pinned.") forbid (principal, action, resource) when { context.inputs.unpinned > 0 };
`;
const NEVER = '@id("never") @reason("Never.") forbid (principal, action == Action::"deployModel", resource);\n';
const LABELS = { classification: ['INTERNAL'], purposes: ['BENCH'], regions: ['EU'], licences: ['Apache-2.0'] };

type Graph = Pick<Factory, 'database' | 'openDriver'>;
type Driver = ReturnType<Factory['openDriver']>;

/** A launch of five inputs, and the line up from them. */
interface Launch {
  ancestors: number;
  roots: string[];
  input: Record<string, unknown>;
}

interface Row {
  ancestors: number;
  closure: Measured;
  undecided: Measured;
  decided: Measured;
  planned: Measured;
  /** The launch for real, with a job and a decision that stay. */
  launched: Measured;
}

/** How long a decision about a launch takes by the number of ancestors, beside the bare closure over Bolt and the same launch without policies. */
export async function benchPolicy(args: readonly string[]): Promise<string> {
  const { assets, ancestors, seconds, deployments } = readOptions(args);
  const { graph, stop } = await copyOfFactory(assets);
  const driver = graph.openDriver();
  try {
    const user = principalRows().find(({ team }) => !team)?.id ?? '';
    await driver.executeQuery(cypher.PROMOTE, { id: user });
    const token = await tokenOf(graph, user, SCOPES);
    const server = await startWeftline(graph);
    try {
      const ask = asking(callerOf(server.address, token));
      const launches: Launch[] = [];
      for (const each of ancestors) launches.push(await prepare(ask, driver, each));
      const [smallest] = launches;
      say(`Releasing on ${deployments} deployments …`);
      await serve(ask, deployments, smallest?.roots ?? []);
      const rows = await measureAll({ ask, driver, launches, seconds });
      const rehearsal = await rehearse(ask, deployments, POLICIES + NEVER);
      print(rows, rehearsal);
      return saveResults('policy', { assets, wanted: WANTED, rows, rehearsal });
    } finally {
      await server.stop();
    }
  } finally {
    await driver.close();
    await stop();
  }
}

function readOptions(args: readonly string[]): {
  assets: number;
  ancestors: number[];
  seconds: number;
  deployments: number;
} {
  const { values } = parseArgs({
    args: [...args],
    options: {
      assets: { type: 'string', default: '20000' },
      ancestors: { type: 'string', default: '10,1000,20000' },
      seconds: { type: 'string', default: '8' },
      deployments: { type: 'string', default: '1000' },
    },
  });
  const whole = (name: string, text: string, least: number): number => {
    const number = Number(text);
    if (Number.isSafeInteger(number) && number >= least) return number;
    throw new Error(`--${name} has "${text}"; give whole numbers from ${least} on.`);
  };
  return {
    assets: whole('assets', values.assets, 10_000),
    ancestors: values.ancestors.split(',').map((each) => whole('ancestors', each, 10)),
    seconds: whole('seconds', values.seconds, 1),
    deployments: whole('deployments', values.deployments, 1),
  };
}

/** A copy that may be changed: other benches use the factory as it is. */
async function copyOfFactory(assets: number): Promise<{ graph: Graph; stop: () => Promise<void> }> {
  const factory = await openFactory({ assets, seed: 1, fresh: false });
  await factory.stop();
  const folder = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  const home = join(folder, 'neo4j');
  cpSync(factory.home, home, { recursive: true });
  const database = await startEmbeddedNeo4j({ home, ...MEMORY, onEvent: say });
  const stop = async (): Promise<void> => {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { graph: { database, openDriver: () => openDriver(database) }, stop };
}

function asking(call: Caller): Ask {
  return async <T>(query: string, variables: Record<string, unknown>): Promise<T> => {
    const answer = JSON.parse(await call({ query, variables })) as { data?: T; errors?: unknown };
    if (answer.errors !== undefined || !answer.data)
      throw new Error(`Refused: ${JSON.stringify(answer).slice(0, 500)}`);
    return answer.data;
  };
}

/** Registers what is launched, and makes the line of its inputs; what that begins with is labelled. */
async function prepare(ask: Ask, driver: Driver, ancestors: number): Promise<Launch> {
  const named = (name: string) => ({ namespace: 'bench-policy', name: `${name} ${ancestors}` });
  const inputs = Array.from({ length: 5 }, (_, number) => ({ dataset: named(`input ${number}`) }));
  const wanted = [{ transformation: named('train') }, { model: named('model') }, { dataset: named('raw') }, ...inputs];
  const { registerAssets } = await ask<{ registerAssets: { outcomes: { asset: { id: string } | null }[] } }>(
    'mutation ($assets: [AssetToRegisterInput!]!) { registerAssets(input: { assets: $assets }) { outcomes { asset { id } } } }',
    { assets: wanted },
  );
  const [transformation = '', output = '', raw = '', ...roots] = registerAssets.outcomes.map(
    ({ asset }) => asset?.id ?? '',
  );
  const declare = 'mutation ($input: DeclareLabelInput!) { declareLabel(input: $input) { __typename } }';
  for (const [dimension, values] of Object.entries(LABELS))
    await ask(declare, { input: { asset: raw, dimension, values } });
  const line = lineOf(ancestors, { raw, roots });
  await load(driver, line);
  const input = { transformation, output, inputs: line.roots, purpose: 'BENCH', command: ['/bin/true'] };
  return { ancestors: line.versions.length - line.roots.length + line.runs.length, roots: line.roots, input };
}

async function load(driver: Driver, { versions, runs }: Line): Promise<void> {
  const at = new Date(Date.now() - 3_600_000);
  for (const rows of batchesOf(versions))
    await driver.executeQuery(cypher.ADD_VERSIONS, { rows, at: at.toISOString() });
  for (const rows of batchesOf(runs)) await driver.executeQuery(cypher.ADD_RUNS, { rows, at: at.toISOString() });
}

async function measureAll(by: {
  ask: Ask;
  driver: Driver;
  launches: readonly Launch[];
  seconds: number;
}): Promise<Row[]> {
  const undecided: Measured[] = [];
  for (const launch of by.launches) undecided.push(await measureDryRun(by, launch));
  await enforce(by.ask);
  const rows: { row: Omit<Row, 'launched'>; launch: Launch }[] = [];
  for (const [index, launch] of by.launches.entries()) {
    const closure = await measureClosure(by, launch);
    const without = undecided[index];
    if (!without) throw new Error('Nothing was measured.');
    const decided = await measureDryRun(by, launch);
    const planned = await measurePlan(by, launch);
    rows.push({ launch, row: { ancestors: launch.ancestors, closure, undecided: without, decided, planned } });
  }
  // Last: the jobs of it are run beside what is measured.
  const whole: Row[] = [];
  for (const { row, launch } of rows) whole.push({ ...row, launched: await measureLaunch(by, launch) });
  return whole;
}

type By = Parameters<typeof measureAll>[0];

async function measureClosure({ driver, seconds }: By, { roots, ancestors }: Launch): Promise<Measured> {
  const session = driver.session({ database: 'neo4j' });
  const now = new Date().toISOString();
  const parameters = { ids: roots, asOf: now, knownAt: now };
  const statement = cypher.FLOOR;
  try {
    return await measure(
      async () => {
        const { records } = await session.executeRead((tx) => tx.run(statement, parameters));
        const reached = Number(records[0]?.get('reached'));
        if (reached !== ancestors) throw new Error(`The closure has ${reached} of ${ancestors}.`);
      },
      { callers: 1, requests: 300, seconds },
    );
  } finally {
    await session.close();
  }
}

let keys = 0;

/** A launch that is accepted, with its job and its decision. */
function measureLaunch({ ask, seconds }: By, { input }: Launch): Promise<Measured> {
  const query = `mutation ($input: LaunchTrainingInput!) { launchTraining(input: $input) { __typename ... on LaunchDenied { reasons { message } } } }`;
  return measure(
    async () => {
      const { launchTraining } = await ask<{ launchTraining: { __typename: string } }>(query, {
        input: { ...input, idempotencyKey: `policy-${(keys += 1)}` },
      });
      if (launchTraining.__typename !== 'TrainingJob')
        throw new Error(`Not launched: ${JSON.stringify(launchTraining)}`);
    },
    { callers: 1, requests: 300, seconds },
  );
}

/** The launch as it is made, in its transaction, which is given up at the end. */
async function measureDryRun({ ask, seconds }: By, { input }: Launch): Promise<Measured> {
  const query = `mutation ($input: LaunchTrainingInput!) { launchTraining(input: $input) { __typename ... on DryRun { accepted reasons { message } } } }`;
  const launch = async (): Promise<void> => {
    const variables = { input: { ...input, idempotencyKey: `policy-${(keys += 1)}`, dryRun: true } };
    const { launchTraining } = await ask<{ launchTraining: { accepted?: boolean } }>(query, variables);
    if (launchTraining.accepted !== true) throw new Error(`Not accepted: ${JSON.stringify(launchTraining)}`);
  };
  // Unmeasured: what is planned, and what Java compiles, is no part of a decision.
  await measure(launch, { callers: 1, requests: 300, seconds });
  return measure(launch, { callers: 1, requests: 300, seconds });
}

function measurePlan({ ask, seconds }: By, { input }: Launch): Promise<Measured> {
  const query = 'query ($input: LaunchTrainingInput!) { planTraining(input: $input) { accepted } }';
  return measure(
    async () => {
      const variables = { input: { ...input, idempotencyKey: `policy-${(keys += 1)}` } };
      const { planTraining } = await ask<{ planTraining: { accepted: boolean } }>(query, variables);
      if (!planTraining.accepted) throw new Error('The plan is not accepted.');
    },
    { callers: 1, requests: 300, seconds },
  );
}

async function enforce(ask: Ask): Promise<void> {
  const files = [{ path: 'bench.cedar', text: POLICIES }];
  const { uploadPolicySet } = await ask<{ uploadPolicySet: { policySet: { id: string } } }>(
    'mutation ($input: UploadPolicySetInput!) { uploadPolicySet(input: $input) { policySet { id } } }',
    { input: { files } },
  );
  const input = { policySet: uploadPolicySet.policySet.id, expectedActive: null };
  await ask('mutation ($input: ActivatePolicySetInput!) { activatePolicySet(input: $input) { state } }', { input });
}

function print(rows: readonly Row[], rehearsal: Rehearsed): void {
  const of = (what: string, value: (row: Row) => number | string): string[] => [
    what,
    ...rows.map((row) => String(value(row))),
  ];
  const decision = ({ decided, undecided }: Row): number => round(decided.p50Ms - undecided.p50Ms);
  printTable([
    of('ancestors', ({ ancestors }) => ancestors),
    of('closure over Bolt, p50 ms', ({ closure }) => closure.p50Ms),
    of('launch without policies, p50 ms', ({ undecided }) => undecided.p50Ms),
    of('launch with policies, p50 ms', ({ decided }) => decided.p50Ms),
    of('launch with policies, p99 ms', ({ decided }) => decided.p99Ms),
    of('launches decided a second, one caller', ({ decided }) => decided.perSecond),
    of('launch for real, p50 ms', ({ launched }) => launched.p50Ms),
    of('launches for real a second, one caller', ({ launched }) => launched.perSecond),
    of('plan of it, p50 ms', ({ planned }) => planned.p50Ms),
    of('the decision alone (difference), ms', decision),
    of('the decision, times the closure', (row) => round(decision(row) / row.closure.p50Ms)),
    of(`at most ${WANTED.times} times and ${WANTED.moreMs} ms`, (row) =>
      decision(row) <= WANTED.times * row.closure.p50Ms + WANTED.moreMs ? 'reached' : 'not reached',
    ),
  ]);
  const { checked, deployments, seconds, isComplete } = rehearsal;
  say(
    `A rehearsal over ${checked} of ${deployments} live deployments: ${seconds} s${isComplete ? '' : ', not complete'}.`,
  );
}
