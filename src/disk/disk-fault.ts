import { constants } from 'node:os';

/** What keeps a file from being written, in words for whoever can mend it. None names a path. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'files there may not become larger',
  EROFS: 'the file system is read-only',
  EACCES: 'the server may not write there',
  EPERM: 'the server may not write there',
  EIO: 'the disk fails to read or write',
  EREMOTEIO: 'the disk fails to read or write',
  EUCLEAN: 'the file system is damaged',
  ENOENT: 'the folder is gone',
  ENOTDIR: 'the folder is gone',
  ESTALE: 'the folder is gone',
  ENODEV: 'the folder is gone',
  ENXIO: 'the folder is gone',
  ENOTCONN: 'the folder is gone',
  EHOSTDOWN: 'the folder is gone',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ENOMEM: 'the machine has no memory left',
};

/** Of these, what may be the fault of the one file, or of the one rule for it, while all others are fine. */
const OF_ONE_FILE: readonly string[] = ['EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'ENXIO', 'EFBIG'];

/** The calls of Node that go to a file system. What a network or another program refuses has the same codes and other calls. */
const CALLS = new Set(
  (
    'access chdir chmod chown close copyfile cp fchmod fchown fdatasync fstat fsync ftruncate futime lchown link lstat ' +
    'lutime mkdir mkdtemp open opendir read readlink realpath rename rm rmdir scandir stat statfs symlink unlink utime write'
  ).split(' '),
);

/** Node has no name for these: it says "Unknown system error -122" for a quota that is used up. */
const UNNAMED = new Map<unknown, string>([
  [-constants.errno.EDQUOT, 'EDQUOT'],
  [-constants.errno.ESTALE, 'ESTALE'],
  [-117, 'EUCLEAN'],
]);

/** The name of a system error, "ENOENT" for one, also of those for which Node has none; null for what is no such error. */
export function errnoName(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return null;
  return ('errno' in error ? UNNAMED.get(error.errno) : undefined) ?? error.code;
}

/** What of the disk keeps it from being done, "the disk is full" for one; null when it failed for another reason. */
export function diskFault(error: unknown): string | null {
  const name = isOfFiles(error) ? errnoName(error) : null;
  return name !== null && Object.hasOwn(WORDS, name) ? (WORDS[name] ?? null) : null;
}

/**
 * The same of what a machine or its disk does to any file; null also where the file itself may be why, such as one that a
 * program has closed to others: waiting ends that for nobody.
 */
export function machineFault(error: unknown): string | null {
  return OF_ONE_FILE.includes(errnoName(error) ?? '') ? null : diskFault(error);
}

/** A cause as text, without a path of this machine: in our words where the disk is it, else as the error says it. */
export function causeOf(error: unknown): string {
  if (isOfFiles(error)) return diskFault(error) ?? `the system says ${errnoName(error) ?? 'nothing of use'}`;
  return error instanceof Error ? error.message : String(error);
}

function isOfFiles(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && typeof error.syscall === 'string' && CALLS.has(error.syscall);
}
