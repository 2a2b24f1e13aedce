import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readJson, writeJsonInto } from '../../../src/launchers/files/json-file.js';
import { type FullDisk, fullDisk } from '../../support/full-disk.js';

let disk: FullDisk;
const at = (name: string): string => join(disk.path, name);
beforeEach(() => {
  disk = fullDisk(1);
});
afterEach(() => {
  disk.free();
  disk.remove();
});

const value = { state: 'FAILED', metrics: { loss: [1, 2, 3] } };

describe('A record for which room was kept', () => {
  it('is written on a full disk, reads back whole, and gives no room to others', async () => {
    writeFileSync(at('reserve'), Buffer.alloc(64 * 1024));
    disk.fill();
    expect(await writeJsonInto(at('reserve'), at('exit.json'), value)).toBe(true);
    expect(await readJson(at('exit.json'), z.unknown())).toEqual(value);
    expect(disk.names().filter((name) => name !== 'filler')).toEqual(['exit.json']);
    expect(() => writeFileSync(at('another'), 'x'.repeat(8_192))).toThrow();
  });

  it('is not written where the room is gone, is too small, or is something else by now', async () => {
    const secret = at('secret');
    writeFileSync(secret, ' '.repeat(64 * 1024));
    writeFileSync(at('small'), '....');
    symlinkSync(secret, at('link'));
    for (const kept of ['nowhere', 'small', 'link'])
      expect(await writeJsonInto(at(kept), at('exit.json'), value), kept).toBe(false);
    expect(readFileSync(secret, 'utf8').trim()).toBe('');
    rmSync(at('link'));
    expect(await readJson(at('exit.json'), z.unknown())).toBeNull();
  });
});
