import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EngineTask } from '../../../src/launchers/engine/engine.js';
import { LauncherUnreachable, type JobSpec } from '../../../src/launchers/port/launcher.js';
import { openRay } from '../../../src/launchers/ray/ray.js';
import { raySettings } from '../../../src/launchers/ray/settings.js';
import { orderOf } from '../../support/launcher-jobs.js';
import { withGpus } from '../../support/local-workshop.js';
import { RayDouble, recorded, recordedAnswer, recordedJob } from '../../support/ray-double.js';

const NAME = 'job-1';
const FOLDER = "/jobs/it's $(here)";
const REF = { id: NAME, name: NAME };

const task = (changes: Partial<JobSpec> = {}): EngineTask => ({
  name: NAME,
  command: ['/usr/bin/node', 'runner.js', FOLDER],
  environment: { WEFTLINE_RUN: FOLDER },
  folder: FOLDER,
  spec: orderOf('', changes),
});

let ray: RayDouble;
const engine = (changes: object = {}): ReturnType<typeof openRay> =>
  openRay(raySettings.parse({ address: ray.address, ...changes }));
const ours = (file: string, changes: object = {}): string =>
  recordedJob(file, { submission_id: NAME, metadata: { weftline_folder: FOLDER }, ...changes });
/** What Ray answers for the job from now on. */
const jobIs = (file: string, changes: object = {}): unknown =>
  ray.answers.set(`GET /api/jobs/${NAME}`, [200, ours(file, changes)]);

beforeEach(async () => {
  ray = await RayDouble.start();
  ray.answers.set('POST /api/jobs/', recordedAnswer('submit-ok.response.txt'));
});
afterEach(() => ray.stop());

