import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Engine, EngineTask } from '../../../src/launchers/engine/engine.js';
import { LauncherUnreachable } from '../../../src/launchers/port/launcher.js';
import { openSlurm } from '../../../src/launchers/slurm/slurm.js';
import { decodeJob } from '../../../src/launchers/slurm/rest-answers.js';
import { chooseVersion } from '../../../src/launchers/slurm/rest-versions.js';
import { slurmSettings } from '../../../src/launchers/slurm/settings.js';
import { orderOf } from '../../support/launcher-jobs.js';
import { recorded, SlurmDouble } from '../../support/slurm-double.js';

let double: SlurmDouble;
let folder: string;
let engine: Engine;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weftline-slurm-'));
  await writeFile(join(folder, 'key'), 'k'.repeat(32));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
beforeEach(async () => {
  double = await SlurmDouble.start();
  const rest = { url: double.url, user: 'root', keyFile: join(folder, 'key') };
  engine = openSlurm(slurmSettings.parse({ rest, account: 'lab', gres: 'gpu:a100' }));
  return () => double.stop();
});

const resources = { gpus: 2, cpus: 1.5, memoryBytes: 3 * 2 ** 30 };
const taskOf = (changes: Partial<EngineTask['spec']> = {}): EngineTask => ({
  name: 'train-1',
  command: ['/opt/node', "/srv/it's.mjs", '/jobs/train-1'],
  environment: { WEFTLINE_RUN: '/jobs/train-1' },
  folder: '/jobs/train-1',
  spec: orderOf('', { resources, queue: 'long', ...changes }),
});
const [completed] = recorded('job-completed')['jobs'] as [Record<string, unknown>];
const knows = (...jobs: Record<string, unknown>[]): void => {
  const named = jobs.map((job): Record<string, unknown> => ({ ...completed, name: 'train-1', ...job }));
  double.answers.set('GET /jobs', { status: 200, body: { errors: [], jobs: named } });
  for (const job of named) {
    double.answers.set(`GET /job/${String(job['job_id'])}`, { status: 200, body: { errors: [], jobs: [job] } });
  }
};
const look = (): ReturnType<Engine['look']> => engine.look({ id: '1', name: 'train-1' });
const fails = (code: number): { status: number; body: unknown } => ({
  status: 500,
  body: { errors: [{ error_code: code, error: 'It says so' }] },
});

