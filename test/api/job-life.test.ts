import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EnergyReading, LauncherUnreachable } from '../../src/launchers/port/launcher.js';
import { LateRecords } from '../../src/training/worker/late-records.worker.js';
import { Client } from '../support/client.js';
import { failing, NOTHING, ScriptedLauncher, WELL } from '../support/scripted-launcher.js';
import { LAUNCH, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Life {
  state: string;
  notBefore: string | null;
  metrics: Record<string, unknown>;
  usage: {
    gpuSeconds: number;
    maxMemoryBytes: number;
    energyJoules: number | null;
    energyMethod: string | null;
  } | null;
  observation: { at: string; stale: boolean; error: string | null; waitingFor: string | null } | null;
  failure: { code: string; message: string } | null;
  attempts: {
    number: number;
    state: string;
    reason: string | null;
    endedAt: string | null;
    metrics: Record<string, unknown>;
    usage: {
      gpuSeconds: number;
      cpuSeconds: number | null;
      energyJoules: number | null;
      energyMethod: string | null;
      energyCoverage: number;
      energyNote: string | null;
    } | null;
  }[];
  transitions: { seq: number; state: string; attempt: number; cause: string }[];
  modelVersion: { version: string } | null;
}

interface Found {
  state: string;
  attempts: { foundLater: string | null }[];
}

const LIFE = `query ($id: ID!) { trainingJob(id: $id) {
  state notBefore metrics usage { gpuSeconds maxMemoryBytes energyJoules energyMethod } observation { at stale error waitingFor } failure { code message }
  attempts { number state reason endedAt metrics usage { gpuSeconds cpuSeconds energyJoules energyMethod energyCoverage energyNote } } transitions { seq state attempt cause } modelVersion { version } } }`;

const OVER = ['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED', 'LOST'];
const RUNS = { ...NOTHING, state: 'RUNNING' as const };

// Two servers on one database, as replicas, with one engine between them and one clock, which the tests put on.
let aheadMs = 0;
const now = (): Date => new Date(Date.now() + aheadMs);
let engine: ScriptedLauncher;
let other: ScriptedLauncher;
let servers: TestWeftline[];
let bench: Workbench;

beforeAll(async () => {
  engine = new ScriptedLauncher();
  other = new ScriptedLauncher();
  const options = { runner: true, launchers: [engine, other], now };
  servers = [await startTestWeftline(options), await startTestWeftline(options)];
  if (servers[0]) bench = await Workbench.open(servers[0], 'life');
});

afterAll(async () => {
  engine.mood = other.mood = 'well';
  for (const server of servers) await server.stop();
});

beforeEach(() => {
  engine.script = () => WELL;
  engine.reports = () => ({});
  engine.accounts = () => Promise.resolve(null);
});

const launch = (more: Record<string, unknown> = {}): Promise<string> =>
  bench.launch(['train'], { launcher: engine.name, ...more });

async function read(id: string): Promise<Life> {
  return (await bench.owner.data<{ trainingJob: Life }>(LIFE, { id })).trainingJob;
}

async function until(id: string, wanted: (job: Life) => boolean): Promise<Life> {
  for (;;) {
    const job = await read(id);
    if (wanted(job)) return job;
    if (OVER.includes(job.state)) throw new Error(`The job ended otherwise: ${JSON.stringify(job)}`);
    await delay(50);
  }
}

const untilOver = (id: string): Promise<Life> => until(id, ({ state }) => OVER.includes(state));

/** The job as an auditor session for that time shows it. */
async function asAuditor(asOf: Date, id: string): Promise<Life> {
  const admin = await servers[0]?.user({ role: 'ADMIN' });
  const open = 'mutation ($input: OpenAuditorSessionInput!) { openAuditorSession(input: $input) { secret } }';
  const input = { auditor: 'A', reason: 'R', asOf };
  const opened = await admin?.data<{ openAuditorSession: { secret: string } }>(open, { input });
  const auditor = new Client(bench.owner.address, opened?.openAuditorSession.secret ?? '', '');
  return (await auditor.data<{ trainingJob: Life }>(LIFE, { id })).trainingJob;
}

/** Waits for the pause before an attempt, and puts the clock on to its end. */
async function skipPause(id: string, attempt: number): Promise<Life> {
  const job = await until(id, ({ notBefore, attempts }) => attempts.length === attempt && notBefore !== null);
  aheadMs += Math.max(0, Date.parse(job.notBefore ?? '') - Date.now() - aheadMs) + 1;
  return job;
}

describe('an attempt that the machine ended', () => {
  it('is followed by another after a pause, and neither mixes what they reported', async () => {
    engine.script = ({ attempt }) => (attempt === 1 ? failing('NODE_FAILURE') : WELL);
    engine.reports = ({ attempt }) => (attempt === 1 ? { loss: 9, early: 1 } : { loss: 1 });
    const id = await launch({ maxRetries: 1 });
    const pausing = await skipPause(id, 2);
    expect(pausing).toMatchObject({ state: 'PENDING', metrics: {}, failure: null });
    expect(pausing.transitions.at(-1)).toMatchObject({ state: 'PENDING', attempt: 2 });
    expect(pausing.transitions.at(-1)?.cause).toMatch(/^attempt 1 ended \(NODE_FAILURE\).*begins at \d{4}-/);
    expect(pausing.attempts[1]?.usage).toBeNull();
    const job = await untilOver(id);
    expect(job).toMatchObject({
      state: 'SUCCEEDED',
      metrics: { loss: 1 },
      usage: { gpuSeconds: 4, maxMemoryBytes: 100 },
    });
    expect(job.metrics).not.toHaveProperty('early');
    expect(job.attempts).toMatchObject([
      { number: 1, state: 'FAILED', reason: 'NODE_FAILURE', metrics: { loss: 9, early: 1 }, usage: { gpuSeconds: 2 } },
      { number: 2, state: 'SUCCEEDED', reason: null, metrics: { loss: 1 }, usage: { gpuSeconds: 2, cpuSeconds: 1 } },
    ]);
    expect(job.attempts[1]?.usage?.energyNote).toMatch(/measured its GPUs/);
    expect(job.transitions.map(({ seq }) => seq)).toEqual(job.transitions.map((_, index) => index + 1));
    expect(job.transitions.map(({ attempt }) => attempt)).toEqual([1, 1, 1, 2, 2, 2, 2]);
  });

  it('is shown to an auditor session as it was at its time', async () => {
    engine.script = () => ({ ...RUNS, startedAt: now() });
    const id = await launch({ maxRetries: 1 });
    await until(id, ({ state }) => state === 'RUNNING');
    const running = now();
    engine.script = ({ attempt }) => (attempt === 1 ? failing('NODE_FAILURE') : WELL);
    await until(id, ({ attempts }) => attempts.length === 2);
    const pausing = now();
    await skipPause(id, 2);
    expect((await untilOver(id)).attempts).toMatchObject([{ state: 'FAILED' }, { state: 'SUCCEEDED' }]);
    expect((await asAuditor(running, id)).attempts).toMatchObject([
      { number: 1, state: 'RUNNING', reason: null, endedAt: null, usage: null },
    ]);
    expect((await asAuditor(pausing, id)).attempts).toMatchObject([
      { number: 1, state: 'FAILED', reason: 'NODE_FAILURE', usage: { gpuSeconds: 2 } },
      { number: 2, state: 'PENDING', reason: null, endedAt: null, usage: null },
    ]);
  });

  it('is the last when no retries are left', async () => {
    engine.script = () => failing('NODE_FAILURE');
    const job = await untilOver(await launch());
    expect(job).toMatchObject({ state: 'FAILED', failure: { code: 'NODE_FAILURE' } });
    expect(job.attempts).toHaveLength(1);
  });

  it('is not counted as a retry when it was preempted', async () => {
    const ends = [failing('PREEMPTED'), failing('PREEMPTED'), failing('BACKEND_LOST', { state: 'LOST' }), WELL];
    engine.script = ({ attempt }) => ends[attempt - 1] ?? NOTHING;
    const id = await launch({ maxRetries: 1 });
    for (const attempt of [2, 3, 4]) await skipPause(id, attempt);
    expect((await untilOver(id)).attempts.map(({ reason }) => reason)).toEqual([
      ...['PREEMPTED', 'PREEMPTED', 'BACKEND_LOST'],
      null,
    ]);
  });

  it('is not followed by another when the right to the data ended meanwhile', async () => {
    const [own, owner] = servers[0] ? [await Workbench.open(servers[0], 'again'), bench] : [bench, bench];
    const grant = await owner.grant(own.owner);
    engine.script = () => failing('NODE_FAILURE');
    const input = own.order(['train'], { launcher: engine.name, inputs: [owner.version], maxRetries: 3 });
    const { launchTraining } = await own.owner.data<{ launchTraining: { id: string } }>(LAUNCH, { input });
    const readOwn = async (): Promise<Life> =>
      (await own.owner.data<{ trainingJob: Life }>(LIFE, { id: launchTraining.id })).trainingJob;
    while ((await readOwn()).attempts.length < 2) await delay(50);
    await owner.revoke(grant);
    aheadMs += 10_000;
    let job = await readOwn();
    for (; !OVER.includes(job.state); job = await readOwn()) await delay(50);
    expect(job).toMatchObject({ state: 'FAILED', failure: { code: 'ACCESS_ENDED' } });
    expect(engine.submits.has(`${launchTraining.id}-2`)).toBe(false);
  });

  it('is not followed by another when the job is cancelled in the pause', async () => {
    engine.script = () => failing('NODE_FAILURE');
    const id = await launch({ maxRetries: 3 });
    await until(id, ({ notBefore }) => notBefore !== null);
    await bench.cancel(id);
    const job = await untilOver(id);
    expect(job).toMatchObject({ state: 'CANCELLED', failure: { code: 'CANCELLED_BY_USER' } });
    expect(engine.submits.has(`${id}-2`)).toBe(false);
  });
});

describe('a program that ended by itself', () => {
  const ended = failing('EXIT_CODE', { exitCode: 75, retryable: false });

  it('is not tried again', async () => {
    engine.script = () => ended;
    const job = await untilOver(await launch({ maxRetries: 3 }));
    expect(job.attempts).toMatchObject([{ reason: 'EXIT_CODE' }]);
  });

  it('is tried again for the exit codes its caller named, and no others', async () => {
    engine.script = ({ attempt }) => (attempt === 1 ? ended : { ...ended, exitCode: 2 });
    const id = await launch({ maxRetries: 3, retryOnExitCodes: [75] });
    await skipPause(id, 2);
    expect((await untilOver(id)).attempts).toHaveLength(2);
  });
});

describe('the energy of an attempt', () => {
  const RAN = { startedAt: new Date('2026-01-02T03:00:00Z'), endedAt: new Date('2026-01-02T03:00:20Z') };
  const counted = (joules: number): EnergyReading => ({ joules, coverage: 1, model: null, note: 'Of the whole node.' });

  it('is what the accounting of its engine counted, with each attempt, the job and the footprint of its model', async () => {
    const asked: (number | null)[] = [];
    engine.script = ({ attempt }) => ({ ...(attempt === 1 ? failing('NODE_FAILURE') : WELL), ...RAN });
    engine.accounts = ({ attempt }, ranSeconds) => {
      asked.push(ranSeconds);
      return Promise.resolve(counted(attempt * 1000));
    };
    const id = await launch({ maxRetries: 1 });
    await skipPause(id, 2);
    const job = await untilOver(id);
    const bySlurm = { energyMethod: 'SLURM', energyCoverage: 1, energyNote: 'Of the whole node.' };
    expect(job.attempts).toMatchObject([
      { usage: { ...bySlurm, energyJoules: 1000 } },
      { usage: { ...bySlurm, energyJoules: 2000 } },
    ]);
    expect(job).toMatchObject({ state: 'SUCCEEDED', usage: { energyJoules: 3000, energyMethod: 'SLURM' } });
    expect(new Set(asked)).toEqual(new Set([20]));
    const { trainingJob } = await bench.owner.data<{ trainingJob: { modelVersion: { id: string } } }>(
      'query ($id: ID!) { trainingJob(id: $id) { modelVersion { id } } }',
      { id },
    );
    const footprint = 'query ($of: AssetRef) { footprint(of: $of) { measuredRuns estimatedRuns energyJoules } }';
    const sum = { measuredRuns: 1, estimatedRuns: 0, energyJoules: 3000 };
    expect(await bench.owner.data(footprint, { of: trainingJob.modelVersion.id })).toEqual({ footprint: sum });
  });

  it('is not asked for where the runner measured, or where no program began', async () => {
    const energy = { gpu: { ...counted(5), note: null }, cpu: { ...counted(2), note: null } };
    const usage = { gpuSeconds: 2, cpuSeconds: 1, maxMemoryBytes: 100, energy };
    engine.accounts = () => Promise.reject(new Error('It is not to be asked.'));
    engine.script = () => ({ ...WELL, ...RAN, usage });
    expect((await untilOver(await launch())).usage).toMatchObject({ energyJoules: 7, energyMethod: 'NVML' });
    engine.script = () => failing('UNSCHEDULABLE', { retryable: false, usage: null });
    expect(await untilOver(await launch())).toMatchObject({ state: 'FAILED', usage: null });
  });

  it.each([
    [
      'cannot be asked',
      () => Promise.reject(new LauncherUnreachable('It is away.')),
      'could not be asked: It is away.',
    ],
    ['hangs', () => new Promise<never>(() => undefined), 'did not answer "accountedEnergy" within 5 s'],
  ])(
    'says why, and holds the end of the job up for seconds at most, where its accounting %s',
    async (_, accounts, why) => {
      engine.script = () => ({ ...WELL, ...RAN });
      engine.accounts = accounts;
      const job = await untilOver(await launch());
      expect(job.state).toBe('SUCCEEDED');
      expect(job.attempts[0]?.usage?.energyMethod).not.toBe('SLURM');
      expect(job.attempts[0]?.usage?.energyNote).toContain(why);
      expect(job.observation?.error).toBeNull();
    },
  );
});

describe('a job that is handed over', () => {
  it('is found again when the answer was lost, and not handed over twice', async () => {
    engine.losesAnswers = true;
    const id = await launch();
    while (!engine.submits.has(`${id}-1`)) await delay(20);
    engine.losesAnswers = false;
    aheadMs += 21_000;
    const job = await untilOver(id);
    expect(job.state).toBe('SUCCEEDED');
    expect(job.transitions.map(({ cause }) => cause)).toContain('found at the launcher');
    expect(engine.submits.get(`${id}-1`)).toBe(1);
  });

  it('is handed over by one of many servers, once', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => launch()));
    for (const id of ids) expect((await untilOver(id)).state).toBe('SUCCEEDED');
    expect(ids.map((id) => engine.submits.get(`${id}-1`))).toEqual(ids.map(() => 1));
  });
});

