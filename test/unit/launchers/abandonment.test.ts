import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Abandonment } from '../../../src/launchers/run-folder/abandonment.js';
import { createJson } from '../../../src/launchers/files/json-file.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import { readLife, showLife } from '../../../src/launchers/run-folder/heartbeat.js';
import { Staleness } from '../../../src/launchers/run-folder/staleness.js';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'weftline-abandonment-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

let ms: number;
beforeEach(() => (ms = 1_000_000));
const after = (seconds: number): void => void (ms += seconds * 1000);

describe('standing still', () => {
  it('takes the whole time, by looks that are not too far apart', () => {
    const stillness = new Staleness(() => ms);
    const look = (sign: string): boolean => stillness.hasLasted('a', sign, 30_000);
    expect(look('1')).toBe(false);
    after(10);
    expect(look('1')).toBe(false);
    after(10);
    expect(look('1')).toBe(false);
    after(10);
    expect(look('1')).toBe(true);
    expect(look('2')).toBe(false);
    after(14);
    expect(look('2')).toBe(false);
    expect(stillness.hasLasted('b', '2', 30_000)).toBe(false);
  });

  it('is not what a machine does that slept between two looks, whose runner slept as well', () => {
    const stillness = new Staleness(() => ms);
    const look = (sign: string): boolean => stillness.hasLasted('a', sign, 30_000);
    look('1');
    after(3600);
    expect(look('1')).toBe(false);
    after(5);
    expect(look('2')).toBe(false);
  });

  it('begins anew with what was forgotten, and lasts at once where no time is asked for', () => {
    const stillness = new Staleness(() => ms);
    stillness.hasLasted('a', '1', 10_000);
    after(5);
    stillness.hasLasted('a', '1', 10_000);
    stillness.forget('a');
    after(5);
    expect(stillness.hasLasted('a', '1', 10_000)).toBe(false);
    expect(stillness.hasLasted('a', '1', 0)).toBe(true);
  });
});

describe('a run that its engine has lost sight of', () => {
  const OWNER = { pid: 1, start: '1', boot: 'another machine' };
  let abandonment: Abandonment;
  let run: RunFolder;
  let runs = 0;
  beforeEach(async () => {
    abandonment = new Abandonment({ settleSeconds: 5, quietSeconds: 30 }, () => ms);
    run = new RunFolder(join(directory, `run-${(runs += 1)}`));
    await mkdir(run.path);
  });
  /** Its use at looks five seconds apart. */
  const looks = async (count: number): Promise<string[]> => {
    const uses = [];
    for (let look = 0; look < count; look++) {
      uses.push(await abandonment.useOf(run));
      after(5);
    }
    return uses;
  };

  it('is in use while the sign changes, whatever the clocks of the machines say, and left once it does not', async () => {
    await createJson(run.claim, { owner: OWNER });
    await writeFile(run.alive, '');
    for (const time of [5_000, 4_000, 3_000, 9_000_000_000]) {
      await utimes(run.alive, time, time);
      expect(await looks(6)).toEqual(Array(6).fill('IN_USE'));
    }
    expect(await looks(1)).toEqual(['LEFT']);
    expect(await run.isAbandoned()).toBe(true);
    expect(await new Abandonment({ settleSeconds: 5, quietSeconds: 30 }).useOf(run)).toBe('LEFT');
  });

  it('is in use for as long without any sign, for a runner of an earlier Weftline shows none', async () => {
    await createJson(run.claim, { owner: OWNER });
    expect(await looks(7)).toEqual([...Array<string>(6).fill('IN_USE'), 'LEFT']);
  });

  it('is closed to runners when none came, unless one comes just then', async () => {
    expect(await looks(2)).toEqual(['IN_USE', 'IN_USE']);
    await createJson(run.claim, { owner: OWNER });
    expect(await looks(1)).toEqual(['IN_USE']);
    await rm(run.claim);
    expect(await looks(3)).toEqual(['IN_USE', 'IN_USE', 'NEVER_TAKEN']);
    expect(await run.readClaim()).toEqual({ owner: null });
    expect(await new Abandonment({ settleSeconds: 5, quietSeconds: 30 }).useOf(run)).toBe('NEVER_TAKEN');
  });
});

describe('the sign of life', () => {
  it('changes until it is ended, also when its file was removed, and tells its runner that it was given up', async () => {
    const run = new RunFolder(join(directory, 'living'));
    await mkdir(run.path);
    expect(await readLife(run.alive)).toBeNull();
    let isAbandoned = false;
    const end = showLife(run, 0.01, () => (isAbandoned = true));
    await expect.poll(() => readLife(run.alive)).not.toBeNull();
    const first = await readLife(run.alive);
    await expect.poll(() => readLife(run.alive)).not.toBe(first);
    await rm(run.alive);
    await expect.poll(() => readLife(run.alive)).not.toBeNull();
    expect(isAbandoned).toBe(false);
    await createJson(run.abandoned, {});
    await expect.poll(() => isAbandoned).toBe(true);
    end();
  });
});
