import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Engine, EngineView, TaskRef } from '../../src/launchers/engine/engine.js';
import { type JobHandle, type Launcher, LauncherUnreachable } from '../../src/launchers/port/launcher.js';
import { RunFolder } from '../../src/launchers/run-folder/run-folder.js';
import { dropAnswersOf } from '../support/dropping-proxy.js';
import {
  orderOf,
  program,
  readWholeLog,
  runToEnd,
  RUNS_LONG,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
  waitsFor,
} from '../support/launcher-jobs.js';
import { describeLauncher } from '../support/launcher-suite.js';
import { withGpus } from '../support/local-workshop.js';
import { SlurmWorkshop, type SlurmWay } from '../support/slurm-workshop.js';

let workshop: SlurmWorkshop;
beforeAll(async () => {
  workshop = await SlurmWorkshop.open();
});
afterAll(() => workshop.close());

describeLauncher('slurm', async () => {
  const own = await SlurmWorkshop.open();
  return {
    launcher: own.launcher('rest'),
    another: () => own.launcher('rest'),
    tooManyGpus: 9,
    close: () => own.close(),
  };
});

const WAYS: SlurmWay[] = ['rest', 'cli'];
const SHOWS_GPU = program(`console.log('gpu ' + process.env.CUDA_VISIBLE_DEVICES); setTimeout(() => {}, 60_000);`);

