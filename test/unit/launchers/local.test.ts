import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LauncherUnreachable, type JobHandle } from '../../../src/launchers/port/launcher.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
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
  untilState,
} from '../../support/launcher-jobs.js';
import { describeLauncher } from '../../support/launcher-suite.js';
import { launcherSource, LocalWorkshop, untilGone, withGpus } from '../../support/local-workshop.js';

let workshop: LocalWorkshop;
beforeAll(async () => {
  workshop = await LocalWorkshop.open();
});
afterAll(async () => await workshop.close());

describeLauncher('local', async () => {
  const own = await LocalWorkshop.open();
  return {
    launcher: own.launcher(),
    another: () => own.launcher(),
    tooManyGpus: 3,
    close: async () => await own.close(),
  };
});

describe('a local job', () => {
  it('outlives the API that submitted it', async () => {
    const go = join(workshop.directory, 'go');
    const spec = orderOf(
      program(`console.log('ready'); const { existsSync } = await import('node:fs');
        while (!existsSync(${JSON.stringify(go)})) await new Promise((r) => setTimeout(r, 50));
        writeFileSync(output + '/model', 'm');`),
    );
    const key = { jobId: randomUUID(), attempt: 1 };
    const api = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', `
        import { LocalLauncher } from ${JSON.stringify(launcherSource('local/local.ts'))};
        const launcher = new LocalLauncher(${JSON.stringify(workshop.options)});
        const { handle } = await launcher.submit(${JSON.stringify(spec)}, ${JSON.stringify(key)});
        while ((await launcher.observe(handle)).state !== 'RUNNING') await new Promise((r) => setTimeout(r, 20));
        process.stdout.write('running'); setInterval(() => {}, 1000);`],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    ); // prettier-ignore
    await once(api.stdout, 'data');
    api.kill('SIGKILL');
    await once(api, 'exit');
    const launcher = workshop.launcher();
    const handle = await launcher.find(key);
    if (handle === null) throw new Error('It was not found.');
    expect((await launcher.observe(handle)).state).toBe('RUNNING');
    await writeFile(go, '');
    expect((await untilOver(launcher, handle)).state).toBe('SUCCEEDED');
  });

  it('starts on the next submit when the API died before it could start the supervisor', async () => {
    const key = { jobId: randomUUID(), attempt: 1 };
    const broken = workshop.launcher({ supervisor: { command: ['/nonexistent/node'] } });
    await expect(broken.submit(orderOf(SUCCEEDS), key)).rejects.toThrow(LauncherUnreachable);
    const launcher = workshop.launcher();
    const answer = await launcher.submit(orderOf(SUCCEEDS), key);
    if (answer.outcome !== 'accepted') throw new Error(answer.message);
    expect(answer.adopted).toBe(true);
    expect((await untilOver(launcher, answer.handle)).state).toBe('SUCCEEDED');
  });

  it('is lost, not queued for ever, when no supervisor starts', async () => {
    const broken = workshop.launcher({ supervisor: { command: [process.execPath, '--eval', 'process.exit(1)'] } });
    const handle = await submitNew(broken, orderOf(SUCCEEDS));
    const longAgo = new Date(Date.now() - 60_000);
    const { supervisorLog } = workshop.runOf(handle);
    const impatient = {
      observe: async () => {
        await utimes(supervisorLog, longAgo, longAgo);
        return await broken.observe(handle);
      },
    };
    const end = await untilOver(impatient, handle);
    expect(end).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST' } });
    expect((await readFile(supervisorLog, 'utf8')).match(/A supervisor is started\./g)).toHaveLength(3);
  });

  it('is lost when its supervisor and then its program are killed', async () => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    const pids = await workshop.pidsOf(handle);
    process.kill(pids.supervisor, 'SIGKILL');
    await untilGone(pids.supervisor);
    expect((await launcher.observe(handle)).state).toBe('RUNNING');
    process.kill(pids.program, 'SIGKILL');
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST', retryable: true } });
    expect(end.startedAt).toBeInstanceOf(Date);
    expect((await launcher.logs(handle, { limit: 10 })).ended).toBe(true);
  });

  it('can be cancelled when only its program is left', async () => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    const pids = await workshop.pidsOf(handle);
    process.kill(pids.supervisor, 'SIGKILL');
    await untilGone(pids.supervisor);
    expect(await launcher.cancel(handle, { graceSeconds: 5 })).toBe('REQUESTED');
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED' });
  });

  it('is never mistaken for another process that got its pid', async () => {
    const launcher = workshop.launcher();
    const { handle } = await runToEnd(launcher, orderOf(SUCCEEDS));
    const run = workshop.runOf(handle);
    const stranger = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { detached: true });
    await once(stranger, 'spawn');
    onTestFinished(() => void stranger.kill('SIGKILL'));
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    const identity = { pid: stranger.pid, start: '1', boot };
    await rm(run.exit);
    await writeFile(run.claim, JSON.stringify({ owner: identity }));
    await writeFile(run.program, JSON.stringify({ identity, startedAt: new Date() }));
    expect((await launcher.observe(handle)).state).toBe('LOST');
    expect(await launcher.cancel(handle, { graceSeconds: 0 })).toBe('ALREADY_DONE');
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  });

  it('is lost when its folder vanished, and its program is stopped', async () => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    const pids = await workshop.pidsOf(handle);
    await rm(workshop.runOf(handle).path, { recursive: true });
    expect(await launcher.observe(handle)).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST' } });
    await untilGone(pids.program);
  });

  it('has no state at all while the disk of the jobs is away', async () => {
    const away = workshop.launcher({ directory: join(workshop.directory, 'not-mounted') });
    await expect(away.observe({ launcher: 'local', id: `${randomUUID()}-1` })).rejects.toThrow(LauncherUnreachable);
  });

  it('is not taken for a path', async () => {
    await expect(workshop.launcher().observe({ launcher: 'local', id: '../../etc-1' })).rejects.toThrow(RangeError);
  });

  it.each([
    ['', ['supervisor']],
    [', and its program with it', ['supervisor', 'program']],
  ] as const)('ends as a failure that may be tried again when its supervisor is told to end%s', async (_, told) => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    const pids = await workshop.pidsOf(handle);
    for (const each of told) process.kill(pids[each], 'SIGTERM');
    expect(await untilOver(launcher, handle)).toMatchObject({
      state: 'FAILED',
      failure: { code: 'SIGNAL', retryable: true },
    });
  });
});

describe('the queue of the local launcher', () => {
  it('gives each job GPUs of its own and lets a third wait for two', async () => {
    const own = join(workshop.directory, 'gpu-queue');
    const launcher = workshop.launcher({ directory: own });
    const waits = program(`console.log('GPU=' + process.env.CUDA_VISIBLE_DEVICES);
      process.on('SIGTERM', () => process.exit()); setInterval(() => {}, 1000);`);
    const submit = async (gpus: number): Promise<JobHandle> =>
      await submitNew(launcher, orderOf(waits, withGpus(gpus)));
    const first = await submit(1);
    await untilLogged(launcher, first, 'GPU=0');
    const second = await submit(1);
    await untilLogged(launcher, second, 'GPU=1');
    const third = await submit(1);
    const without = await submit(0);
    await untilLogged(launcher, without, 'GPU=');
    expect((await launcher.observe(third)).state).toBe('QUEUED');
    await launcher.cancel(second, { graceSeconds: 5 });
    await untilLogged(launcher, third, 'GPU=1');
    await Promise.all([first, third, without].map((handle) => launcher.cancel(handle, { graceSeconds: 5 })));
    await Promise.all([first, third, without].map((handle) => untilOver(launcher, handle)));
    expect((await launcher.observe(third)).usage?.gpuSeconds).toBeGreaterThan(0);
  });

  it('never starts a job that was cancelled while it waited', async () => {
    const launcher = workshop.launcher({ directory: join(workshop.directory, 'narrow'), maxConcurrent: 1 });
    const first = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilState(launcher, first, 'RUNNING');
    const second = await submitNew(launcher, orderOf(RUNS_LONG));
    expect(await launcher.cancel(second, { graceSeconds: 5 })).toBe('REQUESTED');
    const end = await untilOver(launcher, second);
    expect(end).toMatchObject({ state: 'CANCELLED', startedAt: null, exitCode: null, usage: null });
    expect((await readWholeLog(launcher, second, 100)).map((line) => line.stream)).toEqual(['SYSTEM']);
    await launcher.cancel(first, { graceSeconds: 0 });
    await untilOver(launcher, first);
  });

  it('keeps the GPU of a program that outlived its supervisor, and gives it on afterwards', async () => {
    const own = join(workshop.directory, 'orphans');
    const launcher = workshop.launcher({ directory: own, gpus: 1 });
    const first = await submitNew(launcher, orderOf(RUNS_LONG, withGpus(1)));
    await untilLogged(launcher, first, 'ready');
    const claim = await new RunFolder(join(own, first.id)).readClaim();
    process.kill(claim?.owner?.pid ?? NaN, 'SIGKILL');
    const second = await submitNew(launcher, orderOf(SUCCEEDS, withGpus(1)));
    await delay(1500);
    expect((await launcher.observe(second)).state).toBe('QUEUED');
    await launcher.cancel(first, { graceSeconds: 0 });
    expect((await untilOver(launcher, second)).state).toBe('SUCCEEDED');
  });
});
