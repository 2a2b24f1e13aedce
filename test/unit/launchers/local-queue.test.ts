import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { access, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobHandle } from '../../../src/launchers/port/launcher.js';
import type { LocalLauncher } from '../../../src/launchers/local/local.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import {
  orderOf,
  program,
  RUNS_LONG,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
  untilState,
} from '../../support/launcher-jobs.js';
import { LocalWorkshop, untilGone } from '../../support/local-workshop.js';
import { runnerCommand } from '../../support/runner.js';

let workshop: LocalWorkshop;
let directory: string;
let launcher: LocalLauncher;
beforeAll(async () => {
  workshop = await LocalWorkshop.open();
});
afterAll(async () => await workshop.close());

/** One program at a time. */
beforeEach(() => {
  directory = join(workshop.directory, randomUUID());
  launcher = workshop.launcher({ directory, maxConcurrent: 1 });
});

const runOf = (handle: JobHandle): RunFolder => new RunFolder(join(directory, handle.id));
const ticketOf = (handle: JobHandle): string => join(directory, '.queue', `${handle.id}.json`);
const submit = (source: string): Promise<JobHandle> => submitNew(launcher, orderOf(source));

/** Waits without the launcher, as if the API were dead: what is there happens by itself. */
async function untilVerdict(handle: JobHandle): Promise<string> {
  for (;;) {
    const verdict = await runOf(handle).readVerdict();
    if (verdict !== null) return verdict.state;
    await delay(50);
  }
}

/** Pids of the supervisors of this queue: each has the folder of its run in its command. */
async function supervisors(): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  return pids.filter((_, index) => commands[index]?.includes(directory));
}

async function submitRunning(): Promise<JobHandle> {
  const handle = await submit(RUNS_LONG);
  await untilLogged(launcher, handle, 'ready');
  return handle;
}

