/** Engines that lose sight of a task: they forget it, or call it ended, while its program may or may not run on. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineLauncher } from '../../../src/launchers/engine/engine-launcher.js';
import type { JobHandle } from '../../../src/launchers/port/launcher.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import { readLife } from '../../../src/launchers/run-folder/heartbeat.js';
import {
  orderOf,
  program,
  RUNS_LONG,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
  untilState,
  waitsFor,
} from '../../support/launcher-jobs.js';
import { ProcessEngine } from '../../support/process-engine.js';
import { runnerCommand } from '../../support/runner.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weftline-blind-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const launcherOf = (engine: ProcessEngine): EngineLauncher =>
  new EngineLauncher({
    name: 'engine',
    directory: join(directory, 'jobs'),
    runner: runnerCommand(),
    engine,
    settleSeconds: 0.2,
    quietSeconds: 2,
  });

const folderOf = (handle: JobHandle): RunFolder => new RunFolder(join(directory, 'jobs', handle.attempt ?? ''));

/** The program says 'ready' at once, which may be before its runner has noted that it began. */
async function untilBegun(launcher: EngineLauncher, handle: JobHandle): Promise<void> {
  await untilLogged(launcher, handle, 'ready');
  await untilState(launcher, handle, 'RUNNING');
}

/** How it stands at each look while its runner shows life so often that it would long be taken for dead if it did not. */
async function statesWhileAlive(launcher: EngineLauncher, handle: JobHandle): Promise<string[]> {
  const states = new Set<string>();
  for (let signs = 0, before: string | null = null; signs < 12;) {
    states.add((await launcher.observe(handle)).state);
    const sign = await readLife(folderOf(handle).alive);
    if (sign !== before) signs += 1;
    before = sign;
    await delay(20);
  }
  return [...states];
}

const NODE_FAILED = {
  state: 'FAILED',
  failure: { code: 'NODE_FAILURE', message: 'The node does not answer.', retryable: true },
} as const;

