import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditKey, CheckpointFiles } from '../../src/audit/checkpoints/checkpoint-files.js';
import { auditKeygen } from '../../src/cli/audit-keygen.js';
import { UsageError } from '../../src/cli/calling/command.js';
import { causeOf, diskFault } from '../../src/disk/disk-fault.js';
import { isThere, isThereSoon } from '../../src/disk/presence.js';
import { WatchedFolder } from '../../src/disk/watched-folder.js';
import { createFile, createFileSync, replaceFile, replaceFileSync } from '../../src/disk/whole-file.js';
import { keepNewAdminToken } from '../../src/installation.js';
import { SetupError } from '../../src/neo4j/setup-error.js';
import { openHome } from '../../src/neo4j/embedded/home.js';
import { identifySelf, isAlive, seemsAlive } from '../../src/neo4j/embedded/process-identity.js';
import { tryLock } from '../../src/neo4j/embedded/file-lock.js';
import type { TokenService } from '../../src/principals/tokens/token.service.js';
import { createJson, writeJson } from '../../src/launchers/files/json-file.js';
import { placeOrder } from '../../src/launchers/run-folder/run-order.js';
import { RunFolder, type RunOrder } from '../../src/launchers/run-folder/run-folder.js';
import { LogWriter } from '../../src/launchers/logs/log-writer.js';
import { CODES, type Step, STEPS, systemError, withFault } from '../support/disk-faults.js';

/**
 * Every writer of the product, on a disk that fails at every step in every way. `test/contract/writers.test.ts` holds the list of who
 * writes: a new one enters this table.
 */
interface Writer {
  /** What it writes below the folder, anew each time; throws what kept it from that. */
  write: (folder: string) => unknown;
  /** What stands there when it is done. */
  file: string;
  /** It replaces what stood there, which stays when it fails. */
  replaces?: boolean;
  /** Steps that come when it is there, and whole. */
  endsBefore?: readonly Step[];
  /** Of a folder, a file that is there when all is. */
  whole?: string;
}

const ORDER = {
  jobId: 'job',
  attempt: 1,
  spec: { inputs: [], parameters: {}, command: ['true'], limits: { logBytes: 1, outputBytes: 1 } },
} as unknown as RunOrder;
const TOKENS = { mintAdminToken: () => Promise.resolve({ secret: 'new' }) } as unknown as TokenService;

const WRITERS: Record<string, Writer> = {
  'a file that replaces another': { write: (at) => replaceFile(join(at, 'f'), 'new'), file: 'f', replaces: true },
  'the same in one step': { write: (at) => replaceFileSync(join(at, 'f'), 'new'), file: 'f', replaces: true },
  'a file that is made once': { write: (at) => createFile(join(at, 'f'), 'new'), file: 'f' },
  'the same, made in one step': { write: (at) => createFileSync(join(at, 'f'), 'new'), file: 'f' },
  'a record of a job': { write: (at) => writeJson(join(at, 'f'), { new: true }), file: 'f', replaces: true },
  'the claim of a job': { write: (at) => createJson(join(at, 'f'), { new: true }), file: 'f' },
  'the order of a job': {
    write: (at) => placeOrder(new RunFolder(join(at, 'job-1')), ORDER),
    file: 'job-1',
    whole: 'job-1/spec.json',
  },
  'a checkpoint': {
    write: (at) => new CheckpointFiles(join(at, 'audit')).write(7, 'new'),
    file: 'audit/checkpoint-000000000007',
    replaces: true,
  },
  'the mark that entries are marked': {
    write: (at) => new CheckpointFiles(join(at, 'audit')).noteMarked(),
    file: 'audit/.entries-are-marked',
  },
  'the key of the audit log': {
    write: (at) => auditKey(join(at, 'keys/key'), 'name'),
    file: 'keys/key',
    endsBefore: ['read'],
  },
  'the token of the administrator': {
    write: (at) => keepNewAdminToken(TOKENS, join(at, 'admin-token')),
    file: 'admin-token',
    replaces: true,
  },
  'the home of Neo4j': { write: (at) => openHome(join(at, 'neo4j')), file: 'neo4j' },
  'a lock between processes': { write: (at) => tryLock(join(at, 'lock')), file: 'lock' },
  'the key pair of a command': {
    write: (at) => auditKeygen.run(['--name', 'n', '--out', join(at, 'key')]),
    file: 'key',
  },
  'the log of a job': { write: (at) => new LogWriter(join(at, 'log'), 1_000).close(), file: 'log' },
};