describe('slurmrestd', () => {
  it('is given a job in the words of its version', async () => {
    expect(await engine.submit(taskOf())).toEqual({ outcome: 'accepted', id: '1', adopted: false });
    expect(double.asked.at(-1)?.body).toEqual({
      script: `#!/bin/sh\nexec '/opt/node' '/srv/it'\\''s.mjs' '/jobs/train-1'\n`,
      job: {
        name: 'train-1', comment: 'Weftline attempt train-1', account: 'lab', partition: 'long', tasks: 1,
        cpus_per_task: 2, memory_per_node: 3072, gres: 'gpu:a100:2', time_limit: 4, dependency: 'singleton',
        requeue: false, current_working_directory: '/jobs/train-1', standard_output: '/jobs/train-1/slurm.log',
        environment: { WEFTLINE_RUN: '/jobs/train-1' },
      },
    }); // prettier-ignore
  });

  it('is not asked for what the job leaves open', async () => {
    const limits = { ...orderOf('').limits, runSeconds: null };
    await engine.submit(taskOf({ limits, queue: null, resources: { gpus: 0, cpus: null, memoryBytes: null } }));
    const { job } = double.asked.at(-1)?.body as { job: object };
    for (const key of ['partition', 'time_limit', 'gres', 'cpus_per_task', 'memory_per_node', 'qos'])
      expect(job).not.toHaveProperty(key);
  });

  it('adopts the first job of the name and user, and no record of one that was refused', async () => {
    knows({ job_id: 9 }, { job_id: 7 }, { job_id: 3, job_state: 'FAILED', state_reason: 'BadConstraints' });
    expect(await engine.submit(taskOf())).toEqual({ outcome: 'accepted', id: '7', adopted: true });
    knows({ job_id: 7, user_name: 'mallory' });
    expect(await engine.find('train-1')).toBeNull();
  });

  it('takes a job that is in for accepted, whatever is said besides', async () => {
    const body = { errors: [{ error_code: 2042, error: 'Job is in held state' }], job_id: 5 };
    double.answers.set('POST /job/submit', { status: 200, body });
    expect(await engine.submit(taskOf())).toMatchObject({ outcome: 'accepted', id: '5' });
  });

  it('says what was refused and what it asked for, by the code of the error', async () => {
    double.answers.set('POST /job/submit', { status: 500, body: recorded('submit-nocapacity.response') });
    expect(await engine.submit(taskOf())).toEqual({
      outcome: 'rejected',
      code: 'SLURM_2014',
      message:
        'Slurm refused the job: Requested node configuration is not available (error 2014). It asks for 2 GPUs (gpu:a100:2), 2 CPUs, 3072 MiB of memory, 4 minutes, partition "long", account "lab", all on one node. Ask for less, or name another queue.',
    });
  });

  it.each([1800, 5004, 5005, 2007, 2105, -1])('cannot tell whether it took the job with error %i', async (code) => {
    double.answers.set('POST /job/submit', fails(code));
    await expect(engine.submit(taskOf())).rejects.toThrow(LauncherUnreachable);
  });

  it.each([
    ['GET /job/1', () => look()],
    ['GET /jobs', () => engine.find('train-1')],
    ['GET /jobs', () => engine.list()],
  ])('tells nothing when %s answers 500 without a known code', async (path, ask) => {
    const error = { error_number: -1, error: 'Unspecified error', description: 'Unable to find JobId=1' };
    double.answers.set(path, { status: 500, body: { errors: [error], jobs: [] } });
    await expect(ask()).rejects.toThrow(/could not tell and said: Unable to find JobId=1.*slurmctld is away/);
    double.answers.set(path, { status: 502, body: '<html>Bad gateway</html>' });
    await expect(ask()).rejects.toThrow(/answered GET .* with 502 and no JSON/);
    double.answers.set(path, { status: 401, body: 'Authentication failure' });
    await expect(ask()).rejects.toThrow(/refuses the token for user "root" \(401\): give it a new one/);
  });

  it('knows nothing of a job that Slurm forgot, or whose id another job has by now', async () => {
    expect(await engine.look({ id: '999', name: 'train-1' })).toBeNull();
    knows({ name: 'another-1' });
    expect(await look()).toBeNull();
  });

  it('stops all that is open under the name, the newest first, and leaves what is over or unknown alone', async () => {
    await engine.stop({ id: '999', name: 'train-1' }, { graceSeconds: 5 });
    knows({ job_id: 1 }, { job_id: 2, job_state: 'RUNNING' }, { job_id: 3, job_state: 'PENDING' });
    await engine.stop({ id: '2', name: 'train-1' }, { graceSeconds: 5 });
    const deleted = double.asked.filter(({ method }) => method === 'DELETE').map(({ path }) => path);
    expect(deleted).toEqual(['/job/3', '/job/2']);
  });

  it('lists what has names of attempts', async () => {
    knows({ job_id: 1 }, { job_id: 2, job_state: 'RUNNING', name: 'b-2' }, { job_id: 3, name: 'My analysis' });
    const rows = [{ id: '1', name: 'train-1', over: true }, { id: '2', name: 'b-2', over: false }]; // prettier-ignore
    expect(await engine.list()).toEqual(rows);
  });

  it('counts the GPUs that are called as the settings say', async () => {
    const nodes = [{ gres: 'gpu:a100:4(S:0-1),gpu:v100:2' }, { gres: '' }, { gres: 'gpu:a100:4(S:0)' }];
    double.answers.set('GET /nodes', { status: 200, body: { errors: [], nodes } });
    const queues = ['batch', 'long'];
    expect(await engine.probe()).toEqual({ available: true, message: null, gpus: 8, queues, images: [] });
  });

  it('is available also where it does not tell its partitions, and then cannot tell its queues', async () => {
    double.answers.set('GET /partitions', fails(-1));
    const { queues, ...told } = await engine.probe();
    expect(queues).toBeUndefined();
    expect(told).toMatchObject({ available: true, message: expect.stringContaining('partitions') as string });
    double.answers.set('GET /nodes', fails(-1));
    expect(await engine.probe()).toMatchObject({ available: false, gpus: null });
  });

  it('is not used with a version of its API that is not known here', async () => {
    double.document = { paths: { '/slurm/v0.0.36/job/submit': {}, '/slurm/v0.0.37/job/submit': {} } };
    const { available, message } = await engine.probe();
    expect(available).toBe(false);
    expect(message).toContain('It has: v0.0.36, v0.0.37; known are: v0.0.38, v0.0.39, v0.0.40');
    await expect(engine.submit(taskOf())).rejects.toThrow(LauncherUnreachable);
  });

  it.each([
    ['PENDING', { state_reason: 'Resources' }, { state: 'QUEUED', message: 'Resources', startedAt: null, end: null }],
    ['CONFIGURING', {}, { state: 'STARTING', end: null }],
    ['COMPLETING', {}, { state: 'RUNNING', message: 'COMPLETING', end: null }],
    ['SUSPENDED', {}, { state: 'RUNNING', end: null }],
    ['COMPLETED', {}, { state: 'ENDED', end: { state: 'SUCCEEDED', exitCode: 0, signal: null, failure: null } }],
    ['FAILED', { exit_code: 1792 }, ended('FAILED', 'EXIT_CODE', false, { exitCode: 7 })],
    ['FAILED', { exit_code: 9 }, ended('FAILED', 'SIGNAL', true, { exitCode: null, signal: 'SIGKILL' })],
    ['FAILED', { exit_code: 53, state_reason: 'JobLaunchFailure' }, ended('FAILED', 'START_FAILED', true)],
    ['FAILED', { state_reason: 'BadConstraints' }, ended('FAILED', 'UNSCHEDULABLE', false)],
    ['TIMEOUT', {}, ended('TIMED_OUT', 'RUN_TIMEOUT', false)],
    ['DEADLINE', {}, ended('TIMED_OUT', 'RUN_TIMEOUT', false)],
    ['OUT_OF_MEMORY', { exit_code: 9 }, ended('FAILED', 'OUT_OF_MEMORY', false)],
    ['NODE_FAIL', {}, ended('FAILED', 'NODE_FAILURE', true)],
    ['BOOT_FAIL', {}, ended('FAILED', 'NODE_FAILURE', true)],
    ['PREEMPTED', { exit_code: 15 }, ended('FAILED', 'PREEMPTED', true, { signal: 'SIGTERM' })],
    ['CANCELLED', { exit_code: 15 }, ended('CANCELLED', 'CANCELLED_OUTSIDE', false, { signal: 'SIGTERM' })],
  ])('means by %s %j what it says', async (job_state, more, expected) => {
    knows({ job_id: 1, job_state, state_reason: 'None', ...more });
    expect(await look()).toMatchObject(expected);
  });

  it('has no state invented for it by us', async () => {
    knows({ job_id: 1, job_state: 'TELEPORTING' });
    await expect(look()).rejects.toThrow('job 1 is "TELEPORTING", which is not known here');
  });
});

