import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Content } from '../../../src/disk/content/content.js';
import { KnownContents } from '../../../src/launchers/runner/known-contents.js';

const QUESTION = { path: '/data/in.csv', algorithm: 'sha256' };
const KNOWN = { fingerprint: '1:2:3:4', digest: `sha256:${'a'.repeat(64)}`, bytes: '1' };
const READ: Content = { found: 'FILE', ...KNOWN, wasRead: true, isSettled: true };

const root = mkdtempSync(join(tmpdir(), 'weftline-known-'));
let directory: string;
let known: KnownContents;
beforeEach(() => {
  directory = mkdtempSync(join(root, 'jobs-'));
  known = new KnownContents(directory);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The one record there is. */
const record = (): string => join(directory, '.digests', readdirSync(join(directory, '.digests'))[0] ?? '');

describe('what is known of files', () => {
  it('comes back for the same path and algorithm alone', async () => {
    expect(await known.of(QUESTION)).toBeNull();
    await known.note(QUESTION, READ);
    expect(await known.of(QUESTION)).toMatchObject(KNOWN);
    expect(await new KnownContents(directory).of(QUESTION)).toMatchObject(KNOWN);
    for (const other of [{ path: '/data/In.csv' }, { algorithm: 'sha512' }, { without: ['manifest.json'] }])
      expect(await known.of({ ...QUESTION, ...other })).toBeNull();
  });

  it.each<[string, Content]>([
    ['what was not read', { ...READ, wasRead: false }],
    ['what may change without a sign', { ...READ, isSettled: false }],
    ['what is not there', { found: 'NOTHING', why: 'is not there' }],
  ])('is not kept of %s', async (_, content) => {
    await known.note(QUESTION, content);
    expect(await known.of(QUESTION)).toBeNull();
  });

  it.each([
    '',
    'no JSON',
    '{}',
    JSON.stringify({ path: QUESTION.path, ...KNOWN, digest: 'sha256:x' }),
    JSON.stringify({ ...KNOWN, path: '/other' }),
  ])('is not believed where somebody has written over it: %j', async (content) => {
    await known.note(QUESTION, READ);
    writeFileSync(record(), content);
    expect(await known.of(QUESTION)).toBeNull();
    await known.note(QUESTION, READ);
    expect(await known.of(QUESTION)).toMatchObject(KNOWN);
  });

  it('is replaced, and done without where the disk takes nothing', async () => {
    await known.note(QUESTION, READ);
    const path = record();
    rmSync(path);
    mkdirSync(join(path, 'in-its-place'), { recursive: true });
    expect(await known.of(QUESTION)).toBeNull();
    await known.note(QUESTION, READ);
    expect(await known.of(QUESTION)).toMatchObject(KNOWN);
    writeFileSync(join(directory, 'file'), '');
    const nowhere = new KnownContents(join(directory, 'file'));
    await nowhere.note(QUESTION, READ);
    expect(await nowhere.of(QUESTION)).toBeNull();
  });
});