describe('Slurm', { concurrent: true }, () => {
  it('lets a third job for one GPU wait while two have both, and never starts it once it is cancelled', async ({
    expect,
  }) => {
    const launcher = workshop.launcher('rest');
    const running = [await submitNew(launcher, orderOf(SHOWS_GPU, withGpus(1)))];
    running.push(await submitNew(launcher, orderOf(SHOWS_GPU, withGpus(1))));
    const lines = await Promise.all(running.map((handle) => untilLogged(launcher, handle, 'gpu')));
    expect(lines.map(({ text }) => text).sort()).toEqual(['gpu 0', 'gpu 1']);
    const third = await submitNew(launcher, orderOf(SHOWS_GPU, withGpus(1)));
    const waiting = await lookUntil(workshop.engine('rest'), taskOf(third), (view) => view?.message === 'Resources');
    expect(waiting).toMatchObject({ state: 'QUEUED', startedAt: null, end: null });
    expect(await launcher.observe(third)).toMatchObject({ state: 'QUEUED', waitingFor: 'Resources' });
    expect(await launcher.cancel(third, { graceSeconds: 5 })).toBe('REQUESTED');
    const failure = { code: 'CANCELLED_BY_USER' };
    expect(await untilOver(launcher, third)).toMatchObject({ state: 'CANCELLED', startedAt: null, failure });
    for (const handle of running) await launcher.cancel(handle, { graceSeconds: 1 });
    for (const handle of running) await untilOver(launcher, handle);
  });

  it.each(WAYS)('refuses a queue that does not exist and names those there are (%s)', async (way) => {
    const answer = await workshop
      .launcher(way)
      .submit(orderOf(SUCCEEDS, { queue: 'gpu-large' }), { jobId: randomUUID(), attempt: 1 });
    const message =
      'Slurm has no partition "gpu-large". It has: batch, hidden, short. Name one of them as queue, or none.';
    expect(answer).toEqual({ outcome: 'rejected', code: way === 'rest' ? 'SLURM_2000' : 'SLURM', message });
  });

  it.each(WAYS)('tells its partitions, those that are hidden too, and that it runs no images (%s)', async (way) => {
    const queues = ['batch', 'hidden', 'short'];
    const { queues: told, ...rest } = await workshop.launcher(way).capabilities();
    expect(rest).toEqual({ available: true, message: null, gpus: 2, images: [] });
    expect([...(told ?? [])].sort()).toEqual(queues);
  });

  it.each(WAYS)('takes no record of a job that it refused for the job (%s)', async (way) => {
    const launcher = workshop.launcher(way);
    const key = { jobId: randomUUID(), attempt: 1 };
    const tooLarge = orderOf(SUCCEEDS, { resources: { gpus: 0, cpus: 2, memoryBytes: 10 ** 15 } });
    const answer = await launcher.submit(tooLarge, key);
    expect(answer).toMatchObject({ outcome: 'rejected' });
    expect(answer.outcome === 'rejected' ? answer.message : '').toMatch(
      /Requested node configuration is not available.* 2 CPUs, 953674317 MiB of memory, 4 minutes, the default partition/,
    );
    expect(await launcher.find(key)).toBeNull();
  });

  it.each(WAYS)('refuses an image, and a partition of the settings that is not there (%s)', async (way) => {
    const order = orderOf(SUCCEEDS, { image: 'pytorch:2' });
    const answer = await workshop.launcher(way).submit(order, { jobId: randomUUID(), attempt: 1 });
    expect(answer).toMatchObject({ outcome: 'rejected', code: 'NO_IMAGES' });
    const probe = await workshop.engine(way, { partition: 'gone' }).probe();
    expect(probe).toMatchObject({ available: false, gpus: 2 });
    expect(probe.message).toContain('no partition "gone", which the settings name. It has: batch, hidden, short.');
  });

  it('runs, finds and cancels jobs by its commands as well', async () => {
    const launcher = workshop.launcher('cli');
    const order = orderOf(SUCCEEDS, { queue: 'short' });
    const key = { jobId: randomUUID(), attempt: 1 };
    const first = await launcher.submit(order, key);
    if (first.outcome !== 'accepted') throw new Error(first.message);
    expect(await launcher.submit(order, key)).toEqual({ ...first, adopted: true });
    expect(await untilOver(launcher, first.handle)).toMatchObject({ state: 'SUCCEEDED' });
    const failing = await runToEnd(launcher, orderOf(program(`process.exitCode = 7;`)));
    expect(failing).toMatchObject({ state: 'FAILED', exitCode: 7, failure: { code: 'EXIT_CODE' } });
    const long = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, long, 'ready');
    await launcher.cancel(long, { graceSeconds: 1 });
    expect(await untilOver(launcher, long)).toMatchObject({ state: 'CANCELLED' });
    const listed = await workshop.engine('cli').list();
    expect(listed.map(({ name }) => name)).toContain(`${key.jobId}-1`);
  });

  it.each(WAYS)('tells a job that was cancelled by its own commands from one that we cancelled (%s)', async (way) => {
    const launcher = workshop.launcher(way);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    await workshop.cluster.command('scancel', handle.id);
    const failure = { code: 'CANCELLED_OUTSIDE', retryable: false };
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED', failure });
  });

  it.each(WAYS)('keeps a second job of one name waiting, shows the first, and stops both (%s)', async (way) => {
    const engine = workshop.engine(way);
    const name = `${randomUUID()}-1`;
    const args = [
      '--parsable',
      `--job-name=${name}`,
      '--dependency=singleton',
      '--output=/dev/null',
      '--wrap=sleep 60',
    ];
    const first = await workshop.cluster.command('sbatch', ...args);
    const second = await workshop.cluster.command('sbatch', ...args);
    await lookUntil(engine, { id: second, name }, (view) => view?.state === 'RUNNING');
    expect(await engine.find(name)).toBe(first);
    await engine.stop({ id: second, name }, { graceSeconds: 1 });
    for (const id of [first, second]) {
      const view = await lookUntil(engine, { id, name }, (each) => each?.state === 'ENDED');
      expect(view?.end).toMatchObject({ state: 'CANCELLED' });
    }
  });

  it.each(WAYS)(
    'says of the energy of a job that there are no accounts, and ends the job all the same (%s)',
    async (way) => {
      const launcher = workshop.launcher(way);
      const handle = await submitNew(launcher, orderOf(SUCCEEDS));
      expect(await untilOver(launcher, handle)).toMatchObject({ state: 'SUCCEEDED', failure: null });
      const note = 'Slurm keeps no accounts that could tell its energy.';
      expect(await launcher.accountedEnergy(handle, 1)).toEqual({ joules: null, coverage: 0, model: null, note });
    },
  );

  it('finds the job again when the answer to its submission was lost, and runs it once', async () => {
    const proxy = await dropAnswersOf(workshop.cluster.url, (request) => request.method === 'POST');
    const { user, keyFile } = workshop.cluster;
    const launcher = workshop.launcher('rest', workshop.engine('rest', { rest: { url: proxy.url, user, keyFile } }));
    const key = { jobId: randomUUID(), attempt: 1 };
    const order = orderOf(program(`console.log('once'); writeFileSync(output + '/model', '');`));
    await expect(launcher.submit(order, key)).rejects.toThrow(LauncherUnreachable);
    const answer = await launcher.submit(order, key);
    if (answer.outcome !== 'accepted') throw new Error(answer.message);
    expect(answer.adopted).toBe(true);
    expect(await untilOver(launcher, answer.handle)).toMatchObject({ state: 'SUCCEEDED' });
    const log = await readWholeLog(launcher, answer.handle, 100);
    expect(log.filter(({ text }) => text === 'once')).toHaveLength(1);
    await proxy.close();
  });
});

