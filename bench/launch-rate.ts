import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DemoServer } from './demo-server.js';
import { measure, percentile, round } from './load.js';

const ONE_BY_ONE = 40;
const CALLERS = 8;
const PROGRAM = ['/bin/sh', '-c', 'echo weights > "$WEFTLINE_OUTPUT/model"'];
/** Takes the one place there is while launches are accepted, so that none of them runs beside. */
const HOLDS_THE_PLACE = ['/bin/sh', '-c', 'sleep 12; echo weights > "$WEFTLINE_OUTPUT/model"'];
const OPEN = ['PENDING', 'SUBMITTING', 'QUEUED', 'STARTING', 'RUNNING', 'CANCELLING'];

interface Order {
  transformation: string;
  output: string;
  inputs: string[];
}

/** Launches one after the other and then many at once, on a launcher with one place; all of them have ended when it answers. */
export async function measureLaunches(server: DemoServer) {
  const [order, ...others] = await prepare(server);
  let count = 0;
  const launch = async (command = PROGRAM, of: Order | undefined = order): Promise<string> => {
    const query = `mutation ($input: LaunchTrainingInput!) { launchTraining(input: $input) { ... on TrainingJob { id } } }`;
    const input = { ...of, idempotencyKey: `bench-${count++}`, command };
    const data = (await server.ask({ query, variables: { input } })) as { launchTraining: { id: string } };
    return data.launchTraining.id;
  };
  const waits: number[] = [];
  for (let number = 0; number < ONE_BY_ONE; number++) waits.push(await untilBegun(server, await launch()));
  waits.sort((a, b) => a - b);
  await launch(HOLDS_THE_PLACE);
  const bounds = { callers: others.length, requests: 150, seconds: 4 };
  const ofOne = await measure(() => launch(), bounds);
  const free = [...others];
  const ofDifferent = await measure(async () => {
    const own = free.pop();
    await launch(PROGRAM, own);
    if (own) free.push(own);
  }, bounds);
  await untilNoneIsOpen(server);
  return {
    ...{ ofOne, ofDifferent },
    oneByOne: waits.length,
    p50Ms: round(percentile(waits, 0.5)),
    p99Ms: round(percentile(waits, 0.99)),
  };
}

/** The same program without anything around it, from the call until it runs. */
export async function measureBare(folder: string) {
  const times: number[] = [];
  for (let number = 0; number < ONE_BY_ONE; number++) {
    const began = performance.now();
    const [command = '', ...args] = PROGRAM;
    const child = spawn(command, args, { env: { WEFTLINE_OUTPUT: folder }, stdio: 'ignore' });
    await once(child, 'spawn');
    times.push(performance.now() - began);
    await once(child, 'close');
  }
  times.sort((a, b) => a - b);
  return { p50Ms: round(percentile(times, 0.5)), p99Ms: round(percentile(times, 0.99)) };
}

/** Orders of several transformations, each with a model of its own; all read the same data. */
async function prepare(server: DemoServer): Promise<Order[]> {
  const query = `mutation ($assets: [AssetToRegisterInput!]!) {
    registerAssets(input: { assets: $assets }) { outcomes { asset { id } error { message } } } }`;
  const named = (name: string) => ({ namespace: 'bench', name });
  const pairs = Array.from({ length: 1 + CALLERS }, (_, number) => [
    { transformation: named(`job ${number}`) },
    { model: named(`model ${number}`) },
  ]);
  const { registerAssets } = (await server.ask({
    query,
    variables: { assets: [{ dataset: named('data') }, ...pairs.flat()] },
  })) as { registerAssets: { outcomes: { asset: { id: string } }[] } };
  const [data = '', ...made] = registerAssets.outcomes.map(({ asset }) => asset.id);
  const publish = `mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion { id } } }`;
  const { publishDatasetVersion } = (await server.ask({
    query: publish,
    variables: { input: { dataset: data, version: '1' } },
  })) as { publishDatasetVersion: { datasetVersion: { id: string } } };
  const inputs = [publishDatasetVersion.datasetVersion.id];
  return pairs.map((_, number) => ({
    ...{ transformation: made[2 * number] ?? '', output: made[2 * number + 1] ?? '', inputs },
  }));
}

/** How long the job waited until its program began, in milliseconds. */
async function untilBegun(server: DemoServer, id: string): Promise<number> {
  const query = 'query ($id: ID!) { trainingJob(id: $id) { createdAt startedAt endedAt failure { message } } }';
  for (;;) {
    const { trainingJob: job } = (await server.ask({ query, variables: { id } })) as {
      trainingJob: { createdAt: string; startedAt: string | null; endedAt: string | null; failure: unknown };
    };
    if (job.failure) throw new Error(`A job of the bench failed: ${JSON.stringify(job.failure)}`);
    if (job.startedAt !== null && job.endedAt !== null) return Date.parse(job.startedAt) - Date.parse(job.createdAt);
    await delay(100);
  }
}

async function untilNoneIsOpen(server: DemoServer): Promise<void> {
  const query = 'query ($states: [JobState!]) { trainingJobs(filter: { states: $states }) { totalCount } }';
  for (;;) {
    const { trainingJobs } = (await server.ask({ query, variables: { states: OPEN } })) as {
      trainingJobs: { totalCount: number };
    };
    if (trainingJobs.totalCount === 0) return;
    await delay(1_000);
  }
}
