import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import type { Driver } from 'neo4j-driver';
import { startEmbeddedNeo4j } from '../src/neo4j/embedded/embedded.js';
import { Graph, openDriver } from '../src/neo4j/graph.js';
import { migrate } from '../src/wiring/migrate.js';
import { JobRepository } from '../src/training/jobs/job.repository.js';
import type { JobLifecycle } from '../src/training/worker/job-lifecycle.js';
import type { JobRights } from '../src/training/launch/job-rights.policy.js';
import { JobRunner } from '../src/training/worker/job-runner.worker.js';
import type { JobObservation, Launcher } from '../src/launchers/port/launcher.js';
import { LauncherRegistry } from '../src/launchers/registry.js';
import { cpuSecondsOf, processOfNeo4j } from './cpu.js';
import { round } from './load.js';

const SETTLE_SECONDS = 20;
const SECONDS = 40;

const RUNS: JobObservation = {
  state: 'RUNNING',
  startedAt: new Date(0),
  ...{ endedAt: null, exitCode: null, signal: null, failure: null, output: null, usage: null },
};

/** Lets one worker watch so many open jobs that all go on running, and tells what that costs. */
export async function watchJobs(home: string, jobs: number) {
  const database = await startEmbeddedNeo4j({ home: join(home, 'neo4j'), heapMegabytes: 512 });
  const driver = openDriver(database);
  try {
    await migrate(driver);
    await addJobs(driver, jobs);
    const now = (): Date => new Date();
    const graph = new Graph(driver, { database: 'neo4j', timeoutMs: 60_000 });
    const rows = new JobRepository(graph, now);
    const engine = countingLauncher();
    // Nothing ends and nothing begins here: who writes ends, and judges rights, is never asked.
    const parts = {
      closing: {} as JobLifecycle,
      rights: {} as JobRights,
      launchers: new LauncherRegistry([engine.launcher]),
    };
    const runner = new JobRunner(rows, parts, { worker: 'bench', logger: pino({ level: 'warn' }), now, everyMs: 500 });
    runner.start();
    await delay(SETTLE_SECONDS * 1000);
    const pid = processOfNeo4j(join(home, 'neo4j'));
    const before = { looks: engine.looks(), cpu: process.cpuUsage(), neo4j: cpuSecondsOf(pid), at: performance.now() };
    await delay(SECONDS * 1000);
    const cpu = process.cpuUsage(before.cpu);
    const seconds = (performance.now() - before.at) / 1000;
    const figures = {
      jobs,
      looksPerSecond: round((engine.looks() - before.looks) / seconds),
      workerCores: round((cpu.user + cpu.system) / 1e6 / seconds),
      neo4jCores: round((cpuSecondsOf(pid) - before.neo4j) / seconds),
      stalestSeconds: await stalest(driver),
    };
    await runner.stop();
    return figures;
  } finally {
    await driver.close();
    await database.stop();
  }
}

function countingLauncher(): { launcher: Launcher; looks: () => number } {
  let looks = 0;
  const refuse = (): Promise<never> => Promise.reject(new Error('The bench does not ask for this.'));
  const launcher: Launcher = {
    name: 'bench',
    kind: 'slurm',
    capabilities: () => Promise.resolve({ available: true, message: null, gpus: null }),
    submit: refuse,
    find: refuse,
    observe: () => {
      looks += 1;
      return Promise.resolve(RUNS);
    },
    cancel: refuse,
    logs: refuse,
    events: () => Promise.resolve({ events: [], cursor: '0', invalidLines: 0 }),
    list: () => Promise.resolve([]),
  };
  return { launcher, looks: () => looks };
}

async function addJobs(driver: Driver, jobs: number): Promise<void> {
  const limits = { runSeconds: null, graceSeconds: 10, outputBytes: 1, logBytes: 1 };
  const resources = { gpus: 0, cpus: null, memoryBytes: null };
  const order = { command: ['train'], environment: {}, parameters: {}, resources, limits };
  await driver.executeQuery(
    `UNWIND range(1, $jobs) AS number
     CREATE (j:Node:TrainingJob {id: 'job-' + toString(number), state: 'RUNNING', revision: 1, requestHash: '', runId: 'run',
       requestKey: toString(number), transformationId: 't', outputId: 'm', inputIds: [], launcher: 'bench', requestedById: 'p',
       order: $order, gpus: 0, nodes: 1, maxRetries: 0, attempt: 1, handle: $handle, eventsCursor: '0', transitions: 4, reports: 0})
     WITH j, datetime() - duration({seconds: CASE WHEN number % 2 = 0 THEN 3600 ELSE 10 END}) AS begun
     SET j.createdAt = begun, j.startedAt = begun, j.changedAt = begun, j.dueAt = datetime()`,
    { jobs, order: JSON.stringify(order), handle: JSON.stringify({ launcher: 'bench', id: 'x' }) },
  );
}

async function stalest(driver: Driver): Promise<number> {
  const query = `MATCH (j:TrainingJob) WHERE j.dueAt IS NOT NULL
    RETURN max(duration.inSeconds(coalesce(j.observedAt, j.createdAt), datetime()).seconds) AS seconds`;
  return Number((await driver.executeQuery(query)).records[0]?.get('seconds'));
}
