/** What every launcher promises (src/launchers/port/launcher.ts). An engine passes by running this with its own harness. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Launcher } from '../../src/launchers/port/launcher.js';
import {
  limitsOf,
  orderOf,
  program,
  readWholeLog,
  RUNS_LONG,
  runToEnd,
  sha256,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
} from './launcher-jobs.js';

export interface LauncherHarness {
  launcher: Launcher;
  /** Another object for the same engine, as after a restart of the API. */
  another(): Launcher;
  /** More GPUs than the engine can ever give. */
  tooManyGpus: number;
  close(): Promise<void>;
}

const IGNORES_TERM = program(
  `process.on('SIGTERM', () => console.log('no')); console.log('ready'); setInterval(() => {}, 1000);`,
);

export function describeLauncher(name: string, makeHarness: () => Promise<LauncherHarness>): void {
  describe(`the ${name} launcher, as every launcher`, { concurrent: true }, () => {
    let harness: LauncherHarness;
    let launcher: Launcher;
    beforeAll(async () => {
      harness = await makeHarness();
      launcher = harness.launcher;
    });
    afterAll(async () => await harness.close());

    describeOutputs(() => launcher);
    describeFailures(() => launcher);
    describeStopping(() => launcher);
    describeReports(() => launcher);

    it('says that it is available', async () => {
      expect(await launcher.capabilities()).toMatchObject({ available: true });
    });

    it('gives the program its inputs, parameters and identity, emoji and all', async () => {
      const input = {
        id: 'v1', urn: 'urn:x', kind: 'DATASET', version: '1', digest: null, uri: null,
        path: join(mkdtempSync(join(tmpdir(), 'weftline-data-')), 'é.csv'), format: 'csv', bytes: '12', rowCount: null,
      } as const; // prettier-ignore
      writeFileSync(input.path, 'a,b\n1,2\n3,4\n');
      const source = program(`
        const read = (name) => JSON.parse(readFileSync(process.env[name], 'utf8'));
        const { inputs } = read('WEFTLINE_INPUTS');
        const metrics = { inputs, parameters: read('WEFTLINE_PARAMETERS'), attempt: process.env.WEFTLINE_ATTEMPT, extra: process.env.EXTRA, args: process.argv.slice(1) };
        writeFileSync(output + '/model', 'm');
        writeFileSync(output + '/manifest.json', JSON.stringify({ model: 'model', metrics }));`);
      const spec = orderOf(source, {
        parameters: { label: '🧵 “weft” $HOME' },
        inputs: [input],
        environment: { EXTRA: 'a b;c' },
      });
      const end = await runToEnd(launcher, { ...spec, command: [...spec.command, '--', '🧵 $(date)'] });
      expect(end.output?.metrics).toEqual({
        inputs: [input],
        parameters: { label: '🧵 “weft” $HOME' },
        attempt: '1',
        extra: 'a b;c',
        args: ['🧵 $(date)'],
      });
    });

    it('runs one program however many submit the same attempt at once', async () => {
      const key = { jobId: randomUUID(), attempt: 1 };
      const spec = orderOf(program(`console.log('once'); writeFileSync(output + '/model', String(process.pid));`));
      const answers = await Promise.all(Array.from({ length: 8 }, () => harness.another().submit(spec, key)));
      expect(answers.filter((answer) => answer.outcome === 'accepted' && !answer.adopted)).toHaveLength(1);
      const handles = answers.map((answer) => (answer.outcome === 'accepted' ? answer.handle : null));
      expect(new Set(handles.map((handle) => JSON.stringify(handle))).size).toBe(1);
      const [handle] = handles;
      if (handle == null) throw new Error('It was not accepted.');
      expect((await untilOver(launcher, handle)).state).toBe('SUCCEEDED');
      const log = await readWholeLog(launcher, handle, 100);
      expect(log.filter((line) => line.text === 'once')).toHaveLength(1);
    });

    it('finds an attempt by its key after a restart of the API, and none that was never submitted', async () => {
      const key = { jobId: randomUUID(), attempt: 2 };
      expect(await launcher.find(key)).toBeNull();
      await launcher.submit(orderOf(SUCCEEDS), key);
      const handle = await harness.another().find(key);
      if (handle === null) throw new Error('It was not found.');
      expect((await untilOver(harness.another(), handle)).state).toBe('SUCCEEDED');
      expect(await launcher.submit(orderOf(SUCCEEDS), key)).toEqual({ outcome: 'accepted', handle, adopted: true });
    });

    it('rejects a job that asks for more GPUs than there are', async () => {
      const gpus = harness.tooManyGpus;
      const spec = orderOf(SUCCEEDS, { resources: { gpus, cpus: null, memoryBytes: null } });
      const answer = await launcher.submit(spec, { jobId: randomUUID(), attempt: 1 });
      expect(answer).toMatchObject({ outcome: 'rejected', message: expect.stringContaining(`${gpus} GPUs`) as string });
    });
  });
}

