import { parseArgs, type ParseArgsConfig } from 'node:util';
import { causeOf, diskFault, errnoName } from '../../disk/disk-fault.js';
import { SetupError } from '../../neo4j/setup-error.js';

/** A subcommand of `npx weft`. */
export interface Command {
  /** How it is called, shown when it is called wrongly. */
  usage: string;
  /** Does it, and answers the exit code. Throws UsageError when it was called wrongly. */
  run(args: string[]): Promise<number>;
}

export const EXIT = { DONE: 0, PROBLEMS: 1, USAGE: 2 } as const;

/** The command was called wrongly: the message says how, and the usage is shown. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The options, strictly: what is not among them is refused with UsageError. */
export function readOptions<T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
): ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true }>>['values'] {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(error.message);
    throw error;
  }
}

/** The options and the one argument beside them, which must be there: `what` says what it is. */
export function readArgument<T extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: T,
  what: string,
): {
  argument: string;
  options: ReturnType<typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: true }>>['values'];
} {
  try {
    const { values, positionals } = parseArgs({ args, options, strict: true, allowPositionals: true });
    const [argument, another] = positionals;
    if (another !== undefined) throw new UsageError(`There is one ${what}, and ${another} is another.`);
    return { argument: required(argument, what), options: values };
  } catch (error) {
    if (error instanceof TypeError && 'code' in error) throw new UsageError(error.message);
    throw error;
  }
}

/** The value of an option that must be there, or UsageError. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing.`);
  return value;
}

/**
 * Does something with a file that the caller named. That there is none, or that it is of another kind, is their mistake:
 * UsageError. What the disk or the machine refuses is none: SetupError, with what to do.
 */
export async function withFile<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const name = errnoName(error);
    if (name === null || !(error instanceof Error && 'syscall' in error)) throw error;
    const mistake = MISTAKES[name];
    if (mistake !== undefined) throw new UsageError(`${file}: ${mistake}`);
    if (diskFault(error) === null) throw error;
    throw new SetupError(`${file}: ${FAULTS[name] ?? `${causeOf(error)}. ${LOOK}`}`, { cause: error });
  }
}

const MISTAKES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder.',
  ENOTDIR: 'a part of this path is a file, and a folder is wanted.',
  EISDIR: 'this is a folder, and a file is wanted.',
  ENXIO: 'this is a socket or a device, and a file is wanted.',
  EEXIST: 'this file is there already, and is not overwritten.',
  ENAMETOOLONG: 'this name is too long.',
  ELOOP: 'this link leads nowhere.',
};

const LOOK = 'Look after that disk, or give a file elsewhere; then call it again.';
const MORE_FILES = 'too many files are open. Close other programs, or raise the limit (ulimit -n); then call it again.';
const FAULTS: Readonly<Record<string, string>> = {
  EACCES: 'you may not read or write it. Call it as somebody who may, or give a file elsewhere.',
  EPERM: 'you may not read or write it. Call it as somebody who may, or give a file elsewhere.',
  ENOSPC: 'the disk is full. Make room there, or give a file elsewhere; then call it again.',
  EDQUOT: 'the disk quota is used up. Make room there, or give a file elsewhere; then call it again.',
  EFBIG:
    'files there may not become as large. Raise the limit (ulimit -f), or give a file elsewhere; then call it again.',
  EROFS: 'the file system is read-only. Give a file elsewhere.',
  EMFILE: MORE_FILES,
  ENFILE: MORE_FILES,
};
