import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineLauncher } from '../../../src/launchers/engine/engine-launcher.js';
import { LauncherUnreachable } from '../../../src/launchers/port/launcher.js';
import {
  orderOf,
  program,
  RUNS_LONG,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
} from '../../support/launcher-jobs.js';
import { describeLauncher } from '../../support/launcher-suite.js';
import { ProcessEngine } from '../../support/process-engine.js';
import { runnerCommand } from '../../support/runner.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weftline-engine-'));
  await writeFile(join(directory, 'token'), 'not to be seen\n');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const launcherOf = (engine: ProcessEngine): EngineLauncher =>
  new EngineLauncher({
    name: 'engine',
    directory: join(directory, 'jobs'),
    runner: runnerCommand(),
    engine,
    secretFiles: { 'model-hub': join(directory, 'token'), lost: join(directory, 'nothing') },
    settleSeconds: 0.2,
    quietSeconds: 2,
  });

describeLauncher('engine', async () => {
  const engine = new ProcessEngine();
  return await Promise.resolve({
    launcher: launcherOf(engine),
    another: () => launcherOf(engine),
    tooManyGpus: 3,
    close: () => Promise.resolve(),
  });
});

describe('a launcher made of an engine', () => {
  it('says nothing about a job while the engine does not answer, and goes on when it does', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    engine.outage = 'It answers 500.';
    await expect(launcher.observe(handle)).rejects.toThrow(LauncherUnreachable);
    await expect(launcher.find({ jobId: randomUUID(), attempt: 1 })).rejects.toThrow(LauncherUnreachable);
    await expect(launcher.submit(orderOf(SUCCEEDS), { jobId: randomUUID(), attempt: 1 })).rejects.toThrow('500');
    expect(await launcher.capabilities()).toEqual({ available: false, message: 'It answers 500.', gpus: 2 });
    engine.outage = null;
    expect(await launcher.observe(handle)).toMatchObject({ state: 'RUNNING' });
    await launcher.cancel(handle, { graceSeconds: 1 });
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED' });
  });

  it('knows how a program ended that ended while the engine could not be asked', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(SUCCEEDS));
    engine.outage = 'It is away.';
    await expect.poll(() => launcher.observe(handle).catch(() => null)).toMatchObject({ state: 'SUCCEEDED' });
  });

  it('finds the task again when the answer to its submission was lost, and runs it once', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const key = { jobId: randomUUID(), attempt: 1 };
    engine.dropsAnswer = true;
    await expect(launcher.submit(orderOf(SUCCEEDS), key)).rejects.toThrow(LauncherUnreachable);
    engine.dropsAnswer = false;
    const again = await launcher.submit(orderOf(SUCCEEDS), key);
    expect(again).toMatchObject({ outcome: 'accepted', adopted: true });
    if (again.outcome === 'accepted') expect((await untilOver(launcher, again.handle)).state).toBe('SUCCEEDED');
  });

  it('believes the record of a program that ended well over an engine that says it timed out', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(
      launcher,
      orderOf(program(`console.log('ready'); setTimeout(() => writeFileSync(output + '/m', ''), 300);`)),
    );
    await untilLogged(launcher, handle, 'ready');
    engine.endAs(handle.id, 'SIGCONT', {
      state: 'TIMED_OUT',
      failure: { code: 'RUN_TIMEOUT', message: 'late', retryable: false },
    });
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'SUCCEEDED', failure: null });
  });

  it.each([
    ['TIMED_OUT', 'RUN_TIMEOUT', false],
    ['FAILED', 'PREEMPTED', true],
    ['FAILED', 'OUT_OF_MEMORY', false],
  ] as const)('takes from the engine why it told the runner to end: %s, %s', async (state, code, retryable) => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    engine.endAs(handle.id, 'SIGTERM', { state, failure: { code, message: 'So says the engine.', retryable } });
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject({ state, failure: { code, message: 'So says the engine.', retryable } });
    expect(end.usage).not.toBeNull();
  });

  it('tells one cancelled at the engine from one cancelled here', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilLogged(launcher, handle, 'ready');
    engine.endAs(handle.id, 'SIGTERM', { state: 'CANCELLED', failure: null });
    expect(await untilOver(launcher, handle)).toMatchObject({
      state: 'CANCELLED',
      failure: { code: 'CANCELLED_OUTSIDE' },
    });
  });

  it('gives the program its secrets, and leaves them nowhere', async () => {
    const launcher = launcherOf(new ProcessEngine());
    const source = program(`writeFileSync(output + '/m', ''); console.log('it has', process.env.HUB_TOKEN.length);`);
    const handle = await submitNew(launcher, orderOf(source, { secrets: { HUB_TOKEN: 'model-hub' } }));
    await untilOver(launcher, handle);
    expect((await untilLogged(launcher, handle, 'it has')).text).toBe('it has 14');
    const spec = await readFile(join(directory, 'jobs', handle.attempt ?? '', 'spec.json'), 'utf8');
    expect(spec).not.toContain('not to be seen');
  });

  it('refuses a secret it does not know, and fails a job whose secret cannot be read', async () => {
    const launcher = launcherOf(new ProcessEngine());
    const key = { jobId: randomUUID(), attempt: 1 };
    const refused = await launcher.submit(orderOf(SUCCEEDS, { secrets: { A: 'unheard-of' } }), key);
    expect(refused).toMatchObject({ outcome: 'rejected', code: 'SECRET_MISSING' });
    expect(refused).toHaveProperty('message', expect.stringContaining('It has: model-hub, lost.'));
    const handle = await submitNew(launcher, orderOf(SUCCEEDS, { secrets: { A: 'lost' } }));
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'SECRET_MISSING', retryable: false } });
  });
});
