import { diskFault } from '../disk/disk-fault.js';
import { parseArgs, type ParseArgsConfig } from 'node:util';

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

/** The value of an option that must be there, or UsageError. */
export function required(value: string | undefined, option: string): string {
  if (value === undefined || value === '') throw new UsageError(`${option} is missing.`);
  return value;
}

/** Does something with a file that the caller named. That it cannot be read or written is their mistake: UsageError. */
export async function withFile<T>(file: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
    const fault = diskFault(error);
    throw new UsageError(`${file}: ${REASONS[String(error.code)] ?? (fault === null ? error.message : `${fault}.`)}`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder.',
  EACCES: 'you may not read or write it.',
  EISDIR: 'this is a folder, and a file is wanted.',
  EEXIST: 'this file is there already, and is not overwritten.',
};