function describeOutputs(launcher: () => Launcher): void {
  it('reports success with the digest, size and address of the one model file', async () => {
    const end = await runToEnd(launcher(), orderOf(SUCCEEDS));
    expect(end).toMatchObject({ state: 'SUCCEEDED', exitCode: 0, signal: null, failure: null });
    expect(end.output).toMatchObject({ digest: sha256('weights'), bytes: 7, metrics: {} });
    expect(end.output?.uri).toMatch(/^file:\/\/\/.*\/model\.bin$/);
    expect(end.startedAt).toBeInstanceOf(Date);
    expect(Number(end.endedAt)).toBeGreaterThanOrEqual(Number(end.startedAt));
  });

  it('takes the digest of several files from what sha256sum prints for them', async () => {
    const source = program(`mkdirSync(output + '/b'); writeFileSync(output + '/b/two', '2');
      writeFileSync(output + '/B', '1'); writeFileSync(output + '/manifest.json', '{"metrics": {"loss": 0.5}}');`);
    const { output } = await runToEnd(launcher(), orderOf(source));
    const listing = `${sha256('1').slice(7)}  B\n${sha256('2').slice(7)}  b/two\n`;
    expect(output).toMatchObject({ digest: sha256(listing), bytes: 2, metrics: { loss: 0.5 } });
  });

  it.each([
    ['leaves nothing', ``, 'RESULT_MISSING', 'left no model'],
    ['leaves only a manifest', `writeFileSync(output + '/manifest.json', '{}')`, 'RESULT_MISSING', 'left no model'],
    ['writes a manifest that is not JSON', manifest('{model'), 'RESULT_INVALID', 'not JSON'],
    ['names metrics that are no object', manifest('{"metrics": [1]}'), 'RESULT_INVALID', '"metrics" must be an object'],
    ['names a model outside the folder', manifest('{"model": "../../spec.json"}'), 'RESULT_INVALID', 'outside'],
    ['names a model by absolute path', manifest('{"model": "/etc/hostname"}'), 'RESULT_INVALID', 'outside'],
    ['names a model that is missing', manifest('{"model": "m.pt"}'), 'RESULT_INVALID', 'no such file'],
    ['names a folder', `mkdirSync(output + '/m'); writeFileSync(output + '/m/x', '');` + manifest('{"model": "m"}'), 'RESULT_INVALID', 'is a folder'],
    ['leaves a symbolic link', `(await import('node:fs')).symlinkSync('/etc/hostname', output + '/model')`, 'RESULT_INVALID', 'symbolic link'],
  ])('refuses the output of a program that %s', async (_, body, code, words) => {
    const end = await runToEnd(launcher(), orderOf(program(body)));
    expect(end).toMatchObject({ state: 'FAILED', exitCode: 0, output: null, failure: { code, retryable: false } });
    expect(end.failure?.message).toContain(words);
  }); // prettier-ignore

  it('refuses output over the limit and gives both sizes', async () => {
    const end = await runToEnd(
      launcher(),
      orderOf(program(`writeFileSync(output + '/model', Buffer.alloc(1_000_001))`)),
    );
    expect(end).toMatchObject({
      state: 'FAILED',
      output: null,
      failure: { code: 'OUTPUT_TOO_LARGE', retryable: false },
    });
    // An engine may notice while the program still runs, or after it ended.
    expect(end.failure?.message).toMatch(/1000001 bytes of output.* may leave 1000000/);
  });
}

function manifest(text: string): string {
  return `writeFileSync(output + '/manifest.json', ${JSON.stringify(text)});`;
}

function describeFailures(launcher: () => Launcher): void {
  it.each([1, 7])('reports exit code %i with the last lines on stderr', async (code) => {
    const source = program(`for (let i = 1; i <= 9; i++) console.error('line ' + i); process.exitCode = ${code};`);
    const end = await runToEnd(launcher(), orderOf(source));
    expect(end).toMatchObject({ state: 'FAILED', exitCode: code, failure: { code: 'EXIT_CODE', retryable: false } });
    expect(end.failure?.message).toContain(`exit code ${code}`);
    expect(end.failure?.message).toContain('line 5\nline 6\nline 7\nline 8\nline 9');
    expect(end.failure?.message).not.toContain('line 4');
  });

  it('says which command was not found', async () => {
    const end = await runToEnd(launcher(), orderOf('', { command: ['trainn', '--fast'] }));
    expect(end).toMatchObject({ state: 'FAILED', failure: { code: 'START_FAILED', retryable: false } });
    expect(end.failure?.message).toContain('The command "trainn" was not found.');
  });

  it('suspects the memory when a program is killed from elsewhere', async () => {
    const end = await runToEnd(launcher(), orderOf(`process.kill(process.pid, 'SIGKILL')`));
    expect(end).toMatchObject({ state: 'FAILED', signal: 'SIGKILL', failure: { code: 'SIGNAL', retryable: true } });
    expect(end.failure?.message).toContain('out of memory');
  });

  it('names the signal that ended a crashing program', async () => {
    const end = await runToEnd(launcher(), orderOf(`process.kill(process.pid, 'SIGSEGV')`));
    expect(end).toMatchObject({ state: 'FAILED', signal: 'SIGSEGV', failure: { code: 'SIGNAL', retryable: false } });
  });
}