describe('Slurm that forgot its jobs', () => {
  it.each(WAYS)('makes none of them LOST while its program runs: the record tells how it ended (%s)', async (way) => {
    const own = await SlurmWorkshop.open();
    onTestFinished(() => own.close());
    const launcher = own.launcher(way);
    const go = join(own.cluster.directory, 'go');
    const ends = await submitNew(launcher, orderOf(waitsFor(go)));
    const cancelled = await submitNew(launcher, orderOf(RUNS_LONG));
    const killed = await submitNew(launcher, orderOf(RUNS_LONG));
    for (const each of [ends, cancelled, killed]) await untilLogged(launcher, each, 'ready');
    await own.cluster.loseMemory();
    for (const each of [ends, killed]) expect(await own.engine(way).look(taskOf(each))).toBeNull();
    const runner = await new RunFolder(own.folderOf(way, killed)).readClaim();
    process.kill(runner?.owner?.pid ?? 0, 'SIGKILL');
    // By now the others would be lost as well, if it were not for their sign of life.
    expect(await untilOver(launcher, killed)).toMatchObject({ state: 'LOST', failure: { retryable: true } });
    for (const each of [ends, cancelled]) expect(await launcher.observe(each)).toMatchObject({ state: 'RUNNING' });
    await writeFile(go, '');
    expect(await untilOver(launcher, ends)).toMatchObject({ state: 'SUCCEEDED', failure: null });
    expect(await launcher.cancel(cancelled, { graceSeconds: 1 })).toBe('REQUESTED');
    expect(await untilOver(launcher, cancelled)).toMatchObject({ state: 'CANCELLED', signal: 'SIGTERM' });
  });
});

