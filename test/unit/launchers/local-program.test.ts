import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  limitsOf,
  orderOf,
  program,
  readWholeLog,
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

describe('a program of the local launcher', () => {
  it('meets a clean environment and an empty folder of its own, and no GPU it did not ask for', async () => {
    process.env.WEFTLINE_TEST_PASSWORD = 'secret';
    const launcher = workshop.launcher();
    const body = `writeFileSync(output + '/model', JSON.stringify(process.env)); console.log(process.cwd());`;
    const end = await runToEnd(launcher, orderOf(program(body), { environment: { MINE: '1', WEFTLINE_ATTEMPT: '9' } }));
    delete process.env.WEFTLINE_TEST_PASSWORD;
    const names = ['PATH', 'HOME', 'LANG', 'TZ'].filter((name) => process.env[name] !== undefined);
    const environment = JSON.parse(
      await readFile(join(workshop.runOf(end.handle).output, 'model'), 'utf8'),
    ) as NodeJS.ProcessEnv;
    expect(Object.keys(environment).sort()).toEqual(
      [...names, 'CUDA_VISIBLE_DEVICES', 'MINE', 'WEFTLINE_ATTEMPT', 'WEFTLINE_EVENTS', 'WEFTLINE_INPUTS', 'WEFTLINE_JOB_ID', 'WEFTLINE_OUTPUT', 'WEFTLINE_PARAMETERS'].sort(),
    ); // prettier-ignore
    expect(environment).toMatchObject({ WEFTLINE_ATTEMPT: '1', CUDA_VISIBLE_DEVICES: '' });
    await untilLogged(launcher, end.handle, workshop.runOf(end.handle).work);
    expect((await stat(workshop.runOf(end.handle).order)).mode & 0o777).toBe(0o600);
  });

  it('leaves no process behind, not even one that left its group', async () => {
    const launcher = workshop.launcher();
    const body = `const { spawn } = await import('node:child_process');
      for (const detached of [false, true]) {
        const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { detached, stdio: 'inherit' });
        child.unref(); appendFileSync(output + '/pids', child.pid + '\\n');
      }`;
    const end = await runToEnd(launcher, orderOf(program(body)));
    expect(end.state).toBe('SUCCEEDED');
    const pids = (await readFile(join(workshop.runOf(end.handle).output, 'pids'), 'utf8'))
      .trim()
      .split('\n')
      .map(Number);
    expect(pids).toHaveLength(2);
    await Promise.all(pids.map(untilGone));
  });

  it('is measured: processor time of the whole tree and peak memory', async () => {
    const body = `const { execFileSync } = await import('node:child_process');
      execFileSync(process.execPath, ['--eval', 'while (process.cpuUsage().user < 700_000);']);
      const big = Buffer.alloc(150_000_000, 1); await new Promise((r) => setTimeout(r, 3000)); writeFileSync(output + '/model', 'm' + big[5]);`;
    const { usage } = await runToEnd(workshop.launcher(), orderOf(program(body)));
    expect(usage?.cpuSeconds).toBeGreaterThan(0.4);
    expect(usage?.maxMemoryBytes).toBeGreaterThan(150_000_000);
    expect(usage?.maxMemoryBytes).toBeLessThan(600_000_000);
  });

  it('is stopped as soon as it has written too much, before the disk is full', async () => {
    const body = `const chunk = Buffer.alloc(1_000_000); for (let i = 0; i < 3; i++) appendFileSync(output + '/model', chunk);
      process.on('SIGTERM', () => {}); console.log('ready'); setInterval(() => {}, 1000);`;
    const end = await runToEnd(workshop.launcher(), orderOf(program(body)));
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'OUTPUT_TOO_LARGE' } });
    expect(end.failure?.message).toMatch(/had written \d{7} bytes .* may leave 1000000/);
  });

  it('may print hundreds of megabytes: the log stays bounded and keeps the end', async () => {
    const launcher = workshop.launcher();
    const body = `const block = Buffer.from(('x'.repeat(99) + '\\n').repeat(10_000));
      for (let i = 0; i < 200; i++) if (!process.stdout.write(block)) await new Promise((r) => process.stdout.once('drain', r));
      console.log('the very last line'); writeFileSync(output + '/model', 'm');`;
    const end = await runToEnd(launcher, orderOf(program(body)));
    expect(end.state).toBe('SUCCEEDED');
    expect((await stat(workshop.runOf(end.handle).log)).size).toBeLessThan(1_200_000);
    const lines = await readWholeLog(launcher, end.handle, 5000);
    const dropped = lines.find((line) => /^\d+ bytes of log were dropped here/.test(line.text));
    expect(Number.parseInt(dropped?.text ?? '')).toBeGreaterThan(198_000_000);
    expect(lines.findLast((line) => line.stream === 'STDOUT')?.text).toBe('the very last line');
  });

  it('may print a line without end: it comes in pieces of 16 KiB that join to the whole', async () => {
    const launcher = workshop.launcher();
    const body = `process.stdout.write('é'.repeat(20_000)); writeFileSync(output + '/model', 'm');`;
    const { handle } = await runToEnd(launcher, orderOf(program(body)));
    const lines = (await readWholeLog(launcher, handle, 1)).filter((line) => line.stream === 'STDOUT');
    expect(lines.map((line) => Buffer.byteLength(line.text))).toEqual([16_384, 16_384, 7232]);
    expect(lines.map((line) => line.text).join('')).toBe('é'.repeat(20_000));
  });

  it('may write events without end: they are read in bites', async () => {
    const launcher = workshop.launcher();
    const body = `appendFileSync(process.env.WEFTLINE_EVENTS, 'x'.repeat(3_000_000) + '\\n{"type": "progress", "fraction": 1}\\n');
      writeFileSync(output + '/model', 'm');`;
    const { handle } = await runToEnd(launcher, orderOf(program(body)));
    let page = await launcher.events(handle, { limit: 10 });
    expect(page).toMatchObject({ events: [], cursor: '1048576', invalidLines: 1 });
    while (page.events.length === 0) page = await launcher.events(handle, { limit: 10, after: page.cursor });
    expect(page.events).toMatchObject([{ type: 'progress', fraction: 1 }]);
  });

  it('cannot make the API follow a link or wait at a pipe in place of its events', async () => {
    const launcher = workshop.launcher();
    const body = `const { execFileSync } = await import('node:child_process'); const events = process.env.WEFTLINE_EVENTS;
      (await import('node:fs')).rmSync(events); execFileSync('mkfifo', [events]); writeFileSync(output + '/model', 'm');`;
    const { handle } = await runToEnd(launcher, orderOf(program(body)));
    expect((await launcher.events(handle, { limit: 10 })).events).toEqual([]);
  });

  it('is not found when it is given as a script whose interpreter is missing', async () => {
    const script = join(workshop.directory, 'train.sh');
    await writeFile(script, '#!/usr/bin/pythonn\n', { mode: 0o755 });
    const { failure } = await runToEnd(workshop.launcher(), orderOf('', { command: [script] }));
    expect(failure?.message).toContain('names an interpreter that was not found');
    await mkdir(join(workshop.directory, 'folder'));
    const other = await runToEnd(workshop.launcher(), orderOf('', { command: [join(workshop.directory, 'folder')] }));
    expect(other.failure?.message).toContain('may not be executed');
  });
});

describe('cursors', () => {
  it('are refused when they were made up', async () => {
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(SUCCEEDS, limitsOf({ runSeconds: 30 })));
    await untilOver(launcher, handle);
    await expect(launcher.logs(handle, { limit: 1, after: 'abc' })).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const beyond = await launcher.logs(handle, { limit: 10, after: '999999' });
    expect(beyond).toEqual({ lines: [], cursor: '999999', ended: true });
  });
});
