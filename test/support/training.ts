import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from './client.js';
import { Seed, type SeededAsset } from './seed.js';
import type { TestWeftline } from './weftline.js';

export interface JobView {
  id: string;
  state: string;
  metrics: Record<string, unknown>;
  progress: number | null;
  startedAt: string | null;
  endedAt: string | null;
  failure: { code: string; message: string; retryable: boolean } | null;
  usage: { gpuSeconds: number; cpuSeconds: number | null; maxMemoryBytes: number | null } | null;
  run: { id: string; state: string; inputs: { id: string }[] };
  attempts: {
    number: number;
    state: string;
    externalId: string | null;
    exitCode: number | null;
    reason: string | null;
  }[];
  modelVersion: { id: string; version: string; digest: string; uri: string } | null;
}

export interface LaunchAnswer {
  __typename: 'TrainingJob' | 'LaunchDenied' | 'LaunchConflict' | 'LauncherUnavailable';
  id?: string;
  state?: string;
  reasons?: { rule: string; message: string; asset: { id: string } }[];
  job?: { id: string };
  message?: string;
}

export interface Line {
  cursor: string;
  stream: string;
  text: string;
}

export const LAUNCH = `mutation ($input: LaunchTrainingInput!) { launchTraining(input: $input) {
  __typename
  ... on TrainingJob { id state }
  ... on LaunchDenied { reasons { rule message asset { id } } }
  ... on LaunchConflict { job { id } message }
  ... on LauncherUnavailable { message }
} }`;

const JOB = `query ($id: ID!) { trainingJob(id: $id) {
  id state metrics progress startedAt endedAt
  failure { code message retryable }
  usage { gpuSeconds cpuSeconds maxMemoryBytes }
  run { id state inputs { __typename ... on DatasetVersion { id } ... on ModelVersion { id } } }
  attempts { number state externalId exitCode reason }
  modelVersion { id version digest uri }
} }`;

const LOGS = `query ($id: ID!, $first: Int, $after: String) { trainingJob(id: $id) {
  logs(first: $first, after: $after) { nodes { cursor stream text } pageInfo { hasNextPage endCursor } }
} }`;

export const OVER = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'LOST'];

/** The command of a program in JavaScript, with what nearly every one of them needs at hand. */
export function node(source: string): string[] {
  const prelude = "const fs = require('node:fs'); const out = process.env.WEFTLINE_OUTPUT;";
  return [process.execPath, '-e', `${prelude} ${source}`];
}

export const LEAVES_A_MODEL = "fs.writeFileSync(out + '/model', 'weights');";

/** All that a training needs: a data set with a version, a transformation and a model, all of one owner. */
export class Workbench {
  private keys = 0;

  private constructor(
    readonly owner: Client,
    readonly seed: Seed,
    readonly data: SeededAsset,
    readonly version: string,
    readonly trainer: SeededAsset,
    readonly model: SeededAsset,
  ) {}

  static async open(server: TestWeftline, name: string): Promise<Workbench> {
    const owner = await server.user();
    const seed = new Seed(owner, server.namespace);
    const data = await seed.dataset(`${name}.data`);
    const [version, trainer, model] = await Promise.all([
      seed.datasetVersion(data.id),
      seed.transformation(`${name}.train`),
      seed.model(`${name}.model`),
    ]);
    return new Workbench(owner, seed, data, version, trainer, model);
  }

  /** The input of a launch on this bench, with a key of its own. */
  order(command: readonly string[], more: Record<string, unknown> = {}): Record<string, unknown> {
    const [transformation, output] = [this.trainer.id, this.model.id];
    const idempotencyKey = `key-${(this.keys += 1)}`;
    return { idempotencyKey, transformation, output, inputs: [this.version], command, ...more };
  }

  /** Launches what must be accepted; the id of the job. */
  async launch(command: readonly string[], more: Record<string, unknown> = {}): Promise<string> {
    const answer = await launch(this.owner, this.order(command, more));
    if (answer.id === undefined) throw new Error(`The launch was not accepted: ${JSON.stringify(answer)}`);
    return answer.id;
  }

  job(id: string): Promise<JobView> {
    return readJob(this.owner, id);
  }

  /** The job once it is as wanted, looked at until then. */
  async until(id: string, wanted: (job: JobView) => boolean): Promise<JobView> {
    for (;;) {
      const job = await this.job(id);
      if (wanted(job)) return job;
      if (OVER.includes(job.state)) throw new Error(`The job ended otherwise: ${JSON.stringify(job)}`);
      await delay(100);
    }
  }

  untilOver(id: string): Promise<JobView> {
    return this.until(id, (job) => OVER.includes(job.state));
  }

  /** Launches the program and waits for the end of its job. */
  async runToEnd(command: readonly string[], more: Record<string, unknown> = {}): Promise<JobView> {
    return this.untilOver(await this.launch(command, more));
  }

  /** Waits until the program said these words; all lines so far. */
  async untilLogged(id: string, words: string): Promise<Line[]> {
    for (;;) {
      const lines = await readLog(this.owner, id, 200);
      if (lines.some((line) => line.text.includes(words))) return lines;
      await delay(100);
    }
  }

  async cancel(id: string, as = this.owner): Promise<string> {
    const query = 'mutation ($input: CancelTrainingInput!) { cancelTraining(input: $input) { job { state } } }';
    const answer = await as.data<{ cancelTraining: { job: { state: string } } }>(query, { input: { job: id } });
    return answer.cancelTraining.job.state;
  }

  /** Asks for USE_FOR_TRAINING on the data set as somebody else and grants it as the owner; the id of the grant. */
  async grant(to: Client, until = new Date(Date.now() + 3_600_000)): Promise<string> {
    const ask = 'mutation ($input: RequestAccessInput!) { requestAccess(input: $input) { request { id } } }';
    const wish = { asset: this.data.id, actions: ['USE_FOR_TRAINING'], purpose: 'to train', until };
    const { requestAccess } = await to.data<{ requestAccess: { request: { id: string } } }>(ask, { input: wish });
    const decide = 'mutation ($input: DecideAccessInput!) { decideAccess(input: $input) { grant { id } } }';
    const input = { request: requestAccess.request.id, approve: true };
    return (await this.owner.data<{ decideAccess: { grant: { id: string } } }>(decide, { input })).decideAccess.grant
      .id;
  }

  async revoke(grant: string): Promise<void> {
    const query = 'mutation ($input: RevokeAccessInput!) { revokeAccess(input: $input) { grant { id } } }';
    await this.owner.data(query, { input: { grant } });
  }
}

export async function launch(as: Client, input: Record<string, unknown>): Promise<LaunchAnswer> {
  return (await as.data<{ launchTraining: LaunchAnswer }>(LAUNCH, { input })).launchTraining;
}

export async function readJob(as: Client, id: string): Promise<JobView> {
  return (await as.data<{ trainingJob: JobView }>(JOB, { id })).trainingJob;
}

/** The whole log as far as it goes, read in pages of this size. */
export async function readLog(as: Client, id: string, pageSize: number): Promise<Line[]> {
  interface Page {
    nodes: Line[];
    pageInfo: { hasNextPage: boolean; endCursor: string | null };
  }
  const lines: Line[] = [];
  let after: string | null = null;
  for (;;) {
    const answer: { trainingJob: { logs: Page } } = await as.data(LOGS, { id, first: pageSize, after });
    const { nodes, pageInfo } = answer.trainingJob.logs;
    lines.push(...nodes);
    if (!pageInfo.hasNextPage) return lines;
    after = pageInfo.endCursor;
  }
}
