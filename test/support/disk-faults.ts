/**
 * A disk that fails at one step, below one folder: for the faults that no test can make for real, and for all of them at every step.
 * It takes the place of Node's own functions, which every import of `node:fs` sees from then on, and puts them back.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

export const STEPS = ['make the folder', 'open', 'write', 'flush', 'put in place'] as const;
export type Step = (typeof STEPS)[number];

/** What Linux says of a disk that takes nothing, and why each is told apart. */
export const CODES = [
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EACCES',
  'EIO',
  'ENOENT',
  'ENOTDIR',
  'EMFILE',
  'ENFILE',
  'ESTALE',
] as const;
export type Code = (typeof CODES)[number];

type Call = (...args: unknown[]) => unknown;

/** Which functions do a step, with a path or a descriptor as their first argument; those that move have another as the second. */
const SYNC: Record<Step, readonly string[]> = {
  'make the folder': ['mkdirSync'],
  open: ['openSync', 'writeFileSync'],
  write: ['writeSync'],
  flush: ['fsyncSync'],
  'put in place': ['renameSync', 'linkSync'],
};
const LATER: Record<Step, readonly string[]> = {
  'make the folder': ['mkdir'],
  open: ['open', 'writeFile'],
  write: [],
  flush: [],
  'put in place': ['rename', 'link'],
};
const OF_HANDLES: Partial<Record<Step, readonly string[]>> = { write: ['writeFile', 'write'], flush: ['sync'] };

/** Does the work while the step fails so below the folder; answers how often it did. */
export async function withFault(
  { step, code, folder }: { step: Step; code: Code; folder: string },
  work: () => unknown,
): Promise<{ failures: number; error: unknown }> {
  let failures = 0;
  const fail = (call: string): never => {
    failures += 1;
    throw Object.assign(new Error(`${code}: it fails, ${call} '${folder}'`), { code, syscall: call, errno: -1 });
  };
  const isBelow = (path: unknown): boolean => typeof path === 'string' && path.startsWith(folder);
  const [sync, later] = [fs, fs.promises];
  const undo: (() => void)[] = [];
  const replace = (calls: object, name: string, made: (own: Call) => Call): void => {
    const own = Reflect.get(calls, name) as Call;
    Reflect.set(calls, name, made(own));
    undo.push(() => Reflect.set(calls, name, own));
  };
  for (const name of SYNC[step])
    replace(sync, name, (own) => (...args) => {
      if (typeof args[0] === 'number' || isBelow(args[0])) fail(name);
      return own.apply(fs, args);
    });
  // Written whole by one call, half of it is there when it fails.
  if (step === 'write' || step === 'flush')
    replace(sync, 'writeFileSync', (own) => (...args) => {
      if (!isBelow(args[0])) return own.apply(fs, args);
      own.call(fs, args[0], String(args[1]).slice(0, 3), args[2]);
      return fail('write');
    });
  for (const name of LATER[step])
    replace(later, name, (own) => async (...args) => {
      if (isBelow(args[0])) fail(name);
      return await own.apply(fs.promises, args);
    });
  const inHandles = OF_HANDLES[step];
  if (inHandles) {
    replace(later, 'open', (own) => async (...args) => {
      const handle = (await own.apply(fs.promises, args)) as object;
      if (isBelow(args[0]))
        for (const name of inHandles) Reflect.set(handle, name, () => Promise.resolve().then(() => fail(name)));
      return handle;
    });
    replace(later, 'writeFile', (own) => async (...args) => {
      if (!isBelow(args[0])) return await own.apply(fs.promises, args);
      await (own.call(fs.promises, args[0], String(args[1]).slice(0, 3), args[2]) as Promise<unknown>);
      return fail('write');
    });
  }
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
