import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { tryLock, withLock } from '../../src/neo4j/embedded/file-lock.js';
import { identifyProcess, identifySelf, isAlive, parseIdentity } from '../../src/neo4j/embedded/process-identity.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a lock between processes', () => {
  it('is taken once, and again after it was given back', () => {
    const lock = tryLock(path);
    expect(lock).not.toBeNull();
    expect(tryLock(path)).toBeNull();
    lock?.release();
    expect(tryLock(path)).not.toBeNull();
  });

  it('lets one of many work at a time', async () => {
    let inside = 0;
    const most: number[] = [];
    const work = async (): Promise<void> => {
      inside += 1;
      most.push(inside);
      await Promise.resolve();
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => withLock(path, work)));
    expect(most).toEqual([1, 1, 1, 1, 1]);
  });

  it('is given back when the work fails', async () => {
    await expect(withLock(path, () => Promise.reject(new Error('No.')))).rejects.toThrow('No.');
    expect(existsSync(path)).toBe(false);
  });

  it('is taken from a holder that died', () => {
    writeFileSync(path, JSON.stringify({ pid: deadPid(), startedAt: 'long ago' }));
    expect(tryLock(path)).not.toBeNull();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(identifySelf());
  });

  it('is taken from a holder whose pid now belongs to another process', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startedAt: 'before this one' }));
    expect(tryLock(path)).not.toBeNull();
  });

  it('is left to whoever is just writing it, and taken when nobody has for long', () => {
    writeFileSync(path, '');
    expect(tryLock(path)).toBeNull();
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    expect(tryLock(path)).not.toBeNull();
  });

  it('stops waiting with the reason of an interruption', async () => {
    tryLock(path);
    const signal = AbortSignal.abort(new Error('Enough.'));
    await expect(withLock(path, () => Promise.resolve(), { signal })).rejects.toThrow('Enough.');
  });
});

describe('the identity of a process', () => {
  it('is the same at every look while it runs, and survives JSON', () => {
    expect(identifyProcess(process.pid)).toEqual(identifySelf());
    expect(parseIdentity(JSON.parse(JSON.stringify(identifySelf())))).toEqual(identifySelf());
    expect(isAlive(identifySelf())).toBe(true);
  });

  it('is unknown for a process that ended', () => {
    expect(identifyProcess(deadPid())).toBeNull();
  });

  it.each([null, 1, {}, { pid: 0, startedAt: '' }, { pid: 1.5, startedAt: '' }, { pid: 1 }])(
    'is not read out of %j',
    (value) => {
      expect(parseIdentity(value)).toBeNull();
    },
  );
});

function deadPid(): number {
  const { pid } = spawnSync(process.execPath, ['--version']);
  return pid;
}