function ended(state: string, code: string, retryable: boolean, more: object = {}): object {
  return { state: 'ENDED', end: { state, failure: { code, retryable }, ...more } };
}

describe('later versions of the API', () => {
  it('give the same job in other shapes', () => {
    const number = (value: number): object => ({ set: true, infinite: false, number: value });
    const later = {
      ...completed,
      job_state: ['FAILED'],
      exit_code: { return_code: number(7), signal: { id: { set: false, number: 0 }, name: '' } },
      start_time: number(1795467589),
      end_time: number(1795467594),
    };
    const plain = { ...completed, job_state: 'FAILED', exit_code: 1792, start_time: 1795467589, end_time: 1795467594 };
    expect(decodeJob(later)).toEqual(decodeJob(plain));
    expect(decodeJob({ ...later, job_state: ['CANCELLED', 'COMPLETING'] }).state).toBe('COMPLETING');
  });

  it('are chosen by what is offered, the tried one first, and asked in their words', () => {
    const paths = (...versions: string[]): string[] => versions.map((version) => `/slurm/${version}/job/submit`);
    expect(chooseVersion(paths('v0.0.37', 'v0.0.38', 'v0.0.39')).version?.name).toBe('v0.0.38');
    const { version, accounting } = chooseVersion([...paths('v0.0.39', 'v0.0.40'), '/slurmdb/v0.0.40/jobs']);
    expect([version?.name, accounting]).toEqual(['v0.0.40', true]);
    const request = {
      name: 'a-1', script: '#!/bin/sh\n', folder: '/jobs/a-1', environment: { A: 'b' }, partition: null, account: null,
      qos: null, gres: 'gpu:1', cpus: null, memoryMib: 100, minutes: 3,
    }; // prettier-ignore
    const number = (value: number): object => ({ set: true, infinite: false, number: value });
    expect(version?.submission(request)['job']).toMatchObject({
      environment: ['A=b'],
      tres_per_node: 'gres/gpu:1',
      memory_per_node: number(100),
      time_limit: number(3),
    });
  });
});

describe('settings for Slurm', () => {
  const rest = { url: 'https://slurm.example:6820', user: 'weftline', tokenFile: '/etc/weftline/slurm-token' };
  it.each([
    [{}, 'needs one of rest and cli'],
    [{ rest, cli: {} }, 'needs one of rest and cli'],
    [{ rest: { ...rest, keyFile: '/key' } }, 'needs one of tokenFile, tokenCommand and keyFile'],
    [{ rest: { ...rest, url: 'http://slurm.example:6820' } }, 'the token could be read on the way'],
    [{ cli: {}, gres: 'gpu,other' }, 'must be like'],
    [{ cli: {}, partition: '--wrap=rm' }, 'must be a name'],
  ])('refuse %j', (settings, words) => {
    expect(slurmSettings.safeParse(settings).error?.message).toContain(words);
  });
});