function describeStopping(launcher: () => Launcher): void {
  it('stops a program that runs past its limit', async () => {
    const end = await runToEnd(launcher(), orderOf(RUNS_LONG, limitsOf({ runSeconds: 1 })));
    expect(end).toMatchObject({ state: 'TIMED_OUT', signal: 'SIGTERM', failure: { code: 'RUN_TIMEOUT' } });
    expect(end.failure?.message).toContain('1 s');
  });

  it('cancels a running program, which may tidy up first', async () => {
    const source = program(`process.on('SIGTERM', () => { console.log('tidy'); process.exit(0); });
      writeFileSync(output + '/model', ''); console.log('ready'); setInterval(() => {}, 1000);`);
    const handle = await submitNew(launcher(), orderOf(source));
    await untilLogged(launcher(), handle, 'ready');
    expect(await launcher().cancel(handle, { graceSeconds: 5 })).toBe('REQUESTED');
    const end = await untilOver(launcher(), handle);
    expect(end).toMatchObject({ state: 'CANCELLED', output: null, failure: { code: 'CANCELLED_BY_USER' } });
    await untilLogged(launcher(), handle, 'tidy');
  });

  it('kills a program that does not listen to SIGTERM once its grace is over', async () => {
    const handle = await submitNew(launcher(), orderOf(IGNORES_TERM));
    await untilLogged(launcher(), handle, 'ready');
    await launcher().cancel(handle, { graceSeconds: 1 });
    await untilLogged(launcher(), handle, 'no');
    expect(await untilOver(launcher(), handle)).toMatchObject({ state: 'CANCELLED', signal: 'SIGKILL' });
  });

  it('changes nothing about a job that is over when it is cancelled', async () => {
    const { handle, ...end } = await runToEnd(launcher(), orderOf(SUCCEEDS));
    expect(await launcher().cancel(handle, { graceSeconds: 0 })).toBe('ALREADY_DONE');
    expect(await launcher().observe(handle)).toEqual(end);
  });
}

function describeReports(launcher: () => Launcher): void {
  it('gives the same lines in small pages as in large ones', async () => {
    const source = program(
      `for (let i = 0; i < 50; i++) console.log('line ' + i + ' é🧵');
      console.error('a warning'); process.stdout.write('no line end');` + SUCCEEDS.replace(/^import.*\nconst.*\n/, ''),
    );
    const { handle } = await runToEnd(launcher(), orderOf(source));
    const large = await readWholeLog(launcher(), handle, 1000);
    expect(await readWholeLog(launcher(), handle, 3)).toEqual(large);
    const stdout = large.filter((line) => line.stream === 'STDOUT').map((line) => line.text);
    expect(stdout).toEqual([...Array.from({ length: 50 }, (_, i) => `line ${i} é🧵`), 'no line end']);
    expect(large.filter((line) => line.stream === 'STDERR').map((line) => line.text)).toEqual(['a warning']);
    expect(large.every((line) => !Number.isNaN(line.at.getTime()))).toBe(true);
  });

  it('reports metrics and progress while the program runs and counts what is neither', async () => {
    const source = program(`const tell = (line) => appendFileSync(process.env.WEFTLINE_EVENTS, line);
      tell('{"type": "metric", "name": "loss", "value": 0.4, "step": 10}\\nnot json\\n{"type": "metric", "value": NaN}\\n');
      tell('{"type": "progress", "fraction": 0.5, "message": "half"}\\n{"type": "prog');
      process.on('SIGTERM', () => { tell('ress", "fraction": 1}'); process.exit(); }); setInterval(() => {}, 1000);
      console.log('ready');`);
    const handle = await submitNew(launcher(), orderOf(source));
    await untilLogged(launcher(), handle, 'ready');
    const first = await launcher().events(handle, { limit: 1 });
    expect(first).toMatchObject({ events: [{ type: 'metric', name: 'loss', value: 0.4, step: 10 }], invalidLines: 0 });
    const second = await launcher().events(handle, { limit: 10, after: first.cursor });
    expect(second).toMatchObject({ events: [{ type: 'progress', fraction: 0.5, message: 'half' }], invalidLines: 2 });
    await launcher().cancel(handle, { graceSeconds: 5 });
    await untilOver(launcher(), handle);
    const third = await launcher().events(handle, { limit: 10, after: second.cursor });
    expect(third).toMatchObject({ events: [{ type: 'progress', fraction: 1, message: null }], invalidLines: 0 });
  });
}
