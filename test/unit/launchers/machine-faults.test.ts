/** What the machine does to any file costs no job: what passes is waited for, and only the program's own faults are told as such. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { causeOf, machineFault } from '../../../src/disk/disk-fault.js';
import { whyUnable } from '../../../src/launchers/machine/job-user.js';
import type { Patience } from '../../../src/launchers/runner/room.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import { judgeStartError } from '../../../src/launchers/runner/outcome.js';
import { collectOutput } from '../../../src/launchers/runner/output-collector.js';
import { OutputRefused } from '../../../src/launchers/port/output-refused.js';
import { takeBack } from '../../../src/launchers/runner/run-ownership.js';
import { SpawnRefused, StartFault } from '../../../src/launchers/machine/start-fault.js';
import { type Code, CODES, type Step, systemError, withFault } from '../../support/disk-faults.js';

const OWN: readonly Code[] = ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ENXIO', 'EFBIG'];
const PASSING = CODES.filter((code) => !OWN.includes(code));

/** Tries again at once. */
const stubborn: Patience = async (step) => {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (machineFault(error) === null) throw error;
    }
  }
};

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'weftline-machine-'));
});
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('The output of a program', () => {
  const READING: readonly Step[] = ['open', 'look', 'read'];
  let folder: string;
  beforeAll(() => {
    folder = join(base, 'output');
    mkdirSync(join(folder, 'weights'), { recursive: true });
    for (const name of ['model', 'weights/1', 'weights/2']) writeFileSync(join(folder, name), name.repeat(1_000));
    writeFileSync(join(folder, 'manifest.json'), '{"metrics":{"loss":1}}');
  });

  it.each(READING)('is the same model when the machine fails to %s for a while, whatever it says', async (step) => {
    const whole = await collectOutput(folder, 1_000_000);
    for (const code of PASSING) {
      for (const times of [1, 2, 7]) {
        let output: unknown;
        const fault = { step, code, folder, times };
        const { failures, error } = await withFault(
          fault,
          async () => (output = await collectOutput(folder, 1_000_000, stubborn)),
        );
        expect([failures, error], code).toEqual([times, null]);
        expect(output, code).toEqual(whole);
      }
    }
  });

  it.each(READING)('that the machine never lets us %s is no fault of the program', async (step) => {
    for (const code of PASSING) {
      const { error } = await withFault({ step, code, folder }, () => collectOutput(folder, 1_000_000));
      expect(error, code).not.toBeInstanceOf(OutputRefused);
      expect(machineFault(error), code).not.toBeNull();
      expect(causeOf(error), code).not.toContain(base);
    }
  });

  it('that the program has closed, removed or replaced is refused, without a path of the server', async () => {
    for (const code of OWN) {
      const { error } = await withFault({ step: 'open', code, folder }, () =>
        collectOutput(folder, 1_000_000, stubborn),
      );
      expect(error, code).toBeInstanceOf(OutputRefused);
      expect((error as OutputRefused).code, code).toBe('RESULT_INVALID');
      expect((error as OutputRefused).message, code).not.toContain(base);
    }
  });
});