let base: string;
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'weftline-faults-'));
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(console, 'error').mockReturnValue(undefined);
});
afterAll(() => {
  vi.restoreAllMocks();
  rmSync(base, { recursive: true, force: true });
});

/** In the words of the disk, or as a command says it. */
function saysWhy(error: unknown): boolean {
  return error instanceof UsageError || error instanceof SetupError || diskFault(error) !== null;
}

/** What nobody finishes any more: files, and folders of orders that were not given. */
function unfinishedIn(folder: string): string[] {
  const all = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return all.filter((name) => /\.tmp$|\.incoming\/|\.part$|partial-/.test(name));
}

/** All files below, with what is in them. */
function filesIn(folder: string): Record<string, string> {
  const found = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    found.map((each) => [
      join(each.parentPath, each.name).slice(folder.length),
      readFileSync(join(each.parentPath, each.name), 'utf8'),
    ]),
  );
}

function freshFolder({ file, replaces }: Writer): string {
  const folder = join(base, randomBytes(6).toString('hex'));
  mkdirSync(join(folder, file, '..'), { recursive: true });
  if (replaces) writeFileSync(join(folder, file), 'old');
  return folder;
}

describe.each(Object.entries(WRITERS))('%s', (_, writer) => {
  it('is written where nothing is in the way', async () => {
    const folder = freshFolder(writer);
    const before = filesIn(folder);
    await writer.write(folder);
    expect(readdirSync(join(folder, writer.file, '..'))).toContain(writer.file.split('/').at(-1));
    if (writer.replaces) expect(filesIn(folder)).not.toEqual(before);
    expect(unfinishedIn(folder)).toEqual([]);
  });

  it('is kept from it at one step at least, so that the rows below try something', async () => {
    const failures = [];
    for (const step of STEPS) {
      const folder = freshFolder(writer);
      failures.push((await withFault({ step, code: 'EIO', folder }, () => writer.write(folder))).failures);
    }
    expect(failures.filter((count) => count > 0)).not.toEqual([]);
  });

  it.each(STEPS)(
    'fails to %s: is written all the same, or says why and leaves what was there, and is written afterwards',
    async (step) => {
      for (const code of CODES) {
        const folder = freshFolder(writer);
        const before = filesIn(folder);
        const { failures, error } = await withFault({ step, code, folder }, () => writer.write(folder));
        if (error === null) {
          expect(existsSync(join(folder, writer.whole ?? writer.file)), code).toBe(true);
          if (writer.replaces) expect(filesIn(folder), code).not.toEqual(before);
        } else {
          expect(failures, code).toBeGreaterThan(0);
          expect(saysWhy(error), `${code}: ${causeOf(error)}`).toBe(true);
          // What could not be removed goes with the next that is.
          if (step !== 'remove' && !writer.endsBefore?.includes(step)) expect(filesIn(folder), code).toEqual(before);
          await writer.write(folder);
          expect(existsSync(join(folder, writer.file)), code).toBe(true);
          if (writer.replaces) expect(filesIn(folder), code).not.toEqual(before);
        }
        await replaceFile(join(base, 'another'), '');
        expect(unfinishedIn(folder), code).toEqual([]);
      }
    },
  );
});

