import { join } from 'node:path';
import { SetupError } from '../neo4j/setup-error.js';
import type { DemoAsset, DemoVersion } from './catalog.js';
import type { DemoClient } from './client.js';
import type { Display } from './display.js';
import { digestOfPrograms, EXAMPLES } from './preparation.js';

export interface TrainedModel {
  jobId: string;
  versionId: string;
  version: string;
  digest: string;
  metrics: Record<string, number>;
}

export interface TrainingPlan {
  transformation: DemoAsset;
  model: DemoAsset;
  inputs: readonly DemoVersion[];
}

export interface LaunchedJob {
  __typename: 'TrainingJob';
  id: string;
  state: string;
}

export interface Denied {
  __typename: 'LaunchDenied';
  reasons: { rule: string; message: string; asset: { id: string } | null; policyDecision: string | null }[];
}

type Outcome = LaunchedJob | Denied | { __typename: 'LaunchConflict' | 'LauncherUnavailable'; message: string };

const LAUNCH = `mutation ($input: LaunchTrainingInput!) {
  launchTraining(input: $input) {
    __typename
    ... on TrainingJob { id state }
    ... on LaunchDenied { reasons { rule message asset { id } policyDecision } }
    ... on LaunchConflict { message }
    ... on LauncherUnavailable { message }
  }
}`;

/** What the model is for, in the words of the labels. */
const PURPOSE = 'TEACHING';
const MOST_ATTEMPTS = 20;
const ENDED_BADLY = ['FAILED', 'CANCELLED', 'TIMED_OUT', 'LOST'];

/**
 * Launches the training, or finds the job of an earlier run: the key names what goes in and the programs, so the same
 * training is launched once. A key whose job ended badly, or that was used for another command, gives way to the next.
 */
export async function launch(client: DemoClient, plan: TrainingPlan, purpose = PURPOSE): Promise<LaunchedJob | Denied> {
  const recipe = ['demo', digestOfPrograms().slice(0, 12), ...plan.inputs.map((input) => input.version)].join('-');
  const key = purpose === PURPOSE ? recipe : `${recipe}-${purpose}`;
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const input = { ...requestFor(plan), purpose, idempotencyKey: `${key}-${attempt}` };
    const { launchTraining: outcome } = await client.ask<{ launchTraining: Outcome }>(LAUNCH, { input });
    if (outcome.__typename === 'LauncherUnavailable') throw new SetupError(outcome.message);
    if (outcome.__typename === 'LaunchDenied') return outcome;
    if (outcome.__typename === 'TrainingJob' && !ENDED_BADLY.includes(outcome.state)) return outcome;
  }
  throw new SetupError(
    `${MOST_ATTEMPTS} trainings of the demo ended badly. Look at the log of the last one, in Weftline or in its job folder.`,
  );
}

function requestFor(plan: TrainingPlan) {
  return {
    transformation: plan.transformation.id,
    inputs: plan.inputs.map((input) => input.id),
    output: plan.model.id,
    command: [process.execPath, join(EXAMPLES, 'train.mjs')],
    // The pause after each epoch leaves time to watch; it does not change the model.
    parameters: { epochs: 300, seed: 7, sleepMs: 10 },
    timeoutSeconds: 120,
  };
}

interface Event {
  trainingJobChanged: {
    change: string;
    state: string;
    cause: string;
    job: { progress: number | null; metrics: Record<string, number> };
  };
}

/** Shows the job while it runs: its states, and what it measures. Returns when it has ended. */
export async function watch(client: DemoClient, jobId: string, display: Display): Promise<void> {
  const query = `subscription ($id: ID!) { trainingJobChanged(id: $id) { change state cause job { progress metrics } } }`;
  for await (const { trainingJobChanged: event } of client.follow<Event>(query, { id: jobId })) {
    const { loss, accuracy } = event.job.metrics;
    const percent = Math.round((event.job.progress ?? 0) * 100);
    if (event.change === 'STATE') display.detail(`${event.state.toLowerCase()}: ${event.cause}`);
    else if (loss !== undefined && accuracy !== undefined)
      display.detail(`${bar(percent)} ${percent} %  loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(3)}`);
  }
}

interface Ended {
  trainingJob: {
    state: string;
    failure: { message: string } | null;
    logs: { nodes: { text: string }[] };
    modelVersion: { id: string; version: string; digest: string; metrics: Record<string, number> } | null;
  };
}

/** What the job made, after the last lines of its log. Throws when it made nothing. */
export async function showResult(client: DemoClient, jobId: string, display: Display): Promise<TrainedModel> {
  const query = `query ($id: ID!) { trainingJob(id: $id) {
    state failure { message } logs(first: 200) { nodes { text } }
    modelVersion { id version digest metrics }
  } }`;
  const { trainingJob: job } = await client.ask<Ended>(query, { id: jobId });
  for (const line of job.logs.nodes.slice(-3)) display.detail(`log: ${line.text}`);
  if (!job.modelVersion) {
    const why = job.failure?.message ?? 'no reason was given';
    throw new SetupError(`The training ended as ${job.state}: ${why} Its id is ${jobId}; run the demo again to retry.`);
  }
  const { id: versionId, ...version } = job.modelVersion;
  return { jobId, versionId, ...version };
}

function bar(percent: number): string {
  const full = Math.round(percent / 5);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)}`;
}
