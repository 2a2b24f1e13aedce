/** What becomes of a job whose inputs are not what was published, on a real local launcher. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openJobUser, whyUnable } from '../../../src/launchers/machine/job-user.js';
import type { InputPin, JobObservation } from '../../../src/launchers/port/launcher.js';
import {
  orderOf,
  program,
  readWholeLog,
  runToEnd,
  sha256,
  submitNew,
  SUCCEEDS,
  untilLogged,
  untilOver,
} from '../../support/launcher-jobs.js';
import { LocalWorkshop } from '../../support/local-workshop.js';

let workshop: LocalWorkshop;
let data: string;
beforeAll(async () => {
  workshop = await LocalWorkshop.open();
  data = mkdtempSync(join(tmpdir(), 'weftline-inputs-'));
});
afterAll(async () => {
  await workshop.close();
  rmSync(data, { recursive: true, force: true });
});

const PIN: InputPin = {
  ...{ id: 'v1', urn: 'weft:dataset:acme/sales', kind: 'DATASET', version: '1', format: 'csv' },
  ...{ digest: null, uri: null, path: null, bytes: null, rowCount: null },
};

function pinOf(name: string, content: string, more: Partial<InputPin> = {}): InputPin & { path: string } {
  const path = join(data, name);
  writeFileSync(path, content);
  return { ...PIN, digest: sha256(content), bytes: String(content.length), path, ...more } as InputPin & {
    path: string;
  };
}

const run = (...inputs: InputPin[]) => runToEnd(workshop.launcher(), orderOf(SUCCEEDS, { inputs }));
const stateOf = ({ inputs }: JobObservation) => inputs?.map(({ state }) => state);

describe('an input that is what was published', { concurrent: true }, () => {
  it('lets the program begin, and is told to be verified', async () => {
    const end = await run(pinOf('same.csv', 'a,b\n1,2\n'));
    expect(end.state).toBe('SUCCEEDED');
    expect(end.inputs).toMatchObject([{ id: 'v1', state: 'VERIFIED', digest: null, note: null }]);
  });

  it('is told while the program runs', async () => {
    const launcher = workshop.launcher();
    const inputs = [pinOf('running.csv', 'x')];
    const handle = await submitNew(
      launcher,
      orderOf(program(`console.log('ready'); setTimeout(() => {}, 60_000);`), { inputs }),
    );
    await untilLogged(launcher, handle, 'ready');
    expect(stateOf(await launcher.observe(handle))).toEqual(['VERIFIED']);
    await launcher.cancel(handle, { graceSeconds: 0 });
    expect(stateOf(await untilOver(launcher, handle))).toEqual(['VERIFIED']);
  });

  it('is not read again for each job, once its times are old enough to tell a change', async () => {
    const pin = pinOf('cached.csv', 'a\n1\n');
    const words = async (): Promise<string> => {
      const { handle, inputs } = await run(pin);
      expect(inputs?.map(({ state }) => state)).toEqual(['VERIFIED']);
      return (await readWholeLog(workshop.launcher(), handle, 100)).map(({ text }) => text).join('\n');
    };
    // Each job takes its time, and with it the file gets older.
    while (!(await words()).includes('as it did when it was last read'));
    utimesSync(pin.path, new Date(), new Date());
    expect(await words()).not.toContain('as it did when it was last read');
  });

  it('may be a folder', async () => {
    const path = join(data, 'parts');
    mkdirSync(join(path, 'day=1'), { recursive: true });
    writeFileSync(join(path, 'day=1', 'p.csv'), 'one');
    const digest = sha256(`${sha256('one').slice('sha256:'.length)}  day=1/p.csv\n`);
    expect(stateOf(await run({ ...PIN, path, digest, bytes: '3' }))).toEqual(['VERIFIED']);
    writeFileSync(join(path, 'day=1', 'q.csv'), '');
    expect(await run({ ...PIN, path, digest, bytes: '3' })).toMatchObject({
      state: 'FAILED',
      failure: { code: 'INPUT_CHANGED' },
    });
  });
});

describe('an input that is not what was published', { concurrent: true }, () => {
  it('keeps the program from beginning, and both digests are told', async () => {
    const pin = pinOf('changed.csv', 'a,b\n1,2\n');
    writeFileSync(pin.path, 'a,b\n1,3\n');
    const marker = join(data, 'began');
    const end = await runToEnd(
      workshop.launcher(),
      orderOf(program(`writeFileSync(${JSON.stringify(marker)}, '')`), { inputs: [pin] }),
    );
    expect(end).toMatchObject({
      state: 'FAILED',
      startedAt: null,
      exitCode: null,
      failure: { code: 'INPUT_CHANGED', retryable: false },
    });
    expect(end.failure?.message).toContain(sha256('a,b\n1,2\n'));
    expect(end.failure?.message).toContain(sha256('a,b\n1,3\n'));
    expect(end.failure?.message).toContain('weft:dataset:acme/sales@1');
    expect(end.inputs).toMatchObject([{ state: 'CHANGED', digest: sha256('a,b\n1,3\n'), bytes: '8' }]);
    expect(() => rmSync(marker)).toThrow('ENOENT');
  });

  it('may have the same digest in name only: size, growth and what came in its place are seen', async () => {
    const longer = pinOf('longer.csv', 'a\n');
    appendFileSync(longer.path, '1\n');
    const plain = { ...pinOf('plain.csv', 'a\n1\n'), digest: null, bytes: '2' };
    const wrong = { ...pinOf('md5.csv', 'x'), digest: `md5:${'0'.repeat(32)}` };
    for (const pin of [longer, plain, wrong]) expect((await run(pin)).failure?.code, pin.path).toBe('INPUT_CHANGED');
  });

  it.each([
    ['is gone', { path: '/nowhere/in.csv' }],
    ['has a location that is none, as was once taken', { uri: 'file:///data/a#b.csv', path: null }],
    ['lies on another machine', { uri: 'file://elsewhere/in.csv', path: null }],
  ])('is missing when it %s', async (_, more) => {
    expect(await run({ ...PIN, digest: sha256('x'), ...more })).toMatchObject({
      state: 'FAILED',
      startedAt: null,
      failure: { code: 'INPUT_MISSING', retryable: false },
      inputs: [{ state: 'MISSING' }],
    });
  });

  it('is named among others that are well', async () => {
    const [good, bad] = [pinOf('good.csv', '1'), pinOf('bad.csv', '2')];
    rmSync(bad.path);
    const end = await run(good, { ...bad, id: 'v2', version: '2' });
    expect(end.failure?.message).toMatch(/acme\/sales@2 is missing\. .*bad\.csv" is not there/);
    expect(end.inputs).toMatchObject([
      { id: 'v1', state: 'VERIFIED' },
      { id: 'v2', state: 'MISSING' },
    ]);
  });
});

describe('an input that cannot be compared', { concurrent: true }, () => {
  it.each<[string, Partial<InputPin>, string]>([
    ['lies in another store', { uri: 's3://bucket/in.csv', digest: sha256('x') }, 's3:'],
    ['has no location', { digest: sha256('x') }, 'without a location'],
    ['is a device', { path: '/dev/zero', digest: sha256('x') }, 'no regular file'],
    ['is made up by the kernel', { path: '/proc/version', digest: sha256('x') }, 'kernel'],
  ])('lets the program begin and is told not to be verified when it %s', async (_, more, why) => {
    const end = await run({ ...PIN, ...more });
    expect(end.state).toBe('SUCCEEDED');
    expect(end.inputs).toMatchObject([{ state: 'NOT_VERIFIED', note: expect.stringContaining(why) as string }]);
  });

  it('is not verified without a digest, with one that is not known, or with one that can be forged', async () => {
    const none = pinOf('none.csv', 'x', { digest: null });
    const unknown = pinOf('unknown.csv', 'x', { digest: `blake3:${'a'.repeat(64)}` });
    const weak = pinOf('weak.csv', 'x', { digest: 'md5:9dd4e461268c8034f5c8564e155c67a6' });
    expect(stateOf(await run(none, unknown, weak))).toEqual(['NOT_VERIFIED', 'NOT_VERIFIED', 'NOT_VERIFIED']);
  });
});

describe('a check that takes long', () => {
  it('ends with the wish to stop the job', async () => {
    const pin = pinOf('huge.csv', '');
    truncateSync(pin.path, 2 ** 43);
    const launcher = workshop.launcher();
    const handle = await submitNew(launcher, orderOf(SUCCEEDS, { inputs: [{ ...pin, bytes: null }] }));
    await untilLogged(launcher, handle, 'Reading the input');
    await launcher.cancel(handle, { graceSeconds: 0 });
    expect(await untilOver(launcher, handle)).toMatchObject({ state: 'CANCELLED', startedAt: null });
  });
});

/** Of these there are none where nobody can change users (run-as.test.ts). */
if (whyUnable() === null)
  describe('an input of a program that runs as another user', () => {
    it('is read as that user: what the program may not read tells nobody its digest', async () => {
      const home = mkdtempSync(join(tmpdir(), 'weftline-home-'));
      const own = await LocalWorkshop.open(join(home, 'jobs'));
      const launcher = own.launcher({ runAs: openJobUser('nobody', { directory: own.directory, home }) });
      chmodSync(data, 0o755);
      const [open, secret] = [pinOf('open.csv', 'for all'), pinOf('secret.csv', 'for the server')];
      chmodSync(open.path, 0o644);
      chmodSync(secret.path, 0o600);
      const inputs = [open, { ...secret, digest: sha256('a guess'), bytes: null }];
      const end = await runToEnd(launcher, orderOf(SUCCEEDS, { inputs }));
      rmSync(home, { recursive: true, force: true });
      expect(end.state).toBe('SUCCEEDED');
      expect(end.inputs).toMatchObject([{ state: 'VERIFIED' }, { state: 'NOT_VERIFIED', digest: null, bytes: null }]);
      expect(JSON.stringify(end)).not.toContain(sha256('for the server'));
    });
  });