describe('a queue of local jobs', () => {
  it('holds no process for a job that waits, and goes on by itself in the order of submission', async () => {
    const order = join(directory, 'order');
    const first = await submitRunning();
    const waiting: JobHandle[] = [];
    for (let number = 0; number < 8; number += 1) {
      const source = program(
        `appendFileSync(${JSON.stringify(order)}, '${number} '); writeFileSync(output + '/m', '');`,
      );
      waiting.push(await submit(source));
    }
    for (const handle of waiting) expect((await launcher.observe(handle)).state).toBe('QUEUED');
    expect(await supervisors()).toHaveLength(1);
    await launcher.cancel(first, { graceSeconds: 5 });
    expect(await Promise.all(waiting.map(untilVerdict))).toEqual(waiting.map(() => 'SUCCEEDED'));
    expect(await readFile(order, 'utf8')).toBe('0 1 2 3 4 5 6 7 ');
    while ((await readdir(join(directory, '.queue'))).length > 0) await delay(20);
  });

  it('ends a job that waits without a process', async () => {
    await submitRunning();
    const second = await submit(RUNS_LONG);
    await launcher.cancel(second, { graceSeconds: 5 });
    const end = await launcher.observe(second);
    expect(end).toMatchObject({ state: 'CANCELLED', failure: { code: 'CANCELLED_BY_USER' } });
    expect(end.endedAt).toBeInstanceOf(Date);
    await expect(access(runOf(second).supervisorLog)).rejects.toThrow('ENOENT');
    await expect(access(ticketOf(second))).rejects.toThrow('ENOENT');
    expect(await launcher.cancel(second, { graceSeconds: 0 })).toBe('ALREADY_DONE');
  });

  it('ends a job that waits also when the API died just after it had kept the wish', async () => {
    await submitRunning();
    const second = await submit(RUNS_LONG);
    await writeFile(runOf(second).cancel, JSON.stringify({ requestedAt: new Date(), graceSeconds: 5 }));
    expect((await launcher.observe(second)).state).toBe('CANCELLED');
  });

  it('starts those that a cancelled job kept waiting', async () => {
    const two = workshop.launcher({ directory, maxConcurrent: 2, gpus: 2 });
    const withGpus = (gpus: number) => ({ resources: { gpus, cpus: null, memoryBytes: null } });
    const first = await submitNew(two, orderOf(RUNS_LONG, withGpus(1)));
    await untilLogged(two, first, 'ready');
    const gathers = await submitNew(two, orderOf(SUCCEEDS, withGpus(2)));
    const third = await submitNew(two, orderOf(SUCCEEDS, withGpus(1)));
    expect((await two.observe(third)).state).toBe('QUEUED');
    expect(await supervisors()).toHaveLength(1);
    await two.cancel(gathers, { graceSeconds: 5 });
    expect(await untilVerdict(third)).toBe('SUCCEEDED');
  });

  it('takes a job in whose API died between the order and the place in the queue', async () => {
    const first = await submitRunning();
    const second = await submit(SUCCEEDS);
    await rm(ticketOf(second));
    await launcher.cancel(first, { graceSeconds: 0 });
    await untilOver(launcher, first);
    expect((await untilOver(launcher, second)).state).toBe('SUCCEEDED');
  });

  it('passes over what is nobody’s any more: a removed job, one that is lost, one whose supervisor was killed', async () => {
    const first = await submitRunning();
    const [removed, lost, last] = [await submit(RUNS_LONG), await submit(RUNS_LONG), await submit(SUCCEEDS)];
    await rm(runOf(removed).path, { recursive: true });
    await writeFile(runOf(lost).claim, JSON.stringify({ owner: null }));
    const { supervisor, program: pid } = await pidsOf(first);
    process.kill(supervisor, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    expect((await untilOver(launcher, last)).state).toBe('SUCCEEDED');
    expect((await launcher.observe(lost)).state).toBe('LOST');
  });

  it('starts a job anew whose supervisor was killed before it had claimed it', async () => {
    const first = await submitRunning();
    const second = await submit(SUCCEEDS);
    const ticket = JSON.parse(await readFile(ticketOf(second), 'utf8')) as object;
    await writeFile(ticketOf(second), JSON.stringify({ ...ticket, granted: [] }));
    await launcher.cancel(first, { graceSeconds: 0 });
    expect(await untilVerdict(second)).toBe('SUCCEEDED');
  });

  it('lets a supervisor that comes too early end and leave the job as it was', async () => {
    const first = await submitRunning();
    const second = await submit(SUCCEEDS);
    const [command = '', ...args] = runnerCommand();
    for (let start = 0; start < 4; start += 1) {
      const [exitCode] = (await once(spawn(command, [...args, runOf(second).path]), 'exit')) as [number];
      expect(exitCode).toBe(0);
    }
    expect((await launcher.observe(second)).state).toBe('QUEUED');
    expect(await runOf(second).readClaim()).toBeNull();
    await launcher.cancel(first, { graceSeconds: 0 });
    expect(await untilVerdict(second)).toBe('SUCCEEDED');
  });

  it('begins nothing when a supervisor is told to end, and goes on when somebody observes', async () => {
    const first = await submitRunning();
    const second = await submit(SUCCEEDS);
    const { supervisor } = await pidsOf(first);
    process.kill(supervisor, 'SIGTERM');
    await untilGone(supervisor);
    expect(await runOf(first).readVerdict()).toMatchObject({ state: 'FAILED', failure: { retryable: true } });
    expect(await supervisors()).toEqual([]);
    expect(await runOf(second).readClaim()).toBeNull();
    expect((await untilState(launcher, second, 'SUCCEEDED')).state).toBe('SUCCEEDED');
  });
});

async function pidsOf(handle: JobHandle): Promise<{ supervisor: number; program: number }> {
  const claim = await runOf(handle).readClaim();
  const running = await runOf(handle).readProgram();
  if (claim?.owner == null || running === null) throw new Error('The job does not run.');
  return { supervisor: claim.owner.pid, program: running.identity.pid };
}
