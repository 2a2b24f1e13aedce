/** Programs that leave what nobody expects, run by the real local launcher as the user of the server: each job has an end that names it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JobHandle, JobObservation } from '../../../src/launchers/port/launcher.js';
import type { LocalLauncher } from '../../../src/launchers/local/local.js';
import {
  limitsOf,
  orderOf,
  program,
  readWholeLog,
  runToEnd,
  submitNew,
  SUCCEEDS,
  untilOver,
} from '../../support/launcher-jobs.js';
import { LocalWorkshop } from '../../support/local-workshop.js';

const MODEL = `fs.writeFileSync(output + '/model', 'm');`;
const manifest = (text: string): string => `${MODEL} fs.writeFileSync(output + '/manifest.json', ${text});`;
/** Until its supervisor has seen what it did. */
const WAITS = `setInterval(() => {}, 1000);`;

/** What each does, the code its job fails with (null: it succeeds), and words its message, or the note of its output, has. */
const TABLE: [what: string, body: string, code: string | null, words: string][] = [
  ['nests its metrics 100,000 deep', manifest(`'{"metrics":{"a":' + '['.repeat(1e5) + ']'.repeat(1e5) + '}}'`), 'RESULT_INVALID', 'manifest.json nests deeper than 32'],
  ['names 400,000 metrics', manifest(`JSON.stringify({ metrics: Object.fromEntries(Array.from({ length: 4e5 }, (_, n) => ['m' + n, n])) })`), 'RESULT_INVALID', 'at most 1048576 are read'],
  ['names 5,000 metrics', manifest(`JSON.stringify({ metrics: Object.fromEntries(Array.from({ length: 5e3 }, (_, n) => ['m' + n, n])) })`), null, 'a job may have 1000 names'],
  ['makes its manifest a folder', `${MODEL} fs.mkdirSync(output + '/manifest.json');`, 'RESULT_INVALID', 'manifest.json in the output folder is a folder'],
  ['makes its manifest a pipe', `${MODEL} exec('mkfifo', [output + '/manifest.json']);`, 'RESULT_INVALID', '"manifest.json" in the output folder is not a regular file'],
  ['makes its manifest a link', `${MODEL} fs.symlinkSync('/etc/passwd', output + '/manifest.json');`, 'RESULT_INVALID', '"manifest.json" in the output folder is a symbolic link'],
  ['leaves a socket', `(await import('node:net')).createServer().listen(output + '/socket', () => process.kill(process.pid, 'SIGKILL'));`, 'SIGNAL', 'was killed'],
  ['leaves a hard link out of its folder', `fs.writeFileSync('own', 'o'); fs.linkSync('own', output + '/model');`, 'RESULT_INVALID', '"model" in the output folder is a hard link'],
  ['leaves a name that is no text', `fs.writeFileSync(Buffer.concat([Buffer.from(output + '/m'), Buffer.from([255, 254])]), 'm');`, 'RESULT_INVALID', 'is named by bytes that are not UTF-8'],
  ['leaves a path of 4,000 characters', `for (let n = 0; n < 16; n++) { if (n === 0) process.chdir(output); fs.mkdirSync('d'.repeat(250)); process.chdir('d'.repeat(250)); } fs.writeFileSync('m', 'm');`, 'OUTPUT_TOO_LARGE', 'a path of more than 2000 bytes'],
  ['leaves a terabyte of nothing', `${MODEL} fs.truncateSync(output + '/model', 2 ** 40);`, 'OUTPUT_TOO_LARGE', 'may leave 10000000'],
  ['leaves files without end', `for (let n = 0; n < 100_001; n++) fs.closeSync(fs.openSync(output + '/' + n, 'w'));`, 'OUTPUT_TOO_LARGE', 'more than 100000 files and folders'],
  ['puts a link to everything in the place of its output', `fs.rmdirSync(output); fs.symlinkSync('/', output);`, 'RESULT_INVALID', 'removed the output folder or put something else in its place'],
  ['writes its own end', `fs.writeFileSync(run + '/exit.json', 'well'); ${WAITS}`, 'RESULT_INVALID', 'exit.json in the folder of the job is not JSON'],
  ['makes its end a folder', `fs.mkdirSync(run + '/exit.json'); ${WAITS}`, 'RESULT_INVALID', 'exit.json in the folder of the job is a folder'],
  ['makes the wish to stop it a folder', `fs.mkdirSync(run + '/cancel.json'); ${WAITS}`, 'RESULT_INVALID', 'cancel.json in the folder of the job is a folder'],
  ['removes the claim of its supervisor', `fs.rmSync(run + '/claim.json'); ${WAITS}`, 'RESULT_INVALID', 'claim.json in the folder of the job was changed'],
  ['makes its own record a pipe', `fs.rmSync(run + '/program.json'); exec('mkfifo', [run + '/program.json']); ${WAITS}`, 'RESULT_INVALID', 'program.json in the folder of the job is no regular file'],
  ['makes log, reports and reserve folders', `for (const name of ['log', 'events.jsonl', 'reserve', 'supervisor.log']) { fs.rmSync(run + '/' + name); fs.mkdirSync(run + '/' + name + '/x', { recursive: true }); } ${MODEL}`, null, ''],
  ['closes the folder of its run', `${MODEL} fs.chmodSync(run, 0);`, null, ''],
]; // prettier-ignore

describe('a program as the user of the server', () => {
  let workshop: LocalWorkshop;
  let launcher: LocalLauncher;
  const ends = new Map<string, Promise<JobObservation>>();
  const handles = new Map<string, JobHandle>();
  const prelude = `const fs = await import('node:fs'); const exec = (await import('node:child_process')).execFileSync;
    const run = (await import('node:path')).dirname(output);`;
  beforeAll(async () => {
    workshop = await LocalWorkshop.open();
    launcher = workshop.launcher();
    for (const [what, body] of TABLE) {
      const handle = await submitNew(launcher, orderOf(program(prelude + body), limitsOf({ outputBytes: 10_000_000 })));
      handles.set(what, handle);
      ends.set(what, untilOver(launcher, handle));
    }
    await Promise.allSettled(ends.values());
  });
  afterAll(async () => await workshop.close());

  it.each(TABLE)('%s: its job ends and says so', async (what, _, code, words) => {
    const end = await ends.get(what);
    expect({ code: end?.failure?.code ?? null, state: end?.state }).toEqual({
      code,
      state: code === null ? 'SUCCEEDED' : 'FAILED',
    });
    expect(end?.failure?.message ?? end?.output?.note ?? '').toContain(words);
    const handle = handles.get(what);
    if (handle) await launcher.events(handle, { limit: 10 });
  });

  it('of which all are over, and others run as ever', async () => {
    expect((await launcher.list()).every(({ over }) => over)).toBe(true);
    const { handle, state } = await runToEnd(launcher, orderOf(SUCCEEDS));
    expect(state).toBe('SUCCEEDED');
    expect((await readWholeLog(launcher, handle, 10)).length).toBeGreaterThan(0);
  });
});