describe('Slurm that is away', { concurrent: true }, () => {
  it('changes no state of a job, whose end is known once it is back, and later from the record alone', async ({
    onTestFinished,
  }) => {
    const own = await SlurmWorkshop.open({ minJobAge: 2 });
    onTestFinished(() => own.close());
    const launcher = own.launcher('rest', own.engine('rest', { timeoutSeconds: 2 }));
    const go = join(own.cluster.directory, 'go');
    const handle = await submitNew(launcher, orderOf(waitsFor(go)));
    const long = await submitNew(launcher, orderOf(RUNS_LONG));
    for (const each of [handle, long]) await untilLogged(launcher, each, 'ready');
    await own.cluster.untilSaved(taskOf(long).id);
    await own.cluster.killController();
    await expect(launcher.observe(handle)).rejects.toThrow(LauncherUnreachable);
    await expect(launcher.find({ jobId: randomUUID(), attempt: 1 })).rejects.toThrow(LauncherUnreachable);
    await expect(launcher.submit(orderOf(SUCCEEDS), { jobId: randomUUID(), attempt: 1 })).rejects.toThrow(
      LauncherUnreachable,
    );
    await expect(own.engine('cli', { timeoutSeconds: 2 }).look(taskOf(long))).rejects.toThrow(LauncherUnreachable);
    expect(await launcher.capabilities()).toMatchObject({ available: false, gpus: null });
    await writeFile(go, '');
    expect(await untilOver({ observe: patient(launcher) }, handle)).toMatchObject({ state: 'SUCCEEDED' });
    await own.cluster.startController();
    await own.cluster.untilReady();
    expect(await launcher.observe(long)).toMatchObject({ state: 'RUNNING' });
    const engines = [own.engine('rest'), own.engine('cli')];
    for (const engine of engines) await lookUntil(engine, taskOf(handle), (view) => view === null);
    expect(await launcher.observe(handle)).toMatchObject({ state: 'SUCCEEDED' });
    for (const engine of engines) expect(await engine.find(taskOf(handle).name)).toBeNull();
    await launcher.cancel(long, { graceSeconds: 1 });
    expect(await untilOver(launcher, long)).toMatchObject({ state: 'CANCELLED' });
  });
});

const taskOf = (handle: JobHandle): TaskRef => ({ id: handle.id, name: handle.attempt ?? '' });

/** `expect.poll` knows of no test once another one beside it has ended. */
async function lookUntil(
  engine: Engine,
  task: TaskRef,
  isIt: (view: EngineView | null) => boolean,
): Promise<EngineView | null> {
  for (;;) {
    const view = await engine.look(task);
    if (isIt(view)) return view;
    await delay(100);
  }
}

/** Asks again where the engine was needed and did not answer. */
const patient =
  (launcher: Launcher): Launcher['observe'] =>
  async (handle) => {
    for (;;) {
      const observation = await launcher.observe(handle).catch((error: unknown) => {
        if (error instanceof LauncherUnreachable) return null;
        throw error;
      });
      if (observation !== null) return observation;
    }
  };

describe('the token for Slurm', { concurrent: true }, () => {
  const tokenFor = async (key: Uint8Array, seconds: number): Promise<string> =>
    await new SignJWT({ sun: workshop.cluster.user })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .sign(key);

  it.each([
    ['was signed with another key', 600, /does not accept the token for user "\w+": see that slurmctld runs/],
    ['has expired', -5, /expired at 20.*: write a new one there/],
  ])('is not shown, but named as the cause, where it %s', async (_, seconds, words) => {
    const token = await tokenFor(Buffer.from('another key of 32 bytes in all..'), seconds);
    const tokenFile = join(workshop.cluster.directory, `token-${randomUUID()}`);
    await writeFile(tokenFile, `SLURM_JWT=${token}\n`, { mode: 0o600 });
    const { url, user } = workshop.cluster;
    const engine = workshop.engine('rest', { rest: { url, user, tokenFile } });
    const probe = await engine.probe();
    expect(probe).toMatchObject({ available: false, gpus: null });
    expect(probe.message).toMatch(words);
    expect(probe.message).not.toContain(token);
    await expect(engine.look({ id: '1', name: 'x-1' })).rejects.toThrow(LauncherUnreachable);
    await expect(engine.find('x-1')).rejects.toThrow(words);
  });

  it('may come from a command as scontrol prints it', async () => {
    const { url, user, configFile } = workshop.cluster;
    const tokenCommand = ['env', `SLURM_CONF=${configFile}`, 'scontrol', 'token', 'lifespan=300'];
    const probe = await workshop.engine('rest', { rest: { url, user, tokenCommand } }).probe();
    expect(probe).toMatchObject({ available: true, message: null, gpus: 2 });
  });
});
