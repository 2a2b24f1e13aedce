/** What keeps a file from being written, in words for whoever can mend it. None names a path. */
const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'files there may not become larger',
  EROFS: 'the file system is read-only',
  EACCES: 'the server may not write there',
  EPERM: 'the server may not write there',
  EIO: 'the disk fails to read or write',
  ENOENT: 'the folder is gone',
  ENOTDIR: 'the folder is gone',
  ESTALE: 'the folder is gone',
  ENODEV: 'the folder is gone',
  ENXIO: 'the folder is gone',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
};

/** What of the disk keeps it from being done, "the disk is full" for one; null when it failed for another reason. */
export function diskFault(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && Object.hasOwn(WORDS, code) ? (WORDS[code] ?? null) : null;
}

/** A cause as text: in our words where the disk is it, else as the error says it. */
export function causeOf(error: unknown): string {
  return diskFault(error) ?? (error instanceof Error ? error.message : String(error));
}