describe('a limit', () => {
  it('of the time to wait takes back what waits too long', async () => {
    engine.script = () => NOTHING;
    const id = await launch({ queueTimeoutSeconds: 60, maxRetries: 2 });
    await until(id, ({ state }) => state === 'QUEUED');
    aheadMs += 61_000;
    const job = await untilOver(id);
    expect(job).toMatchObject({ state: 'TIMED_OUT', failure: { code: 'QUEUE_TIMEOUT' } });
    expect(job.attempts).toHaveLength(1);
    expect(engine.cancelled).toContain(`${id}-1`);
  });

  it('of the time to run is enforced also where the launcher does not', async () => {
    const startedAt = new Date(Date.now() + aheadMs);
    engine.script = () => ({ ...RUNS, startedAt });
    const id = await launch({ timeoutSeconds: 60 });
    await until(id, ({ state }) => state === 'RUNNING');
    aheadMs += 60_000 + 10_000 + 31_000;
    expect(await untilOver(id)).toMatchObject({ state: 'TIMED_OUT', failure: { code: 'RUN_TIMEOUT' } });
  });
});

describe('a launcher', () => {
  it('says of a job why it waits, until it has begun', async () => {
    engine.script = () => ({ ...NOTHING, waitingFor: 'Resources' });
    const id = await launch({});
    const waiting = await until(id, ({ observation }) => observation?.waitingFor === 'Resources');
    expect(waiting.state).toBe('QUEUED');
    engine.mood = 'away';
    const stale = await until(id, ({ observation }) => observation?.stale === true);
    expect(stale.observation?.waitingFor).toBe('Resources');
    engine.mood = 'well';
    engine.script = () => RUNS;
    const running = await until(id, ({ state }) => state === 'RUNNING');
    expect(running.observation?.waitingFor).toBeNull();
    engine.script = () => WELL;
    await untilOver(id);
  });

  it('that is away for an hour makes the state stale and changes nothing else', async () => {
    engine.script = () => RUNS;
    const ids = await Promise.all(Array.from({ length: 5 }, () => launch({ maxRetries: 3 })));
    for (const id of ids) await until(id, ({ state }) => state === 'RUNNING');
    const before = (await read(ids[0] ?? '')).transitions;
    engine.mood = 'away';
    for (const id of ids) await until(id, ({ observation }) => observation?.stale === true);
    engine.calls = 0;
    for (let hour = 0; hour < 6; hour++) {
      aheadMs += 600_000;
      await delay(1_000);
    }
    expect(engine.calls).toBeLessThan(40);
    const job = await read(ids[0] ?? '');
    expect(job).toMatchObject({ state: 'RUNNING', observation: { stale: true, error: 'It is away.' } });
    expect(job.transitions).toEqual(before);
    engine.mood = 'well';
    engine.script = () => WELL;
    for (const id of ids) expect((await untilOver(id)).attempts).toHaveLength(1);
  });

  it('that hangs holds up nobody else, and says so within seconds', async () => {
    other.mood = 'hanging';
    const began = performance.now();
    const { launchers } = await bench.owner.data<{
      launchers: { name: string; available: boolean; message: string }[];
    }>('{ launchers { name kind available message gpus } }');
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(launchers.find(({ name }) => name === other.name)).toMatchObject({ available: false });
    expect(launchers.find(({ name }) => name === other.name)?.message).toContain('did not answer');
    expect(launchers.find(({ name }) => name === engine.name)).toMatchObject({ available: true });
    other.mood = 'well';
    other.script = () => RUNS;
    const held = await bench.launch(['train'], { launcher: other.name });
    await until(held, ({ state }) => state === 'RUNNING');
    other.mood = 'hanging';
    await delay(1_500);
    const [job] = await Promise.all([untilOver(await launch())]);
    expect(job.state).toBe('SUCCEEDED');
    expect((await read(held)).state).toBe('RUNNING');
    other.mood = 'well';
  });

  it('that has no trace of a job any more makes it LOST, with the reason', async () => {
    engine.script = () => failing('BACKEND_LOST', { state: 'LOST' });
    const job = await untilOver(await launch());
    expect(job).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST' }, modelVersion: null });
  });

  it('that finds a record of a LOST job later tells it with the attempt, and changes nothing of the job', async () => {
    const job = `query ($id: ID!) { trainingJob(id: $id) { state modelVersion { id } transitions { seq } usage { gpuSeconds } attempts { foundLater } } }`;
    const ask = async (id: string) => (await bench.owner.data<{ trainingJob: Found }>(job, { id })).trainingJob;
    engine.script = () => failing('BACKEND_LOST', { state: 'LOST' });
    const id = await launch();
    await untilOver(id);
    await servers[0]?.weftline.orphans.look();
    const before = await ask(id);
    expect(before).toMatchObject({ state: 'LOST', attempts: [{ foundLater: null }] });
    engine.script = () => ({ ...WELL, endedAt: new Date('2026-01-02T03:04:05Z') });
    engine.mood = 'away';
    await servers[0]?.weftline.orphans.look();
    engine.mood = 'well';
    const later = { logger: pino({ level: 'silent' }), now: () => new Date(Date.now() + aheadMs + 2 * 86_400_000) };
    if (servers[0]) await new LateRecords(servers[0].weftline.jobs, later).lookAt(engine);
    expect(await ask(id)).toEqual(before);
    for (const server of servers) await server.weftline.orphans.look();
    const { attempts, ...after } = await ask(id);
    expect({ ...after, attempts: before.attempts }).toEqual(before);
    expect(attempts[0]?.foundLater).toMatch(
      /^It ended as SUCCEEDED at 2026-01-02T03:04:05.000Z. Its output is at file:\/\/\/model \(sha256:0+\); nothing was published/,
    );
  });

  it('is asked for tasks that no open job asked for, which are told to an auditor alone and left alone', async () => {
    const ORPHANS = '{ launchers { name orphans { name externalId } } }';
    interface Answer {
      launchers: { name: string; orphans: { name: string; externalId: string }[] | null }[];
    }
    const auditor = await servers[0]?.user({ role: 'AUDITOR' });
    const at = async (name: string) =>
      (await auditor?.data<Answer>(ORPHANS))?.launchers.find((each) => each.name === name)?.orphans;
    engine.script = () => RUNS;
    const id = await launch();
    await until(id, ({ state }) => state === 'RUNNING');
    const stray = '01234567-89ab-7def-8123-456789abcdef-1';
    engine.strays = [stray, `${id}-2`];
    // The jobs of the tests before left tasks that their script never ends.
    const found = (await at(engine.name))?.filter(({ name }) => name === stray || name.startsWith(id));
    expect(found).toEqual([...engine.strays].sort().map((name) => ({ name, externalId: `task-${name}` })));
    expect(engine.cancelled.has(stray)).toBe(false);
    expect(await bench.owner.code(ORPHANS)).toBe('FORBIDDEN');
    engine.strays = [];
    other.mood = 'away';
    expect(await at(other.name)).toBeNull();
    other.mood = 'well';
    engine.script = () => WELL;
    await untilOver(id);
  });
});
