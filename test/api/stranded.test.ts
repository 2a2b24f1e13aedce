import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemActor } from '../../src/auth/actor.js';
import { failing, NOTHING, ScriptedLauncher, WELL } from '../support/scripted-launcher.js';
import { OVER, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const JOB = `query ($id: ID!) { trainingJob(id: $id) {
  state observation { at stale error } failure { code message } createdAt transitions { state } } }`;

interface Seen {
  state: string;
  createdAt: string;
  observation: { at: string; stale: boolean; error: string | null } | null;
  failure: { code: string; message: string } | null;
  transitions: { state: string }[];
}

const TOLD = /is not configured any more/;

// One server that has the launcher, and one that was started without it; both on one database.
let engine: ScriptedLauncher;
let having: TestWeftline;
let without: TestWeftline;
let bench: Workbench;
const log: { level: number; launcher?: string; jobs?: number }[] = [];

beforeAll(async () => {
  engine = new ScriptedLauncher();
  engine.script = () => ({ ...NOTHING, state: 'RUNNING' });
  const logger = pino({ level: 'warn' }, { write: (line) => log.push(JSON.parse(line) as (typeof log)[number]) });
  without = await startTestWeftline({ logger });
  having = await startTestWeftline({ launchers: [engine] });
  bench = await Workbench.open(having, 'stranded');
});

afterAll(async () => {
  await having.stop();
  await without.stop();
});

const launch = (more: Record<string, unknown> = {}): Promise<string> =>
  bench.launch(['train'], { launcher: engine.name, ...more });

async function read(id: string): Promise<Seen> {
  return (await bench.owner.data<{ trainingJob: Seen }>(JOB, { id })).trainingJob;
}

async function until(id: string, wanted: (job: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const job = await read(id);
    if (wanted(job)) return job;
    await delay(50);
  }
}

/** As if nobody had looked at the jobs of the launcher for so long. */
async function leave(seconds: number): Promise<void> {
  const cypher = `// test.leaveJobs
MATCH (j:TrainingJob {launcher: $launcher}) WHERE j.dueAt IS NOT NULL
SET j.dueAt = $since`;
  const since = new Date(Date.now() - seconds * 1000);
  await having.graph.write(systemActor('test').origin, (tx) => tx.run(cypher, { launcher: engine.name, since }));
}

describe('a job whose launcher no server has configured', () => {
  let running: string;
  let waiting: string;

  beforeAll(async () => {
    having.weftline.runner.start();
    running = await launch();
    await until(running, ({ state }) => state === 'RUNNING');
    await having.weftline.runner.stop();
    waiting = await launch();
  });

  it('is not told of while somebody may yet look at it', async () => {
    await leave(30);
    await without.weftline.stranded.look();
    expect((await read(running)).observation).toMatchObject({ stale: false, error: null });
    expect((await read(waiting)).observation).toBeNull();
  });

  it('keeps its state and says what to do, also where it was never looked at', async () => {
    const before = await read(running);
    await leave(90);
    await without.weftline.stranded.look();
    const [job, unsubmitted] = [await read(running), await read(waiting)];
    expect(job).toEqual({
      ...before,
      observation: { ...before.observation, stale: true, error: expect.any(String) as string },
    });
    expect(job.observation?.error).toMatch(TOLD);
    expect(job.observation?.error).toMatch(/a wish to cancel the job waits/);
    expect(unsubmitted).toMatchObject({ state: 'PENDING', observation: { at: unsubmitted.createdAt, stale: true } });
    expect(unsubmitted.observation?.error).toBe(
      `The launcher "${engine.name}" is not configured any more. Configure it again (WEFTLINE_LAUNCHERS), or cancel the job.`,
    );
  });

  it('is told of once in the log of the server', async () => {
    await without.weftline.stranded.look();
    await without.weftline.stranded.look();
    const warned = log.filter(({ launcher }) => launcher === engine.name);
    expect(warned).toMatchObject([{ level: 40, jobs: 2 }]);
  });

  it('ends without its launcher once it is cancelled or waited too long, if it was never handed over', async () => {
    const limited = await launch({ queueTimeoutSeconds: 1 });
    await leave(90);
    await bench.cancel(waiting);
    await bench.cancel(running);
    while ((await read(limited)).state === 'PENDING') await without.weftline.stranded.look();
    const cancelled = { code: 'CANCELLED_BY_USER', message: 'It was cancelled before it was submitted.' };
    expect(await read(waiting)).toMatchObject({ state: 'CANCELLED', failure: cancelled });
    expect(await read(limited)).toMatchObject({ state: 'TIMED_OUT', failure: { code: 'QUEUE_TIMEOUT' } });
    expect((await read(running)).state).toBe('RUNNING');
    expect(engine.submits.has(`${waiting}-1`)).toBe(false);
  });

  it('goes on where it was once a server has the launcher again', async () => {
    const again = await startTestWeftline({ launchers: [engine] });
    const fresh = await launch();
    await leave(90);
    await without.weftline.stranded.look();
    expect((await read(fresh)).observation?.error).toMatch(TOLD);
    engine.script = ({ jobId }) => (jobId === running ? failing('CANCELLED_BY_USER', { state: 'CANCELLED' }) : WELL);
    again.weftline.runner.start();
    expect(await until(fresh, ({ state }) => OVER.includes(state))).toMatchObject({
      state: 'SUCCEEDED',
      observation: { stale: false, error: null },
    });
    expect(await until(running, ({ state }) => OVER.includes(state))).toMatchObject({ state: 'CANCELLED' });
    await again.weftline.runner.stop();
    await again.stop();
  });
});

describe('a launcher that another server has', () => {
  it('is not missed for one job that was left alone: there are many, and the last one due tells', async () => {
    const left = await launch();
    await leave(900);
    await launch();
    await without.weftline.stranded.look();
    expect((await read(left)).observation).toBeNull();
  });
});