describe('Ray as an engine', () => {
  it('tells its version and its GPUs', async () => {
    const names = { queues: [], images: [] };
    const message = 'Ray 2.60.0 on 1 nodes.';
    expect(await engine().probe()).toEqual({ available: true, message, gpus: 2, ...names });
  });

  it('gets the job under its name, each word of the command quoted, with what it asks for', async () => {
    const spec = { resources: { gpus: 1, cpus: 2, memoryBytes: 1_000_000 } };
    const settings = { runtimeEnv: { pip: ['numpy'], env_vars: { A: 'b' } } };
    expect(await engine(settings).submit(task(spec))).toEqual({ outcome: 'accepted', id: NAME, adopted: false });
    const post = ray.asked.find(({ method }) => method === 'POST');
    expect(post?.headers).not.toHaveProperty('sec-fetch-mode');
    expect(JSON.parse(post?.body ?? '')).toEqual({
      submission_id: NAME,
      entrypoint: `exec '/usr/bin/node' 'runner.js' '/jobs/it'\\''s $(here)'`,
      entrypoint_num_gpus: 1,
      entrypoint_num_cpus: 2,
      entrypoint_memory: 1_000_000,
      metadata: { weftline_folder: FOLDER },
      runtime_env: {
        pip: ['numpy'],
        env_vars: { A: 'b', WEFTLINE_RUN: FOLDER, RAY_JOB_STOP_WAIT_TIME_S: '15' },
      },
    });
  });

  it('adopts a job that came there although the answer was lost or was HTTP 500', async () => {
    for (const answer of [null, recordedAnswer('submit-dup.response.txt')]) {
      ray.answers.set('POST /api/jobs/', answer);
      ray.answers.set(`GET /api/jobs/${NAME}`, [
        [404, `Job ${NAME} does not exist`],
        [200, ours('job-long.json')],
      ]);
      expect(await engine().submit(task())).toEqual({ outcome: 'accepted', id: NAME, adopted: true });
    }
  });

  it('cannot tell whether Ray took a job when the answer was lost and the job is not there', async () => {
    ray.answers.set('POST /api/jobs/', null);
    await expect(engine().submit(task())).rejects.toThrow(LauncherUnreachable);
    ray.answers.set('POST /api/jobs/', [500, 'No available agent to submit job, please try again later.']);
    await expect(engine().submit(task())).rejects.toThrow('No available agent');
  });

  it('refuses what Ray cannot do, before it asks', async () => {
    const refusals = [
      [{ queue: 'fast' }, 'Ray has no queues, so none is called "fast"'],
      [{ image: 'torch' }, 'The job asks for the image "torch", but this launcher has none.'],
      [withGpus(3), 'The job asks for 3 GPUs, but the largest node of the Ray cluster has 2.'],
      [{ resources: { gpus: 1, cpus: 64, memoryBytes: null } }, '1 GPUs, 64 CPUs'],
    ] as const;
    for (const [spec, message] of refusals) {
      const answer = await engine().submit(task(spec));
      expect(answer).toMatchObject({ outcome: 'rejected', message: expect.stringContaining(message) as string });
    }
    expect(ray.asked.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('counts on what an autoscaler can add, and gives an image as its image_uri', async () => {
    const grown = engine({ maxGpus: 8, images: { torch: 'docker.io/torch:2' } });
    expect(await grown.submit(task({ ...withGpus(8), image: 'torch' }))).toMatchObject({ outcome: 'accepted' });
    const post = ray.asked.find(({ method }) => method === 'POST');
    expect(JSON.parse(post?.body ?? '')).toMatchObject({ runtime_env: { image_uri: 'docker.io/torch:2' } });
    expect(await grown.probe()).toMatchObject({ gpus: 8 });
  });

  it('rejects what Ray refuses, and a name that somebody else has taken', async () => {
    ray.answers.set('POST /api/jobs/', [500, 'Request failed with status code 400: no such option']);
    expect(await engine().submit(task())).toMatchObject({ outcome: 'rejected', code: 'ENGINE_REFUSED' });
    jobIs('job-ok.json', { metadata: null });
    expect(await engine().submit(task())).toMatchObject({ outcome: 'rejected', code: 'NAME_TAKEN' });
    expect(await engine().find(NAME)).toBeNull();
  });

  it('takes only the 404 of Ray itself for a job that is not known', async () => {
    expect(await engine().look(REF)).toBeNull();
    ray.answers.set(`GET /api/jobs/${NAME}`, [404, '<h1>nginx</h1>']);
    await expect(engine().look(REF)).rejects.toThrow('nginx');
  });
});

describe('what Ray says of a job', () => {
  it.each([
    ['job-queued.json', {}, { state: 'QUEUED', end: null }],
    ['job-ok.json', {}, { state: 'ENDED', end: { state: 'SUCCEEDED', exitCode: 0, failure: null } }],
    ['job-stopped.json', {}, { end: { state: 'CANCELLED', failure: { code: 'CANCELLED_OUTSIDE' } } }],
    ['job-fail.json', {}, { end: { state: 'FAILED', exitCode: 7, failure: { code: 'EXIT_CODE', retryable: false } } }],
    ['job-fail.json', { driver_exit_code: -9 }, { end: { signal: 'SIGKILL', failure: { code: 'SIGNAL', retryable: true } } }],
    ['job-fail.json', { driver_exit_code: 127 }, { end: { failure: { code: 'START_FAILED' } } }],
    ['job-fail.json', { error_type: 'JOB_SUPERVISOR_ACTOR_DIED' }, { end: { failure: { code: 'NODE_FAILURE', retryable: true } } }],
    ['job-fail.json', { error_type: 'JOB_SUPERVISOR_ACTOR_START_TIMEOUT' }, { end: { state: 'TIMED_OUT', failure: { code: 'QUEUE_TIMEOUT' } } }],
    ['job-fail.json', { error_type: 'JOB_SUPERVISOR_ACTOR_UNSCHEDULABLE' }, { end: { failure: { code: 'UNSCHEDULABLE' } } }],
    ['job-fail.json', { error_type: 'RUNTIME_ENV_SETUP_FAILURE' }, { end: { failure: { code: 'START_FAILED' } } }],
  ])('is %s %j', async (file, changes, view) => {
    jobIs(file, changes);
    expect(await engine().look(REF)).toMatchObject(view);
  }); // prettier-ignore

  it('is RUNNING while its node lives, and LOST, to be tried again, when its node is dead or not listed', async () => {
    jobIs('job-long.json');
    expect(await engine().look(REF)).toMatchObject({ state: 'RUNNING', end: null });
    ray.answers.set('GET /api/v0/nodes', [200, recorded('nodes.json').replace('ALIVE', 'DEAD')]);
    const lost = { state: 'ENDED', end: { state: 'LOST', failure: { retryable: true } } };
    expect(await engine().look(REF)).toMatchObject(lost);
    ray.answers.set('GET /api/v0/nodes', [200, recorded('nodes.json')]);
    jobIs('job-long.json', { driver_node_id: 'ab' });
    expect(await engine().look(REF)).toMatchObject(lost);
    ray.answers.set('GET /api/v0/nodes', [200, recorded('nodes.json').replace('"total": 1', '"total": 20000')]);
    expect(await engine().look(REF)).toMatchObject({ state: 'RUNNING' });
  });

  it('needs one list of the nodes for many looks, and a new one before a node is called gone', async () => {
    const one = engine();
    const lists = (): number => ray.asked.filter(({ path }) => path.startsWith('/api/v0/nodes')).length;
    jobIs('job-long.json');
    for (let look = 0; look < 5; look++) await one.look(REF);
    expect(lists()).toBe(1);
    jobIs('job-long.json', { driver_node_id: 'new' });
    ray.answers.set('GET /api/v0/nodes', [
      200,
      recorded('nodes.json').replace('"node_id": "5777b8', '"node_id": "new", "was": "5777b8'),
    ]);
    expect(await one.look(REF)).toMatchObject({ state: 'RUNNING' });
    expect(lists()).toBe(2);
  });

  it('is cut where it holds a log', async () => {
    jobIs('job-fail.json', { message: 'x'.repeat(20_000) });
    expect((await engine().look(REF))?.end?.failure?.message.length).toBeLessThan(700);
  });
});

describe('the token of a Ray cluster', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'weftline-ray-token-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  it('is sent with each question, and never shown when it is missing or wrong', async () => {
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 's3cret\n');
    await engine({ tokenFile }).probe();
    expect(ray.asked.map(({ headers }) => headers.authorization)).toEqual(['Bearer s3cret', 'Bearer s3cret']);
    ray.answers.set('GET /api/version', [403, 'Invalid token']);
    const wrong = await engine({ tokenFile }).probe();
    expect(wrong).toMatchObject({
      available: false,
      message: expect.stringContaining('does not take the token') as string,
    });
    expect(JSON.stringify(wrong)).not.toContain('s3cret');
    ray.answers.set('GET /api/version', [401, 'Missing token']);
    expect((await engine().probe()).message).toContain('it wants a token. Set `tokenFile`.');
    expect((await engine({ tokenFile: `${tokenFile}-gone` }).probe()).message).toContain('cannot be read');
  });
});
