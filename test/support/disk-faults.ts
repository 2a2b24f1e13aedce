/**
 * A disk that fails at one step, below one folder: for the faults that no test can make for real, and for all of them at every step.
 * It takes the place of Node's own functions, which every import of `node:fs` sees from then on, and puts them back.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { constants } from 'node:os';

export const STEPS = [
  'make the folder',
  'make a folder of a new name',
  'open',
  'look',
  'read',
  'write',
  'flush',
  'close',
  'put in place',
  'remove',
] as const;
export type Step = (typeof STEPS)[number];

/** What Linux says of a disk that takes nothing, and why each is told apart. */
export const CODES = [
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOENT',
  'ENOTDIR',
  'ENODEV',
  'ENXIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ESTALE',
  'ENOTCONN',
] as const;
export type Code = (typeof CODES)[number];

type Call = (...args: unknown[]) => unknown;

/** Which functions do a step, with a path or a descriptor as their first argument; those that move have another as the second. */
const SYNC: Record<Step, readonly string[]> = {
  'make the folder': ['mkdirSync'],
  'make a folder of a new name': ['mkdtempSync'],
  open: ['openSync', 'writeFileSync'],
  look: ['lstatSync', 'statSync', 'readdirSync', 'accessSync', 'realpathSync', 'readlinkSync'],
  read: ['readSync', 'readFileSync'],
  write: ['writeSync'],
  flush: ['fsyncSync'],
  close: ['closeSync'],
  'put in place': ['renameSync', 'linkSync'],
  remove: ['rmSync', 'unlinkSync'],
};
const LATER: Record<Step, readonly string[]> = {
  'make the folder': ['mkdir'],
  'make a folder of a new name': ['mkdtemp'],
  open: ['open', 'writeFile'],
  look: ['lstat', 'stat', 'opendir', 'readdir', 'access', 'realpath', 'readlink'],
  read: ['readFile'],
  write: [],
  flush: [],
  close: [],
  'put in place': ['rename', 'link'],
  remove: ['rm', 'unlink'],
};
const OF_HANDLES: Partial<Record<Step, readonly string[]>> = {
  read: ['read', 'readFile'],
  write: ['writeFile', 'write'],
  flush: ['sync'],
  close: ['close'],
};
/** What the system calls it that Node calls otherwise. */
const SYSCALLS: Readonly<Record<string, string>> = {
  writeFile: 'open',
  readFile: 'open',
  sync: 'fsync',
  rm: 'unlink',
  readdir: 'scandir',
};

/** An error as Node makes it of what the system says, with a path as messages of the system have it. */
export function systemError(code: Code, call: string, path: string): NodeJS.ErrnoException {
  const own = call.replace(/Sync$/, '');
  const syscall = SYSCALLS[own] ?? own;
  const errno = -constants.errno[code];
  // Node has no name for these.
  const name = code === 'EDQUOT' || code === 'ESTALE' ? `Unknown system error ${errno}` : code;
  return Object.assign(new Error(`${name}: it fails, ${syscall} '${path}'`), { code: name, syscall, errno, path });
}

export interface Fault {
  step: Step;
  code: Code;
  /** Below which everything fails. */
  folder: string;
  /** How often it fails before it passes; for ever, when not given. */
  times?: number;
}

/** Does the work while the step fails so below the folder; answers how often it did. */
export async function withFault(
  { step, code, folder, times = Infinity }: Fault,
  work: () => unknown,
): Promise<{ failures: number; error: unknown }> {
  let failures = 0;
  const failNow = (call: string): void => {
    if (failures >= times) return;
    failures += 1;
    throw systemError(code, call, folder);
  };
  const isBelow = (path: unknown): boolean => String(path).startsWith(folder);
  const [sync, later] = [fs, fs.promises];
  const undo: (() => void)[] = [];
  const replace = (calls: object, name: string, made: (own: Call) => Call): void => {
    const own = Reflect.get(calls, name) as Call;
    Reflect.set(calls, name, made(own));
    undo.push(() => Reflect.set(calls, name, own));
  };
  for (const name of SYNC[step])
    replace(sync, name, (own) => (...args) => {
      // What was opened is closed, whatever the disk says of it.
      if (step === 'close') own.apply(fs, args);
      if (typeof args[0] === 'number' || isBelow(args[0])) failNow(name);
      return step === 'close' ? undefined : own.apply(fs, args);
    });
  // Written whole by one call, half of it is there when it fails.
  if (step === 'write' || step === 'flush')
    replace(sync, 'writeFileSync', (own) => (...args): unknown => {
      if (!isBelow(args[0]) || failures >= times) return own.apply(fs, args);
      own.call(fs, args[0], String(args[1]).slice(0, 3), args[2]);
      failNow('write');
      return undefined;
    });
  for (const name of LATER[step])
    replace(later, name, (own) => async (...args) => {
      if (isBelow(args[0])) failNow(name);
      return await own.apply(fs.promises, args);
    });
  const inHandles = OF_HANDLES[step];
  if (inHandles)
    replace(later, 'open', (own) => async (...args) => {
      const handle = (await own.apply(fs.promises, args)) as object;
      if (isBelow(args[0]))
        for (const name of inHandles)
          replace(handle, name, (ofHandle) => async (...given) => {
            if (step === 'close') await ofHandle.apply(handle, given);
            failNow(name);
            return step === 'close' ? undefined : await ofHandle.apply(handle, given);
          });
      return handle;
    });
  if (step === 'write' || step === 'flush')
    replace(later, 'writeFile', (own) => async (...args) => {
      if (!isBelow(args[0]) || failures >= times) return await own.apply(fs.promises, args);
      await (own.call(fs.promises, args[0], String(args[1]).slice(0, 3), args[2]) as Promise<unknown>);
      failNow('write');
      return undefined;
    });
  syncBuiltinESMExports();
  try {
    await work();
    return { failures, error: null };
  } catch (error) {
    return { failures, error };
  } finally {
    undo.reverse().forEach((each) => each());
    syncBuiltinESMExports();
  }
}