describe('A program that cannot be started', () => {
  const command = 'train';
  const told = async (error: unknown, folder = base): ReturnType<typeof judgeStartError> =>
    judgeStartError(error, { command, folder });

  it('blames the command only for what the system says of the command', async () => {
    for (const code of CODES) {
      const file = systemError(code, 'open', join(base, 'program.json'));
      for (const error of [file, new StartFault('That it was started could not be written down', file)]) {
        const { state, failure } = await told(error);
        expect({ state, code: failure?.code, retryable: failure?.retryable }, code).toEqual({
          state: 'FAILED',
          code: 'START_FAILED',
          retryable: true,
        });
        expect(failure?.message, code).not.toMatch(/The command|was not found|may not be executed/);
        expect(failure?.message, code).not.toContain(base);
      }
    }
  });

  it.each([
    ['ENOENT', false, 'The command "train" was not found'],
    ['ENOTDIR', false, 'The command "train" was not found'],
    ['EACCES', false, 'The command "train" may not be executed'],
    ['EPERM', false, 'The command "train" may not be executed'],
    ['ENOEXEC', false, 'its file is no program for this machine'],
    ['E2BIG', false, 'its arguments and its environment are longer'],
    ['EINVAL', false, 'the system says EINVAL'],
    ['EMFILE', true, 'The machine could not start another process'],
    ['EAGAIN', true, 'The machine could not start another process'],
    ['ENOMEM', true, 'The machine could not start another process'],
    ['EIO', true, 'The machine could not start another process'],
    ['ETXTBSY', true, 'The machine could not start another process'],
  ])('says of %s what it means, and whether it passes', async (code, retryable, words) => {
    const cause = Object.assign(new Error(`spawn ${base}/train ${code}`), { code, syscall: 'spawn train' });
    const { failure } = await told(new SpawnRefused(cause));
    expect(failure).toMatchObject({ retryable, message: expect.stringContaining(words) as string });
    expect(failure?.message).not.toContain(base);
  });

  it('does not take the folder it begins in for its command', async () => {
    const cause = Object.assign(new Error('spawn train ENOENT'), { code: 'ENOENT', syscall: 'spawn train' });
    const { failure } = await told(new SpawnRefused(cause), join(base, 'gone'));
    expect(failure).toMatchObject({ retryable: true, message: expect.stringContaining('The folder') as string });
  });
});

/** What changes owners needs rights that a server without jobs of another user does not have. */
if (whyUnable() === null)
  describe('What a program of a user of its own left', () => {
    const user = { name: 'nobody', uid: 65_534, gid: 65_534, groups: [65_534], setpriv: '/usr/bin/setpriv' };
    it('is all taken back, also when the machine fails at any of its steps', async () => {
      const { chownSync } = await import('node:fs');
      let runs = 0;
      for (const step of ['open', 'look'] as const) {
        for (const code of PASSING) {
          for (const times of [1, 3]) {
            const run = new RunFolder(join(base, `run-${++runs}`));
            mkdirSync(join(run.output, 'deep/deeper'), { recursive: true });
            mkdirSync(run.work);
            const files = ['model', 'deep/1', 'deep/deeper/2'].map((name) => join(run.output, name));
            for (const file of [...files, run.events]) writeFileSync(file, 'm');
            const folders = [run.output, join(run.output, 'deep'), join(run.output, 'deep/deeper')];
            for (const own of [...files, ...folders, run.work, run.events]) chownSync(own, user.uid, user.gid);
            const fault = { step, code, folder: run.output, times };
            const { failures, error } = await withFault(fault, () => takeBack(run, user, stubborn));
            expect([failures, error], code).toEqual([times, null]);
            expect([...files, ...folders].map((own) => statSync(own).uid)).toEqual(Array(6).fill(0));
          }
        }
      }
    });
  });

describe('The words for a fault', () => {
  it('are not said of what a network or another program refuses by the same name', () => {
    const refused = Object.assign(new Error('listen EACCES: permission denied 0.0.0.0:80'), {
      code: 'EACCES',
      syscall: 'listen',
    });
    expect([machineFault(refused), causeOf(refused)]).toEqual([null, refused.message]);
  });

  it('are said of a quota that is used up, for which Node has no name', () => {
    const error = systemError('EDQUOT', 'write', '/x');
    expect(error.code).toBe('Unknown system error -122');
    expect(causeOf(error)).toBe('the disk quota is used up');
  });

  it('leave out the path where there are none', () => {
    try {
      readFileSync(join(base, 'a'.repeat(5_000)));
    } catch (error) {
      expect(causeOf(error)).toBe('the system says ENAMETOOLONG');
    }
    expect.assertions(1);
  });
});
