/** What lies at a path, whatever it is. Nothing here may hang. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContent } from '../../src/disk/content/read-content.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'weftline-content-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sha256 = (text: string | Buffer): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const read = (path: string, more = {}) => readContent({ path, algorithm: 'sha256', ...more });

function made(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function madeFolder(name: string, files: Record<string, string>): string {
  const path = join(folder, name);
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), content);
  }
  return path;
}

describe('the content of a file', () => {
  it('has the size and the digest of its bytes, of more than one piece too', async () => {
    const bytes = Buffer.alloc(3 * 1024 * 1024 + 7, 'weft');
    const path = made('large', bytes);
    expect(await read(path)).toMatchObject({ found: 'FILE', bytes: '3145735', digest: sha256(bytes), wasRead: true });
    const sha512 = `sha512:${createHash('sha512').update(bytes).digest('hex')}`;
    expect(await read(path, { algorithm: 'sha512' })).toMatchObject({ digest: sha512 });
    expect(await read(path, { algorithm: null })).toEqual({ found: 'SIZE', bytes: '3145735' });
  });

  it('is that of an empty file, and of what a link leads to', async () => {
    expect(await read(made('empty', ''))).toMatchObject({ bytes: '0', digest: sha256('') });
    symlinkSync(made('target', 'rows'), join(folder, 'link'));
    expect(await read(join(folder, 'link'))).toMatchObject({ found: 'FILE', digest: sha256('rows') });
  });

  it('is not read again while the file looks the same, and is once it does not', async () => {
    const path = made('known', 'one');
    const first = await read(path);
    if (!('digest' in first)) throw new Error('It was not read.');
    const known = { ...first, digest: 'sha256:remembered' };
    expect(await read(path, { known })).toMatchObject({ wasRead: false, digest: 'sha256:remembered' });
    utimesSync(path, new Date(), new Date(1_000));
    expect(await read(path, { known })).toMatchObject({ wasRead: true, digest: sha256('one') });
    writeFileSync(path, 'two');
    utimesSync(path, new Date(), new Date(1_000));
    expect(await read(path, { known })).toMatchObject({ wasRead: true, digest: sha256('two') });
  });

  it('is called settled only when a later change must show', async () => {
    expect(await read(made('fresh', 'x'))).toMatchObject({ isSettled: false });
    expect(await read('/etc/passwd')).toMatchObject({ isSettled: true });
  });

  it.each([
    ['grows', (path: string) => appendFileSync(path, 'more')],
    ['is cut off', (path: string) => truncateSync(path, 5)],
  ])('is told to change when it %s while it is read, and is read to an end', async (name, change) => {
    const path = made(name, Buffer.alloc(2 * 1024 * 1024 + 1));
    const seen: number[] = [];
    const onBytes = (chunk: Buffer): void => {
      seen.push(chunk.length);
      change(path);
    };
    expect(await read(path, { onBytes })).toMatchObject({ found: 'CHANGING' });
    expect(seen.length).toBeLessThanOrEqual(3);
  });

  it('is nothing where nothing is', async () => {
    expect(await read(join(folder, 'none'))).toEqual({ found: 'NOTHING', why: 'is not there' });
    expect(await read(join(made('file', ''), 'below'))).toMatchObject({ found: 'NOTHING' });
    symlinkSync(join(folder, 'gone'), join(folder, 'dangling'));
    expect(await read(join(folder, 'dangling'))).toMatchObject({ found: 'NOTHING' });
  });

  it.each([
    '/dev/zero',
    '/dev/null',
    '/dev/tty',
    '/proc/self/mem',
    '/proc/kmsg',
    '/proc/version',
    '/sys/kernel/uevent_seqnum',
  ])('is not read where the kernel makes it up: %s', async (path) => {
    const { found } = await read(path);
    expect(['UNREADABLE', 'NOTHING']).toContain(found);
  });

  it('is not waited for in a pipe, a circle of links, or a name too long', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await read(join(folder, 'pipe'))).toMatchObject({ found: 'UNREADABLE' });
    symlinkSync(join(folder, 'circle'), join(folder, 'circle'));
    expect(await read(join(folder, 'circle'))).toMatchObject({ found: 'UNREADABLE' });
    expect(await read(join(folder, 'n'.repeat(300)))).toMatchObject({ found: 'UNREADABLE' });
  });

  it('is read no further once somebody ends it, however large it is', async () => {
    const path = made('sparse', '');
    truncateSync(path, 2 ** 43);
    const ending = new AbortController();
    const onBytes = (): void => ending.abort(new Error('enough'));
    await expect(read(path, { onBytes, signal: ending.signal })).rejects.toThrow('enough');
  });

  it('is not read where its true place is not allowed', async () => {
    symlinkSync('/etc/passwd', join(folder, 'innocent'));
    const mayRead = (real: string): boolean => real.startsWith(folder);
    expect(await read(join(folder, 'innocent'), { mayRead })).toMatchObject({ found: 'UNREADABLE' });
    expect(await read(made('inside', 'x'), { mayRead })).toMatchObject({ found: 'FILE' });
  });
});

describe('the content of a folder', () => {
  it('has the digest of what sha256sum prints for its files', async () => {
    const path = madeFolder('parts', { 'b/2.csv': 'two', 'a.csv': 'one', 'b/ü\\ \n.csv': 'odd', 'B.csv': '' });
    const printed = execFileSync(
      'sh',
      ['-c', 'find . -type f -printf "%P\\0" | LC_ALL=C sort -z | xargs -0 sha256sum'],
      {
        cwd: path,
      },
    );
    expect(await read(path)).toMatchObject({ found: 'FOLDER', bytes: '9', digest: sha256(printed), wasRead: true });
    expect(await read(path, { algorithm: null })).toEqual({ found: 'SIZE', bytes: '9' });
    expect(await read(path, { algorithm: 'sha512' })).toMatchObject({ found: 'UNREADABLE' });
  });

  it('is read again when a file is added, removed, renamed or changed', async () => {
    const path = madeFolder('changes', { 'a.csv': 'one', 'b.csv': 'two' });
    const first = await read(path);
    if (!('digest' in first)) throw new Error('It was not read.');
    expect(await read(path, { known: first })).toMatchObject({ wasRead: false, digest: first.digest });
    writeFileSync(join(path, 'c.csv'), '');
    expect(await read(path, { known: first })).toMatchObject({ wasRead: true });
    rmSync(join(path, 'c.csv'));
    expect(await read(path, { known: first })).toMatchObject({ wasRead: false });
    writeFileSync(join(path, 'b.csv'), 'TWO');
    const changed = await read(path, { known: first });
    expect(changed).toMatchObject({ wasRead: true });
    expect('digest' in changed && changed.digest).not.toBe(first.digest);
  });

  it('leaves out what does not belong to it, at its top alone', async () => {
    const bare = await read(madeFolder('bare', { 'm/x': '1', 'm/manifest.json': '2' }));
    const noted = await read(madeFolder('noted', { 'm/x': '1', 'm/manifest.json': '2', 'manifest.json': '{}' }), {
      without: ['manifest.json'],
    });
    expect('digest' in noted && noted.digest).toBe('digest' in bare && bare.digest);
  });

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [join(path, 'pipe')])],
    ['a link to a folder', (path: string) => symlinkSync(path, join(path, 'loop'))],
  ])('is not judged when it holds %s', async (name, add) => {
    const path = madeFolder(name, { 'a.csv': 'one' });
    add(path);
    expect(await read(path)).toMatchObject({ found: 'UNREADABLE' });
  });

  it('is not judged when a link in it leads where nobody may read', async () => {
    const path = madeFolder('escape', { 'a.csv': 'one' });
    symlinkSync('/etc/passwd', join(path, 'b.csv'));
    expect(await read(path, { mayRead: (real: string) => real.startsWith(folder) })).toMatchObject({
      found: 'UNREADABLE',
    });
  });
});
