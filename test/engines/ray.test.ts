import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine, TaskRef } from '../../src/launchers/engine/engine.js';
import { EngineLauncher } from '../../src/launchers/engine/engine-launcher.js';
import { openRay } from '../../src/launchers/ray/ray.js';
import { raySettings } from '../../src/launchers/ray/settings.js';
import {
  orderOf,
  program,
  readWholeLog,
  RUNS_LONG,
  runToEnd,
  submitNew,
  untilLogged,
  untilOver,
  untilState,
} from '../support/launcher-jobs.js';
import { describeLauncher } from '../support/launcher-suite.js';
import { withGpus } from '../support/local-workshop.js';
import { RAY_GPUS, RayCluster } from '../support/ray-cluster.js';
import { runnerCommand } from '../support/runner.js';

let cluster: RayCluster;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weftline-ray-jobs-'));
  await writeFile(join(directory, 'token'), 'not to be seen\n');
  cluster = await RayCluster.start();
});
afterAll(async () => {
  await cluster.stop();
  await rm(directory, { recursive: true, force: true });
});

/** The tests ask as fast as they can, which would keep the dashboard busy instead of the jobs. */
function patientRay(): Engine {
  const engine = openRay(raySettings.parse({ address: cluster.address, timeoutSeconds: 60 }));
  const look = engine.look.bind(engine);
  return Object.assign(engine, { look: async (task: TaskRef) => await delay(300).then(() => look(task)) });
}

const launcher = (): EngineLauncher =>
  new EngineLauncher({
    name: 'ray',
    directory: join(directory, 'jobs'),
    runner: runnerCommand(),
    engine: patientRay(),
    secretFiles: { 'model-hub': join(directory, 'token') },
    settleSeconds: 1,
    quietSeconds: 3,
  });

const askRay = async (path: string): Promise<string> => await (await fetch(`${cluster.address}${path}`)).text();

describeLauncher('ray', async () => {
  return await Promise.resolve({
    launcher: launcher(),
    another: launcher,
    tooManyGpus: RAY_GPUS + 1,
    close: () => Promise.resolve(),
  });
});

describe('a job on Ray', () => {
  it('waits for a GPU while both are taken, and can be cancelled then', async () => {
    const first = await submitNew(launcher(), orderOf(RUNS_LONG, withGpus(1)));
    const second = await submitNew(launcher(), orderOf(RUNS_LONG, withGpus(1)));
    const lines = await Promise.all([first, second].map((handle) => untilLogged(launcher(), handle, 'GPU ')));
    expect(lines.map((line) => line.text.slice(-2)).sort()).toEqual(['0.', '1.']);
    const third = await submitNew(launcher(), orderOf(RUNS_LONG, withGpus(1)));
    expect(await launcher().observe(third)).toMatchObject({ state: 'QUEUED' });
    expect(await launcher().cancel(third, { graceSeconds: 1 })).toBe('REQUESTED');
    expect(await launcher().observe(third)).toMatchObject({ state: 'QUEUED' });
    await launcher().cancel(first, { graceSeconds: 1 });
    const end = await untilOver(launcher(), third);
    expect(end).toMatchObject({ state: 'CANCELLED', failure: { code: 'CANCELLED_BY_USER' } });
    const log = await readWholeLog(launcher(), third, 100);
    expect(log.filter((line) => line.text === 'ready')).toEqual([]);
    await launcher().cancel(second, { graceSeconds: 1 });
    await Promise.all([first, second].map((handle) => untilOver(launcher(), handle)));
  });

  it('sees no GPU when it asked for none', async () => {
    const source = program(`writeFileSync(output + '/manifest.json', JSON.stringify({ model: 'model',
      metrics: { gpus: process.env.CUDA_VISIBLE_DEVICES ?? null } })); writeFileSync(output + '/model', '');`);
    const end = await runToEnd(launcher(), orderOf(source));
    expect(end.output?.metrics['gpus'] ?? '').toBe('');
  });

  it('is told from one that somebody stopped at Ray itself', async () => {
    const handle = await submitNew(launcher(), orderOf(RUNS_LONG));
    await untilLogged(launcher(), handle, 'ready');
    await openRay(raySettings.parse({ address: cluster.address })).stop(
      { id: handle.id, name: handle.id },
      { graceSeconds: 1 },
    );
    const end = await untilOver(launcher(), handle);
    expect(end).toMatchObject({ state: 'CANCELLED', failure: { code: 'CANCELLED_OUTSIDE' } });
  });

  it('has its secrets, of which Ray knows nothing', async () => {
    const source = program(`console.log('It is ' + process.env.HUB_TOKEN.length + ' long.');
      writeFileSync(output + '/model', '');`);
    const handle = await submitNew(launcher(), orderOf(source, { secrets: { HUB_TOKEN: 'model-hub' } }));
    await untilLogged(launcher(), handle, 'It is 14 long.');
    expect(await untilOver(launcher(), handle)).toMatchObject({ state: 'SUCCEEDED' });
    const told = (await askRay(`/api/jobs/${handle.id}`)) + (await askRay(`/api/jobs/${handle.id}/logs`));
    expect(told).toContain(handle.id);
    expect(told).not.toContain('not to be seen');
  });

  it('is in the list of jobs of ours, and no other is', async () => {
    const handle = await submitNew(launcher(), orderOf(RUNS_LONG));
    await untilState(launcher(), handle, 'RUNNING');
    const engine = openRay(raySettings.parse({ address: cluster.address }));
    expect(await engine.list()).toContainEqual({ id: handle.id, name: handle.id, over: false });
    expect(await engine.find(`${randomUUID()}-1`)).toBeNull();
    await launcher().cancel(handle, { graceSeconds: 1 });
    await untilOver(launcher(), handle);
    await expect.poll(() => engine.list()).toContainEqual({ id: handle.id, name: handle.id, over: true });
  });
});