describe('an engine that has lost sight of a task', { concurrent: true }, () => {
  it.each([
    ['forgot it', (engine: ProcessEngine, id: string) => engine.forget(id)],
    ['says that its node failed', (engine: ProcessEngine, id: string) => engine.say(id, NODE_FAILED)],
    [
      'says that it ended well, as a second runner of it did',
      (engine: ProcessEngine, id: string) => engine.say(id, { state: 'SUCCEEDED', failure: null }),
    ],
  ])('%s: it is RUNNING while its runner shows life, and then what its record says', async (words, blind) => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const go = join(directory, `go when it ${words}`);
    const handle = await submitNew(launcher, orderOf(waitsFor(go)));
    await untilBegun(launcher, handle);
    blind(engine, handle.id);
    expect(await statesWhileAlive(launcher, handle)).toEqual(['RUNNING']);
    await writeFile(go, '');
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'SUCCEEDED', failure: null });
  });

  it('does not keep a program from being cancelled, for its runner reads the wish', async () => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilBegun(launcher, handle);
    engine.forget(handle.id);
    expect(await launcher.cancel(handle, { graceSeconds: 5 })).toBe('REQUESTED');
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject({ state: 'CANCELLED', signal: 'SIGTERM', failure: { code: 'CANCELLED_BY_USER' } });
  });

  it.each([
    ['LOST, and to be tried again, when the engine knows nothing', null, { state: 'LOST', failure: { code: 'BACKEND_LOST', retryable: true } }],
    ['what the engine says of its end', NODE_FAILED, NODE_FAILED],
    ['LOST when the engine says that it ended well, which it cannot know', { state: 'SUCCEEDED', failure: null }, { state: 'LOST', failure: { code: 'BACKEND_LOST', retryable: true } }],
  ] as const)('takes a job whose runner was killed for %s', async (_, said, outcome) => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilBegun(launcher, handle);
    engine.endAs(handle.id, 'SIGKILL', said ?? { state: 'LOST', failure: null });
    if (said === null) engine.forget(handle.id);
    expect(await launcher.observe(handle)).toMatchObject({ state: 'RUNNING' });
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject(outcome);
    expect(await launcher.observe(handle)).toMatchObject(outcome);
  }); // prettier-ignore

  it('that forgot a task before it began makes it LOST, and a runner that comes late after all begins nothing', async () => {
    const engine = new ProcessEngine();
    engine.startsNothing = true;
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(SUCCEEDS));
    engine.forget(handle.id);
    const lost = { state: 'LOST', startedAt: null, failure: { code: 'BACKEND_LOST', retryable: true } };
    expect(await untilOver(launcher, handle)).toMatchObject(lost);
    const run = folderOf(handle);
    const [command = '', ...args] = runnerCommand();
    const late = spawn(command, [...args, run.path], { stdio: 'ignore' });
    expect(await once(late, 'exit')).toEqual([0, null]);
    await expect(access(run.program)).rejects.toThrow('ENOENT');
    expect(await launcher.observe(handle)).toMatchObject(lost);
  });

  it('that says of a task that ended well and never claimed its folder, that nobody can tell', async () => {
    const engine = new ProcessEngine();
    engine.startsNothing = true;
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(SUCCEEDS));
    engine.say(handle.id, { state: 'SUCCEEDED', failure: null });
    const untold = { state: 'FAILED', failure: { code: 'RESULT_MISSING', retryable: false } };
    expect(await untilOver(launcher, handle)).toMatchObject(untold);
    expect(await launcher.observe(handle)).toMatchObject(untold);
  });

  it('that has given a run up makes its runner end the program, should it live after all', async ({ expect }) => {
    const engine = new ProcessEngine();
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    await untilBegun(launcher, handle);
    const run = folderOf(handle);
    engine.endAs(handle.id, 'SIGSTOP', { state: 'LOST', failure: null });
    engine.forget(handle.id);
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'LOST', failure: { code: 'BACKEND_LOST' } });
    const runner = (await run.readClaim())?.owner?.pid ?? 0;
    process.kill(runner, 'SIGCONT');
    await expect.poll(() => run.readVerdict()).toMatchObject({ state: 'FAILED', failure: { code: 'SIGNAL' } });
  });

  it('leaves a job LOST whose folder is gone', async () => {
    const engine = new ProcessEngine();
    engine.startsNothing = true;
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(SUCCEEDS));
    engine.forget(handle.id);
    await rm(folderOf(handle).path, { recursive: true });
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'LOST' });
  });
});

describe('a wish to stop', { concurrent: true }, () => {
  it('is put to the engine at once while it starts a task that no runner has claimed', async () => {
    const engine = new ProcessEngine();
    engine.startsNothing = true;
    const launcher = launcherOf(engine);
    const handle = await submitNew(launcher, orderOf(RUNS_LONG));
    expect(await launcher.observe(handle)).toMatchObject({ state: 'STARTING' });
    await launcher.cancel(handle, { graceSeconds: 5 });
    expect((await engine.look({ id: handle.id, name: handle.attempt ?? '' }))?.end).toMatchObject({
      state: 'CANCELLED',
    });
    const end = await untilOver(launcher, handle);
    expect(end).toMatchObject({ state: 'CANCELLED', startedAt: null, failure: { code: 'CANCELLED_BY_USER' } });
  });

  it('is not put off by being repeated, and gives way to one that ends the program sooner', async () => {
    const launcher = launcherOf(new ProcessEngine());
    const source = program(
      `process.on('SIGTERM', () => console.log('no')); console.log('ready'); setInterval(() => {}, 1000);`,
    );
    const handle = await submitNew(launcher, orderOf(source));
    await untilLogged(launcher, handle, 'ready');
    await launcher.cancel(handle, { graceSeconds: 60 });
    const first = await folderOf(handle).readCancel();
    await untilLogged(launcher, handle, 'no');
    await launcher.cancel(handle, { graceSeconds: 60 });
    expect(await folderOf(handle).readCancel()).toEqual(first);
    await launcher.cancel(handle, { graceSeconds: 0 });
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED', signal: 'SIGKILL' });
  });
});
