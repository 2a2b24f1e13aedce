import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demonstrate, type EndedDemo, treeOf } from '../support/demo.js';

const TREE = [
  'penguin-api  (deployment)',
  '└─ penguin-classifier  (model, version v1, sha256:…)',
  '   └─ train-classifier  (transformation)',
  '      ├─ penguins.test  (dataset, version …, sha256:…)',
  '      │  └─ clean-and-split  (transformation)',
  '      │     └─ penguins.raw  (dataset, version …, sha256:…)',
  '      └─ penguins.train  (dataset, version …, sha256:…)',
  '         └─ clean-and-split  (transformation)',
  '            └─ penguins.raw  (dataset, version …, sha256:…)',
];

let home: string;
let first: EndedDemo;
let second: EndedDemo;

/** Its own home and so its own database: the workers of other test files would take the job of a shared one. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weftline-demo-'));
  first = await demonstrate(home);
  second = await demonstrate(home);
}, 400_000);

afterAll(() => rm(home, { recursive: true, force: true }));

const found = ({ text }: EndedDemo, pattern: RegExp): string | undefined => pattern.exec(text)?.[0];

describe('the demo', () => {
  it('walks from the raw file to a served model, and ends by itself', () => {
    expect(first.text).toMatch(/denied, ACTION_NOT_GRANTED: .*penguins\.train/);
    expect(first.text).toMatch(/succeeded: the program ended well/);
    expect(first.text).toMatch(/✔ v1, sha256:[0-9a-f]{12}…: accuracy 1\.000/);
    expect(first.text.trimEnd()).toMatch(/Stopped\.$/);
    expect(first.code).toBe(0);
  });

  it('streams the progress of the training', () => {
    expect(first.text).toMatch(/\d+ % {2}loss 0\.\d{4} {2}accuracy 0\.\d{3}/);
  });

  it('draws the way from the deployment back to the raw file', () => {
    expect(treeOf(first, TREE.length)).toEqual(TREE);
  });

  it('is decided by policies: forbidden with the way that says why, let through by an approval, and made again', () => {
    for (const { text } of [first, second]) {
      expect(text).toMatch(/licences CC0-1\.0; purposes RESEARCH, TEACHING/);
      expect(text).toMatch(
        /denied, POLICY:purpose: .*\n +labels\.purposes: penguins\.train [0-9a-f]{12} ← a run of clean-and-split ← penguins\.raw [0-9a-f]{12}\n/,
      );
      expect(text).toMatch(
        /the launch for MARKETING: FORBID, as it was decided\n +the release of v1: PERMIT, as it was decided\n/,
      );
      expect(text).toContain('2 of 2 come out the same');
    }
    expect(first.text).toMatch(/waits, POLICY:four-eyes: .*\n +Noor approves it, and it is done at once\n/);
    expect(second.text).toContain('penguins.cedar; active from an earlier run');
    expect(second.text).not.toContain('Noor approves it');
  });

  it('says which deployments a bad raw file would touch', () => {
    expect(first.text).toContain('A bad raw file would touch 1 deployment: penguin-api.');
  });

  it('keeps the tokens of its people where only the owner can read them', async () => {
    const file = join(home, 'demo.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')) as object)).toEqual([
      'demo-dana',
      'demo-sami',
      'demo-noor',
    ]);
  });

  it('keeps its log out of the screen', async () => {
    expect(first.text).not.toContain('"level"');
    expect(await readFile(join(home, 'weftline.log'), 'utf8')).toContain('"level"');
  });

  it('finds in a second run all that the first has made', () => {
    expect(second.code).toBe(0);
    for (const again of ['all there', 'published', 'said', 'granted', 'active', 'trained']) {
      expect(second.text).toMatch(new RegExp(`${again}( from| in)? an earlier run`));
    }
    const made = [/job [0-9a-f-]{36}/, /v1, sha256:[0-9a-f]{12}/, /serves on penguin-api since \S+/];
    expect(made.map((each) => found(second, each))).toEqual(made.map((each) => found(first, each)));
    expect(treeOf(second, TREE.length)).toEqual(TREE);
  });

  it('says in one sentence that its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const address = taken.address();
    if (address === null || typeof address === 'string') throw new Error('The test has no port.');
    const ended = await demonstrate(home, { WEFTLINE_PORT: String(address.port) });
    taken.close();
    expect(ended.code).toBe(1);
    expect(ended.text).toMatch(new RegExp(`^Port ${address.port} on 127\\.0\\.0\\.1 is taken, [^\\n]+\\n$`));
  }, 300_000);
});
