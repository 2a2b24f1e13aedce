import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoAsset, DemoVersion } from './catalog.js';
import type { DemoClient } from './client.js';
import type { Display } from './display.js';
import type { Cast } from './people.js';
import { EXAMPLES, sha256Of } from './preparation.js';

export interface TrainedModel {
  versionId: string;
  version: string;
  digest: string;
  metrics: Record<string, number>;
}

export interface TrainingPlan {
  transformation: DemoAsset;
  model: DemoAsset;
  inputs: DemoVersion[];
}

type Outcome =
  | { __typename: 'TrainingJob'; id: string; state: string }
  | { __typename: 'LaunchDenied'; reasons: { rule: string; message: string }[] }
  | { __typename: 'LaunchConflict' | 'LauncherUnavailable'; message: string };

const LAUNCH = `mutation ($input: LaunchTrainingInput!) {
  launchTraining(input: $input) {
    __typename
    ... on TrainingJob { id state }
    ... on LaunchDenied { reasons { rule message } }
    ... on LaunchConflict { message }
    ... on LauncherUnavailable { message }
  }
}`;

const PROGRAM = `${EXAMPLES}train.mjs`;
const MINUTES_OF_GRANT = 60 * 24 * 30;

/** Asks for the training in the name of Sami. The key names what goes in, so the same training is launched once. */
export async function launch(cast: Cast, plan: TrainingPlan, attempt: number): Promise<Outcome> {
  const inputs = plan.inputs.map((input) => input.id);
  const key = ['demo', sha256Of(PROGRAM).slice(0, 12), ...plan.inputs.map((input) => input.version), attempt].join('-');
  const input = {
    idempotencyKey: key,
    transformation: plan.transformation.id,
    inputs,
    output: plan.model.id,
    command: [process.execPath, PROGRAM],
    parameters: { epochs: 300, seed: 7, sleepMs: 10 },
    resources: {},
    timeoutSeconds: 120,
    purpose: 'The penguins demo',
  };
  return (await cast.sami.client.ask<{ launchTraining: Outcome }>(LAUNCH, { input })).launchTraining;
}

/** The science team asks the data team for the right to train on what they own, and Dana grants it. */
export async function obtainGrants(cast: Cast, datasets: readonly DemoAsset[]): Promise<number> {
  const until = new Date(Date.now() + MINUTES_OF_GRANT * 60_000).toISOString();
  for (const dataset of datasets) {
    const ask = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
    const input = {
      asset: dataset.id,
      actions: ['USE_FOR_TRAINING'],
      purpose: 'Learn to tell penguins apart',
      until,
      grantee: cast.teams.science,
    };
    const { requestAccess } = await cast.sami.client.ask<{ requestAccess: { request: { id: string } } }>(ask, {
      input,
    });
    const decide = 'mutation ($input: DecideAccessInput!) { decideAccess(input: $input) { grant { id } } }';
    await cast.dana.client.ask(decide, {
      input: { request: requestAccess.request.id, approve: true, reason: 'Openly licensed data' },
    });
  }
  return datasets.length;
}

/** Follows the job while it runs: its states, what it measures, and the end of its log. Throws when it does not succeed. */
export async function watch(cast: Cast, jobId: string, display: Display): Promise<TrainedModel> {
  const { client } = cast.sami;
  const query = `subscription ($id: ID!) { trainingJobChanged(id: $id) { change state cause job { progress metrics } } }`;
  interface Event {
    trainingJobChanged: {
      change: string;
      state: string;
      cause: string;
      job: { progress: number | null; metrics: Record<string, number> };
    };
  }
  for await (const { trainingJobChanged: event } of client.follow<Event>(query, { id: jobId })) {
    const { loss, accuracy } = event.job.metrics;
    const share = Math.round((event.job.progress ?? 0) * 100);
    if (event.change === 'STATE') display.detail(`${event.state.toLowerCase()}: ${event.cause}`);
    else if (loss !== undefined && accuracy !== undefined)
      display.detail(`${bar(share)} ${share} %  loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(3)}`);
  }
  return finished(client, jobId, display);
}

async function finished(client: DemoClient, jobId: string, display: Display): Promise<TrainedModel> {
  const query = `query ($id: ID!) { trainingJob(id: $id) {
    state failure { message } logs(first: 200) { nodes { text } }
    modelVersion { id version digest metrics }
  } }`;
  interface Found {
    trainingJob: {
      state: string;
      failure: { message: string } | null;
      logs: { nodes: { text: string }[] };
      modelVersion: { id: string; version: string; digest: string; metrics: Record<string, number> } | null;
    };
  }
  const { trainingJob: job } = await client.ask<Found>(query, { id: jobId });
  for (const line of job.logs.nodes.slice(-3)) display.detail(`log: ${line.text}`);
  if (!job.modelVersion)
    throw new Error(`The training ended as ${job.state}: ${job.failure?.message ?? 'no reason was given'}`);
  const { id, ...version } = job.modelVersion;
  return { versionId: id, ...version };
}

/** Launches until a job is at work or has done it: one that failed or was cancelled in an earlier run is launched anew. */
export async function launchAccepted(cast: Cast, plan: TrainingPlan): Promise<{ id: string; done: boolean }> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const outcome = await launch(cast, plan, attempt);
    if (outcome.__typename === 'TrainingJob') {
      if (outcome.state === 'SUCCEEDED') return { id: outcome.id, done: true };
      if (!['FAILED', 'CANCELLED', 'TIMED_OUT', 'LOST'].includes(outcome.state)) return { id: outcome.id, done: false };
    } else if (outcome.__typename === 'LaunchDenied') {
      throw new Error(`The launch was denied: ${outcome.reasons.map((reason) => reason.message).join(' ')}`);
    } else if (outcome.__typename === 'LauncherUnavailable') {
      throw new Error(outcome.message);
    }
    await sleep(50);
  }
  throw new Error('Twenty trainings of the demo failed. Look at the log of the last job.');
}

function bar(percent: number): string {
  const full = Math.round(percent / 5);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
}
