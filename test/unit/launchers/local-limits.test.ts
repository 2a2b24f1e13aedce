import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { JobHandle, JobSpec } from '../../../src/launchers/port/launcher.js';
import type { LocalLauncher } from '../../../src/launchers/local/local.js';
import { allowedCpus, usableCpus, usableMemory } from '../../../src/launchers/machine/machine.js';
import {
  orderOf,
  program,
  readWholeLog,
  RUNS_LONG,
  runToEnd,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
} from '../../support/launcher-jobs.js';
import { LocalWorkshop, untilGone } from '../../support/local-workshop.js';

let workshop: LocalWorkshop;
beforeAll(async () => {
  workshop = await LocalWorkshop.open();
});
afterAll(async () => await workshop.close());

type Launcher = Parameters<LocalWorkshop['launcher']>[0];
/** With a queue of its own. */
const launcherWith = (changes: Launcher = {}): LocalLauncher =>
  workshop.launcher({ directory: join(workshop.directory, randomUUID()), ...changes });
const asking = (resources: Partial<JobSpec['resources']>): Pick<JobSpec, 'resources'> => ({
  resources: { gpus: 0, cpus: null, memoryBytes: null, ...resources },
});

const TELLS_CPUS =
  program(`const list = readFileSync('/proc/self/status', 'utf8').match(/Cpus_allowed_list:\\s*(\\S+)/)[1];
  const metrics = { list, threads: process.env.OMP_NUM_THREADS ?? null, ofMkl: process.env.MKL_NUM_THREADS ?? null };
  writeFileSync(output + '/m', ''); writeFileSync(output + '/manifest.json', JSON.stringify({ model: 'm', metrics }));`);

describe('the CPUs of a local job', () => {
  const [first = NaN] = usableCpus();
  const all = usableCpus().length;

  it('are its own from its first moment on, and libraries are told how many', async () => {
    const launcher = launcherWith();
    const end = await runToEnd(launcher, orderOf(TELLS_CPUS, asking({ cpus: 0.5 })));
    expect(end.output?.metrics).toEqual({ list: String(first), threads: '1', ofMkl: '1' });
    const log = await readWholeLog(launcher, end.handle, 100);
    expect(log[0]?.text).toContain(`, CPU ${first}.`);
    expect((await launcher.capabilities()).message).toBeNull();
  });

  it('leave the number of threads to the job when it says it itself', async () => {
    const order = orderOf(TELLS_CPUS, { ...asking({ cpus: 1 }), environment: { OMP_NUM_THREADS: '7' } });
    expect((await runToEnd(launcherWith(), order)).output?.metrics).toMatchObject({ threads: '7', ofMkl: '1' });
  });

  it('are any for a job that asks for none, also after one that asked', async () => {
    const launcher = launcherWith({ maxConcurrent: 1 });
    const pinned = await submitNew(launcher, orderOf(SUCCEEDS, asking({ cpus: 1 })));
    const free = await submitNew(launcher, orderOf(TELLS_CPUS));
    await untilOver(launcher, pinned);
    const { output } = await untilOver(launcher, free);
    expect(output?.metrics).toMatchObject({ threads: null });
    expect(readCpus(String(output?.metrics['list']))).toEqual(allowedCpus());
  });

  it('are waited for', async () => {
    const launcher = launcherWith({ cpus: 1 });
    const one = await submitNew(launcher, orderOf(RUNS_LONG, asking({ cpus: 1 })));
    await untilLogged(launcher, one, 'ready');
    const two = await submitNew(launcher, orderOf(SUCCEEDS, asking({ cpus: 1 })));
    expect((await runToEnd(launcher, orderOf(SUCCEEDS))).state).toBe('SUCCEEDED');
    expect((await launcher.observe(two)).state).toBe('QUEUED');
    await launcher.cancel(one, { graceSeconds: 0 });
    expect((await untilOver(launcher, two)).state).toBe('SUCCEEDED');
  });

  it.each([
    ['than the machine has', all + 1, undefined, all],
    ['than the launcher may give', 1.5, 1, 1],
  ])('are refused when they are more %s, with both numbers', async (_, cpus, most, has) => {
    const launcher = launcherWith({ cpus: most });
    const answer = await launcher.submit(orderOf(SUCCEEDS, asking({ cpus })), { jobId: randomUUID(), attempt: 1 });
    const message = `The job asks for ${Math.ceil(cpus)} CPUs, but the launcher "local" has ${has}. Ask for fewer or choose another launcher.`;
    expect(answer).toEqual({ outcome: 'rejected', code: 'TOO_MANY_CPUS', message });
  });

  it('change nothing about what is said of a program that cannot be started', async () => {
    const order = orderOf('', { command: ['trainn'], ...asking({ cpus: 1 }) });
    expect((await runToEnd(launcherWith(), order)).failure).toEqual({
      code: 'START_FAILED',
      message: 'The command "trainn" was not found. Give an absolute path or a program on the PATH of the launcher.',
      retryable: false,
    });
  });

  it('are not pinned where taskset is missing, which the launcher and the log say', async () => {
    const path = process.env.PATH;
    onTestFinished(() => void (process.env.PATH = path));
    process.env.PATH = workshop.directory;
    const launcher = launcherWith();
    expect(await launcher.capabilities()).toMatchObject({
      available: true,
      message: expect.stringMatching(/not pinned .* taskset \(util-linux\) has to be on the PATH/) as string,
    });
    const end = await runToEnd(launcher, orderOf(TELLS_CPUS, asking({ cpus: 1 })));
    expect(end.output?.metrics).toMatchObject({ threads: '1' });
    expect(readCpus(String(end.output?.metrics['list']))).toEqual(allowedCpus());
    expect(await systemLog(launcher, end.handle)).toContain('The program is not pinned to its CPUs.');
  });
});

