import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LocalLauncher } from '../../src/launchers/local/local.js';
import type { Client } from '../support/client.js';
import { type FullDisk, fullDisk } from '../support/full-disk.js';
import { runnerCommand } from '../support/runner.js';
import { launch, LEAVES_A_MODEL, node, readJob, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

let disk: FullDisk;
let elsewhere: string;
let server: TestWeftline;
let bench: Workbench;
let admin: Client;
const launcher = 'small-disk';

beforeAll(async () => {
  disk = fullDisk(4);
  elsewhere = mkdtempSync(join(tmpdir(), 'weftline-marks-'));
  server = await startTestWeftline({
    runner: true,
    checkpoints: join(disk.path, 'audit'),
    environment: { WEFTLINE_AUDIT_CHECKPOINT_SECONDS: '1' },
    launchers: [
      new LocalLauncher({
        name: launcher,
        directory: join(disk.path, 'jobs'),
        gpus: 0,
        maxConcurrent: 1,
        supervisor: { command: runnerCommand() },
      }),
    ],
  });
  admin = await server.user({ role: 'ADMIN' });
  bench = await Workbench.open(server, 'disk');
});

// One that failed leaves the next its room.
afterEach(() => disk.free());

afterAll(async () => {
  // What a test that failed left waiting may end.
  for (const mark of ['go', 'later', 'never']) writeFileSync(join(elsewhere, mark), '');
  await server.stop();
  disk.remove();
  rmSync(elsewhere, { recursive: true, force: true });
});

interface Readiness {
  status: number;
  reason?: string;
}

async function readiness(): Promise<Readiness> {
  const response = await fetch(`${server.address}/readyz`);
  const { reason } = (await response.json()) as { reason?: string };
  return { status: response.status, ...(reason === undefined ? {} : { reason }) };
}

async function capability(): Promise<{ available: boolean; message: string | null } | undefined> {
  const query = '{ launchers { name available message } }';
  const { launchers } = await bench.owner.data<{
    launchers: { name: string; available: boolean; message: string | null }[];
  }>(query);
  return launchers.find(({ name }) => name === launcher);
}

const exportLog = (): Promise<Response> =>
  fetch(`${server.address}/audit/export`, { headers: { authorization: `Bearer ${admin.token ?? ''}` } });

const state = async (id: string): Promise<string> => (await readJob(bench.owner, id)).state;
/** In the words of the launcher, or of who cannot ask it. */
async function whyItWaits(id: string): Promise<string> {
  const query = 'query ($id: ID!) { trainingJob(id: $id) { observation { waitingFor error } } }';
  const { trainingJob } = await bench.owner.data<{
    trainingJob: { observation: { waitingFor: string | null; error: string | null } | null };
  }>(query, { id });
  return `${trainingJob.observation?.waitingFor ?? ''}${trainingJob.observation?.error ?? ''}`;
}

const checkpoints = (): string[] => disk.names().filter((name) => /checkpoint-\d+$/.test(name));
const unfinished = (): string[] => disk.names().filter((name) => name.endsWith('.tmp'));
const jobFolders = (): string[] => disk.names().filter((name) => /^jobs\/[^./]+$/.test(name));

/** The process that sees the job through. */
function runnerOf(id: string): number {
  const [claim = ''] = disk.names().filter((name) => name.includes(id) && name.endsWith('/claim.json'));
  return (JSON.parse(readFileSync(join(disk.path, claim), 'utf8')) as { owner: { pid: number } }).owner.pid;
}

/** Waits for `mark` before it ends well. */
const waitsFor = (mark: string): string[] =>
  node(`${LEAVES_A_MODEL} const look = setInterval(() => {
    if (fs.existsSync(${JSON.stringify(join(elsewhere, mark))})) clearInterval(look);
  }, 50);`);

describe('a disk that is full', () => {
  it('is told by /readyz, by its launcher and to who launches, costs no job, and is forgotten once there is room', async () => {
    const running = await bench.launch(waitsFor('go'), { launcher });
    await expect.poll(() => state(running)).toBe('RUNNING');
    const queued = await bench.launch(node(LEAVES_A_MODEL), { launcher });
    await expect.poll(() => state(queued)).toBe('QUEUED');
    await expect.poll(() => checkpoints().length).toBeGreaterThan(0);
    expect(await readiness()).toEqual({ status: 200 });
    expect(await capability()).toMatchObject({ available: true });

    disk.fill();
    const [kept, folders] = [checkpoints(), jobFolders()];
    await expect.poll(readiness).toMatchObject({ status: 503, reason: expect.stringContaining(disk.says) as string });
    expect((await readiness()).reason).not.toContain(disk.path);
    await expect
      .poll(capability)
      .toMatchObject({ available: false, message: expect.stringContaining(disk.says) as string });
    expect((await capability())?.message).not.toContain(disk.path);
    const order = bench.order(node(LEAVES_A_MODEL), { launcher });
    expect(await launch(bench.owner, order)).toMatchObject({
      __typename: 'LauncherUnavailable',
      message: expect.stringContaining(disk.says) as string,
    });
    const plan = `query ($input: LaunchTrainingInput!) { planTraining(input: $input) { accepted launcher { available message } } }`;
    expect(await bench.owner.data(plan, { input: order })).toMatchObject({
      planTraining: { accepted: false, launcher: { available: false } },
    });
    const exported = await exportLog();
    expect(exported.status).toBe(503);
    expect(await exported.json()).toMatchObject({
      errors: [{ message: expect.stringContaining(disk.says) as string, extensions: { code: 'UNAVAILABLE' } }],
    });
    // The catalog goes on, for it lies elsewhere.
    await bench.seed.dataset('disk.more');

    writeFileSync(join(elsewhere, 'go'), '');
    // Its program ends now; whether the verdict finds room is the disk's affair. The next waits, and is told why.
    await expect.poll(() => whyItWaits(queued)).toContain(disk.says);
    expect(['RUNNING', 'SUCCEEDED']).toContain(await state(running));
    expect(await state(queued)).toBe('QUEUED');
    // What is tried again makes a file before it finds no room, and takes it away: so there are moments with one, but none that stays.
    await expect.poll(() => [checkpoints(), jobFolders(), unfinished()]).toEqual([kept, folders, []]);

    disk.free();
    await expect.poll(readiness).toEqual({ status: 200 });
    await expect.poll(capability).toMatchObject({ available: true });
    await expect.poll(() => checkpoints().length).toBeGreaterThan(kept.length);
    await expect.poll(() => state(running)).toBe('SUCCEEDED');
    await expect.poll(() => state(queued), { timeout: 120_000 }).toBe('SUCCEEDED');
    expect((await launch(bench.owner, order)).__typename).toBe('TrainingJob');
    const whole = await exportLog();
    expect(whole.status).toBe(200);
    expect(await whole.text()).toContain('{"checkpoint":');
    await expect.poll(unfinished).toEqual([]);
  }, 240_000);

  it('that fills while a program runs lets its job end as it ended', async () => {
    const id = await bench.launch(waitsFor('later'), { launcher });
    await expect.poll(() => state(id)).toBe('RUNNING');
    // All of it, also what was kept for the verdict.
    for (const name of disk.names().filter((each) => each.endsWith('/reserve'))) rmSync(join(disk.path, name));
    disk.fill();
    writeFileSync(join(elsewhere, 'later'), '');
    await expect.poll(readiness).toMatchObject({ status: 503 });
    expect(await state(id)).toBe('RUNNING');
    disk.free();
    await expect.poll(() => state(id), { timeout: 120_000 }).toBe('SUCCEEDED');
    expect(await readJob(bench.owner, id)).toMatchObject({ failure: null, attempts: [{ number: 1 }] });
  }, 240_000);

  it('takes the end of a job whose runner is told to end, for room was kept for that', async () => {
    const id = await bench.launch(waitsFor('never'), { launcher, maxRetries: 0 });
    await expect.poll(() => state(id)).toBe('RUNNING');
    disk.fill();
    process.kill(runnerOf(id), 'SIGTERM');
    await expect.poll(() => state(id)).toBe('FAILED');
    expect(await readJob(bench.owner, id)).toMatchObject({ failure: { code: 'SIGNAL', retryable: true } });
    disk.free();
    await expect.poll(readiness).toEqual({ status: 200 });
  }, 240_000);
});
