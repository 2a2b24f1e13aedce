import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, makeFolderSync } from '../../src/disk/make-folder.js';

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'weftline-folders-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe.each([
  ['A folder', makeFolder],
  [
    'A folder, in one step',
    async (...args: Parameters<typeof makeFolderSync>) => await Promise.resolve().then(() => makeFolderSync(...args)),
  ],
] as const)('%s', (name, make) => {
  it('is made with those above it, and made again without harm', async () => {
    const path = join(base, name, 'a/b/c');
    await make(path);
    await make(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(base, name)).mode & 0o777).toBe(0o700);
    await make(relative(process.cwd(), join(base, name, 'd/e')), { mode: 0o711 });
    expect(statSync(join(base, name, 'd/e')).mode & 0o777).toBe(0o711);
  });

  it('that cannot be made is told at once, also below folders that take none', async () => {
    const file = join(base, `${name} as a file`);
    writeFileSync(file, '');
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(make(join(file, 'below'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    await expect(make('')).rejects.toMatchObject({ code: 'ENOENT' });
    if (process.platform !== 'linux') return;
    for (const path of ['/proc/nope', '/proc/nope/a/b', '/proc/self/nope', '/sys/nope/a'])
      await expect(make(path), path).rejects.toMatchObject({ syscall: 'mkdir' });
  });
});