describe('the memory of a local job', () => {
  const holds = (bytes: number): string =>
    program(
      `const held = Buffer.alloc(${bytes}, 1); console.log('holds'); setTimeout(() => console.log(held[5]), 60_000);`,
    );

  it('may not be more than it asked for: the program is killed at once, and told both numbers', async () => {
    const order = orderOf(holds(400_000_000), asking({ memoryBytes: 200_000_000 }));
    const end = await runToEnd(launcherWith(), order);
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'OUT_OF_MEMORY', retryable: false } });
    const [, used = 0] =
      /^The program used (\d+) bytes .* may use 200000000\. Ask/.exec(end.failure?.message ?? '') ?? [];
    expect(Number(used)).toBeGreaterThan(200_000_000);
  });

  it('is that of all its processes, also of those that left its group', async () => {
    const body = `const { spawn } = await import('node:child_process');
      const child = ${JSON.stringify(holds(150_000_000))};
      for (let number = 0; number < 3; number++) {
        const { pid } = spawn(process.execPath, ['--input-type=module', '--eval', child], { detached: true, stdio: 'inherit' });
        appendFileSync(output + '/pids', pid + '\\n');
      }`;
    const launcher = launcherWith({ directory: workshop.directory });
    const end = await runToEnd(launcher, orderOf(program(body), asking({ memoryBytes: 400_000_000 })));
    expect(end.failure?.code).toBe('OUT_OF_MEMORY');
    const pids = await readFile(join(workshop.runOf(end.handle).output, 'pids'), 'utf8');
    await Promise.all(pids.trim().split('\n').map(Number).map(untilGone));
  });

  it('counts what forked processes share once', async () => {
    const forks = `my $held = 'x' x 100_000_000; for (1 .. 6) { fork or do { sleep 3; exit } } 1 while wait > 0;
      open my $model, '>', "$ENV{WEFTLINE_OUTPUT}/m"; print $model substr $held, 0, 1;`;
    const order = orderOf('', { command: ['perl', '-e', forks], ...asking({ memoryBytes: 400_000_000 }) });
    const end = await runToEnd(launcherWith(), order);
    expect(end.state).toBe('SUCCEEDED');
    expect(end.usage?.maxMemoryBytes).toBeGreaterThan(400_000_000);
  });

  it('is reserved: others that ask for memory wait until there is enough, those that ask for none do not', async () => {
    const launcher = launcherWith({ memoryBytes: 1_000_000_000 });
    const one = await submitNew(launcher, orderOf(RUNS_LONG, asking({ memoryBytes: 600_000_000 })));
    await untilLogged(launcher, one, 'ready');
    const two = await submitNew(launcher, orderOf(SUCCEEDS, asking({ memoryBytes: 500_000_000 })));
    expect((await runToEnd(launcher, orderOf(SUCCEEDS))).state).toBe('SUCCEEDED');
    expect((await launcher.observe(two)).state).toBe('QUEUED');
    await launcher.cancel(one, { graceSeconds: 0 });
    expect((await untilOver(launcher, two)).state).toBe('SUCCEEDED');
  });

  it.each([
    ['than the machine has', undefined, usableMemory()],
    ['than jobs may reserve', 1000, 1000],
  ])('is refused when it is more %s, with both numbers', async (_, most, has) => {
    const launcher = launcherWith({ memoryBytes: most });
    const order = orderOf(SUCCEEDS, asking({ memoryBytes: has + 1 }));
    const answer = await launcher.submit(order, { jobId: randomUUID(), attempt: 1 });
    const message = `The job asks for ${has + 1} bytes of memory, but the launcher "local" has ${has}. Ask for less or choose another launcher.`;
    expect(answer).toEqual({ outcome: 'rejected', code: 'TOO_MUCH_MEMORY', message });
  });
});

async function systemLog(launcher: LocalLauncher, handle: JobHandle): Promise<string> {
  const lines = await readWholeLog(launcher, handle, 100);
  return lines.flatMap(({ stream, text }) => (stream === 'SYSTEM' ? [text] : [])).join('\n');
}

function readCpus(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [from = NaN, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
}
