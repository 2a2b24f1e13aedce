import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock, unlock } from '../../../src/launchers/files/file-lock.js';
import { identifyProcess } from '../../../src/launchers/machine/process-identity.js';

describe('a lock in a file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'weftline-lock-'));
    path = join(folder, 'lock');
  });
  afterEach(async () => await rm(folder, { recursive: true, force: true }));

  const us = async (): ReturnType<typeof identifyProcess> => await identifyProcess(process.pid);
  const dead = { pid: process.pid, start: '1', boot: 'another' };

  it('has one holder among many that try at once', async () => {
    const owner = (await us()) ?? dead;
    const takes = await Promise.all(Array.from({ length: 20 }, () => tryLock(path, owner)));
    expect(takes.filter(Boolean)).toHaveLength(1);
    await unlock(path);
    expect(await tryLock(path, owner)).toBe(true);
  });

  it('is cleared away after a holder that died, also when another died clearing it, and leaves nothing behind', async () => {
    const owner = (await us()) ?? dead;
    expect(await tryLock(path, dead)).toBe(true);
    expect(await tryLock(`${path}~`, { ...dead, start: '2' })).toBe(true);
    let taken = 0;
    for (let round = 0; round < 5; round += 1) {
      const takes = await Promise.all(Array.from({ length: 8 }, () => tryLock(path, owner)));
      taken += takes.filter(Boolean).length;
    }
    expect(taken).toBe(1);
    expect(await readdir(folder)).toEqual(['lock']);
  });
});
