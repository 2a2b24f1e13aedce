/**
 * Programs of a user of their own. Where this machine lets nobody change users, that is what is told: both are tested, each
 * where it can be.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readConfig } from '../../../src/config/config.js';
import { openConfigured } from '../../../src/launchers/configured.js';
import { type JobUser, openJobUser, whyUnable } from '../../../src/launchers/machine/job-user.js';
import type { InputPin } from '../../../src/launchers/port/launcher.js';
import type { LocalLauncher } from '../../../src/launchers/local/local.js';
import {
  orderOf,
  program,
  readWholeLog,
  runToEnd,
  sha256,
  submitNew,
  untilLogged,
  untilOver,
  waitsFor,
} from '../../support/launcher-jobs.js';
import { LocalWorkshop, untilGone, withGpus } from '../../support/local-workshop.js';

const NOBODY = 65_534;
const unable = whyUnable();

describe('a server that may not change users', () => {
  afterEach(() => void vi.restoreAllMocks());

  it('refuses to run jobs as another, and says why and what to do', () => {
    if (unable === null) vi.spyOn(process, 'getuid').mockReturnValue(1_000);
    const home = tmpdir();
    const refused = (): JobUser => openJobUser('nobody', { directory: join(home, 'jobs'), home });
    expect(refused).toThrow(unable ?? 'as it does not run as root');
    expect(refused).toThrow('Run the server as root, or leave runAs out');
  });
});

/** Of these there are none where nobody can change users: that it is refused there is tested above. */
if (unable === null)
  describe('a program of a user of its own', () => {
    let home: string;
    let workshop: LocalWorkshop;
    let user: JobUser;
    let launcher: LocalLauncher;
    beforeAll(async () => {
      home = mkdtempSync(join(tmpdir(), 'weftline-home-'));
      writeFileSync(join(home, 'admin-token'), 'secret');
      mkdirSync(join(home, 'neo4j'));
      writeFileSync(join(home, 'audit-key'), 'secret', { mode: 0o644 });
      workshop = await LocalWorkshop.open(join(home, 'jobs'));
      user = openJobUser('nobody', { directory: workshop.directory, home });
      launcher = workshop.launcher({ runAs: user });
    });
    afterAll(() => rmSync(home, { recursive: true, force: true }));

    /** Runs lines that each print a word and what became of trying. */
    async function tried(tries: Record<string, string>, more = ''): Promise<Record<string, string>> {
      const lines = Object.entries(tries).map(
        ([word, code]) => `await attempt(${JSON.stringify(word)}, async () => ${code});`,
      );
      const source = program(`const fs = await import('node:fs'); const { dirname, join } = await import('node:path');
      const run = dirname(output), jobs = dirname(run), home = dirname(jobs); ${more}
      async function attempt(word, action) { let end; try { end = 'done ' + await action(); } catch (error) { end = error.code ?? String(error); } console.log(word + '=' + end); }
      ${lines.join('\n')} fs.writeFileSync(output + '/model', 'm');`);
      const { handle, state } = await runToEnd(launcher, orderOf(source));
      expect(state).toBe('SUCCEEDED');
      const log = await readWholeLog(launcher, handle, 200);
      return Object.fromEntries(
        log.filter(({ stream }) => stream === 'STDOUT').map(({ text }) => text.split('=') as [string, string]),
      );
    }

    it('is that user, in its groups, with a home it can write to, and its model is collected', async () => {
      const seen = await tried({
        uid: 'process.getuid()',
        gid: 'process.getgid()',
        home: "fs.writeFileSync(join(process.env.HOME, 'cache'), 'c')",
        here: "fs.writeFileSync('checkpoint', 'c')",
        events: 'fs.appendFileSync(process.env.WEFTLINE_EVENTS, \'{"type":"progress","fraction":1}\\n\')',
        inputs: 'JSON.parse(fs.readFileSync(process.env.WEFTLINE_INPUTS)).inputs.length',
        root: "(await import('node:child_process')).execFileSync('id', ['-G'], { encoding: 'utf8' }).split(' ').includes('0')",
      });
      expect(seen).toMatchObject({
        uid: `done ${NOBODY}`,
        gid: `done ${user.gid}`,
        inputs: 'done 0',
        root: 'done false',
      });
      expect(seen).toMatchObject({ home: 'done undefined', here: 'done undefined', events: 'done undefined' });
    });

    it('can read nothing of WEFTLINE_HOME, however it was made, nor of other jobs, running or over', async () => {
      const over = await runToEnd(
        launcher,
        orderOf(program(`writeFileSync(output + '/model', 'theirs'); writeFileSync('own', 'o');`)),
      );
      const running = await submitNew(launcher, orderOf(waitsFor(join(home, 'jobs', 'go'))));
      await untilLogged(launcher, running, 'ready');
      const seen = await tried({
        token: "fs.readFileSync(join(home, 'admin-token'))",
        key: "fs.readFileSync(join(home, 'audit-key'))",
        database: "fs.readdirSync(join(home, 'neo4j'))",
        home: 'fs.readdirSync(home)',
        jobs: 'fs.readdirSync(jobs)',
        model: `fs.readFileSync(join(jobs, '${over.handle.id}', 'output', 'model'))`,
        work: `fs.readFileSync(join(jobs, '${over.handle.id}', 'work', 'own'))`,
        order: `fs.readFileSync(join(jobs, '${over.handle.id}', 'spec.json'))`,
        theirOutput: `fs.readdirSync(join(jobs, '${running.id}', 'output'))`,
        theirInputs: `fs.readFileSync(join(jobs, '${running.id}', 'inputs.json'))`,
        queue: "fs.readdirSync(join(jobs, '.queue'))",
        environment: "fs.readFileSync('/proc/' + process.ppid + '/environ')",
      });
      writeFileSync(join(home, 'jobs', 'go'), '');
      expect(Object.values(seen)).toEqual(Object.values(seen).map(() => 'EACCES'));
      await untilOver(launcher, running);
    });

    it('cannot change a record of its run, nor signal its runner', async () => {
      const records = [
        'exit.json',
        'claim.json',
        'program.json',
        'cancel.json',
        'log',
        'alive',
        'abandoned',
        'inputs.json',
      ];
      const writes = records.map((name) => [name, `fs.writeFileSync(join(run, '${name}'), '{}')`]);
      const seen = await tried({
        ...(Object.fromEntries(writes) as Record<string, string>),
        replace: "fs.renameSync(output, join(run, 'elsewhere'))",
        remove: 'fs.unlinkSync(process.env.WEFTLINE_EVENTS)',
        open: 'fs.chmodSync(run, 0o777)',
        signal: 'process.kill(process.ppid, "SIGKILL")',
        become: 'process.setuid(0)',
      });
      expect(Object.values(seen).every((end) => ['EACCES', 'EPERM'].includes(end))).toBe(true);
    });

    it('cannot run anything as root by the environment of the launch', async () => {
      const evil = join(home, 'jobs', 'bin');
      mkdirSync(evil, { mode: 0o755 });
      for (const name of ['setpriv', 'sh', 'cat', 'id']) {
        writeFileSync(join(evil, name), `#!/bin/sh\n/usr/bin/id -u >> ${evil}/ran\n`, { mode: 0o755 });
      }
      const environment = {
        PATH: `${evil}:/usr/bin:/bin`,
        ENV: `${evil}/sh`,
        LD_PRELOAD: `${evil}/none.so`,
        QUOTE: `it's; echo $(id) "x"\n`,
      };
      const source = program(`console.log(JSON.stringify(process.env.QUOTE)); writeFileSync(output + '/model', 'm');`);
      const { handle, state } = await runToEnd(launcher, orderOf(source, { environment }));
      expect(state).toBe('SUCCEEDED');
      expect((await readWholeLog(launcher, handle, 100)).map(({ text }) => text)).toContain(
        JSON.stringify(environment.QUOTE),
      );
      expect(() => statSync(join(evil, 'ran'))).toThrow('ENOENT');
    });

    it.each([
    ['a symbolic link to the token', `(await import('node:fs')).symlinkSync(home + '/admin-token', output + '/model');`, 'is a symbolic link'],
    ['a link to a folder of the server', `(await import('node:fs')).symlinkSync(home, output + '/model');`, 'is a symbolic link'],
    ['a link as its output folder', `const fs = await import('node:fs'); fs.writeFileSync(output + '/m', 'm'); fs.symlinkSync('/etc/passwd', output + '/manifest.json');`, 'is a symbolic link'],
    ['a hard link to what it has elsewhere', `const fs = await import('node:fs'); fs.writeFileSync('own', 'o'); fs.linkSync('own', output + '/model');`, 'is a hard link to a file outside of it'],
  ])('cannot have the server read by %s', async (_, body, words) => {
    const source = program(`const { dirname } = await import('node:path'); const home = dirname(dirname(dirname(output))); ${body}`);
    const { state, failure } = await runToEnd(launcher, orderOf(source));
    expect({ state, message: failure?.message }).toEqual({ state: 'FAILED', message: expect.stringContaining(words) as string });
    expect(statSync(join(home, 'admin-token')).mode & 0o777).toBe(0o600);
  }); // prettier-ignore

    it('is stopped with all it started, also what has left its group and its environment', async () => {
      const body = `const { spawn } = await import('node:child_process');
      const child = spawn('/bin/sleep', ['600'], { detached: true, stdio: 'ignore', env: {} }); child.unref();
      console.log('pid ' + child.pid); process.on('SIGTERM', () => {}); setInterval(() => {}, 1000);`;
      const handle = await submitNew(launcher, orderOf(program(body)));
      const { text } = await untilLogged(launcher, handle, 'pid ');
      await launcher.cancel(handle, { graceSeconds: 0 });
      expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED' });
      await untilGone(Number(text.slice(4)));
    });

    it('keeps its limits of memory, and gets its GPUs', async () => {
      const eats = program(`const all = []; setInterval(() => all.push(Buffer.alloc(20_000_000, 1)), 5);`);
      const order = orderOf(eats, { resources: { gpus: 0, cpus: null, memoryBytes: 150_000_000 } });
      expect((await runToEnd(launcher, order)).failure).toMatchObject({ code: 'OUT_OF_MEMORY' });
      const shows = orderOf(
        program(`writeFileSync(output + '/model', process.env.CUDA_VISIBLE_DEVICES);`),
        withGpus(1),
      );
      expect((await runToEnd(launcher, shows)).output?.digest).toBe(sha256('0'));
    });

    it('reads the model of an earlier job only when it was given it as an input', async () => {
      const { handle, output } = await runToEnd(
        launcher,
        orderOf(program(`writeFileSync(output + '/model', 'theirs');`)),
      );
      const path = join(workshop.directory, handle.id, 'output', 'model');
      const pin = {
        id: 'v',
        urn: 'u',
        kind: 'MODEL',
        version: 'v1',
        digest: output?.digest ?? null,
        uri: output?.uri ?? null,
      } as const;
      const input: InputPin = { ...pin, path, format: null, bytes: null, rowCount: null, madeBy: handle.id };
      const source = program(
        `writeFileSync(output + '/model', readFileSync(JSON.parse(readFileSync(process.env.WEFTLINE_INPUTS)).inputs[0].path));`,
      );
      expect(await runToEnd(launcher, orderOf(source, { inputs: [input] }))).toMatchObject({
        output: { digest: output?.digest },
      });
      const claimed = await runToEnd(launcher, orderOf(source, { inputs: [{ ...input, madeBy: null }] }));
      expect(claimed).toMatchObject({ state: 'FAILED', failure: { code: 'EXIT_CODE' } });
    });

    it('is told when its command is not there, as ever', async () => {
      const { failure } = await runToEnd(launcher, orderOf('', { command: ['no-such-program'] }));
      expect(failure).toMatchObject({
        code: 'START_FAILED',
        message: expect.stringContaining('was not found') as string,
      });
    });

    it.each([
      ['is not there', 'no-such-user', 'there is no such user'],
      ['is a number without a name or a group', '54321', 'there is no such user'],
      ['is no name', 'a b; c', 'there is no such user'],
      ['is root', 'root', 'must not run as root'],
      ['is root by its number', '0:0', 'must not run as root'],
    ])('is refused when the user %s', (_, name, words) => {
      const path = join(home, 'launchers.yaml');
      writeFileSync(path, JSON.stringify({ launchers: [{ name: 'a', kind: 'local', runAs: name }] }));
      expect(() => openConfigured(path, { directory: join(home, 'jobs'), home })).toThrow(words);
    });

    it('is refused when the user cannot reach the folder for jobs', () => {
      const closed = join(home, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      chmodSync(closed, 0o700);
      expect(() => openJobUser('nobody', { directory: join(closed, 'jobs'), home: join(home, 'other') })).toThrow(
        'cannot reach the folder',
      );
    });

    it('may be one without a name, by uid:gid', () => {
      expect(openJobUser('54321:54322', { directory: workshop.directory, home })).toMatchObject({
        uid: 54_321,
        gid: 54_322,
      });
      expect(readConfig({ WEFTLINE_LOCAL_RUN_AS: 'nobody' }).localLauncher.runAs).toBe('nobody');
      expect(readFileSync(join(home, 'admin-token'), 'utf8')).toBe('secret');
    });
  });