describe('A folder that is watched', () => {
  it.each(STEPS)('that cannot %s is told in words for anyone, and is fine afterwards', async (step) => {
    for (const code of CODES) {
      const path = join(base, `watched-${randomBytes(6).toString('hex')}`);
      const folder = new WatchedFolder({ path, name: 'The folder for jobs', freshMs: 0 });
      let said: string | null = null;
      const { failures } = await withFault({ step, code, folder: path }, async () => (said = await folder.whyNot()));
      if (failures === 0) continue;
      const words = diskFault(systemError(code, 'open', path)) ?? '';
      expect(said, code).toContain(`The folder for jobs cannot be written to: ${words}.`);
      expect(said, code).not.toContain(path);
      expect(await folder.whyNot()).toBeNull();
      expect(readdirSync(path)).toEqual([]);
    }
  });
});

describe('The log of a job that is running', () => {
  it('loses what cannot be written, says so once, and goes on', async () => {
    for (const code of CODES) {
      const folder = freshFolder({ write: () => undefined, file: 'log' });
      const said = vi.spyOn(console, 'error').mockClear();
      const log = new LogWriter(join(folder, 'log'), 1_000);
      const { failures, error } = await withFault({ step: 'write', code, folder }, () => {
        log.note('lost');
        log.write('STDOUT', Buffer.from('lost too\n'));
      });
      expect([failures, error, said.mock.calls.length], code).toEqual([2, null, 1]);
      log.note('kept');
      log.close();
      expect(filesIn(folder)['/log']).toMatch(/^\S+ SYSTEM kept\n$/);
    }
  });
});

/** What a disk says that cannot be looked at; these three say that there is nothing. */
const UNSEEN = CODES.filter((code) => !['ENOENT', 'ENOTDIR'].includes(code));

describe('Where nobody can tell whether a thing is there', () => {
  it('no file is taken for missing', async () => {
    for (const code of UNSEEN) {
      const folder = freshFolder({ write: () => undefined, file: 'kept' });
      writeFileSync(join(folder, 'kept'), '');
      const look = (work: () => unknown): ReturnType<typeof withFault> =>
        withFault({ step: 'look', code, folder }, work);
      expect(causeOf((await look(() => isThere(join(folder, 'kept')))).error)).toBe(
        causeOf(systemError(code, 'stat', '')),
      );
      expect(causeOf((await look(() => isThereSoon(join(folder, 'kept')))).error)).toBe(
        causeOf(systemError(code, 'stat', '')),
      );
      expect([isThere(join(folder, 'kept')), await isThereSoon(join(folder, 'kept'))]).toEqual([true, true]);
      expect([isThere(join(folder, 'kept/in')), await isThereSoon(join(folder, 'kept/in'))]).toEqual([false, false]);
      expect([isThere(join(folder, 'x'.repeat(300))), await isThereSoon(join(folder, 'none'))]).toEqual([false, false]);
    }
  });

  it('no log is believed whose entries should be marked', async () => {
    for (const code of UNSEEN) {
      const folder = freshFolder({ write: () => undefined, file: 'audit' });
      const files = new CheckpointFiles(folder);
      files.noteMarked();
      const { error } = await withFault({ step: 'look', code, folder }, () => files.hasMarked);
      expect(error, code).not.toBeNull();
      expect(files.hasMarked).toBe(true);
    }
  });

  it.runIf(process.platform === 'linux')('no process is taken for dead', async () => {
    const self = identifySelf();
    for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EIO'] as const) {
      expect(
        (await withFault({ step: 'read', code, folder: '/proc' }, () => isAlive(self))).error,
        code,
      ).not.toBeNull();
      let seems = false;
      await withFault({ step: 'read', code, folder: '/proc' }, () => (seems = seemsAlive(self)));
      expect(seems, code).toBe(true);
    }
    expect([isAlive(self), seemsAlive(self)]).toEqual([true, true]);
    expect(seemsAlive({ ...self, startedAt: 'another' })).toBe(false);
  });
});
