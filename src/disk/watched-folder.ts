import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';
import { causeOf } from './disk-fault.js';
import { UNFINISHED } from './whole-file.js';

export interface WatchedFolderOptions {
  path: string;
  /** As it is told to anyone, without its path: "The folder for jobs". */
  name: string;
  /** Less free room than this counts as a full disk, in bytes; 0 when not given. */
  minFreeBytes?: number | undefined;
  /** What is to be done, or happens, as a whole sentence; that what waits goes on by itself, when not given. */
  remedy?: string;
  /** How long an answer counts, in milliseconds. */
  freshMs?: number;
}

const { O_CREAT, O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
const FRESH_MS = 500;
/** More than the last bytes of a block that is taken anyway: a disk that takes this takes a record, and a line of a log. */
const PROBE_BYTES = 64 * 1024;
/** A disk that answers nobody is no disk to write to. */
const PATIENCE_MS = 5_000;

/** A folder that must take files, and whether it does: found out by writing one, at most twice a second, whoever asks. */
export class WatchedFolder {
  private asked: { at: number; why: Promise<string | null> } | null = null;

  constructor(private readonly options: WatchedFolderOptions) {}

  /** Why nothing can be written there now, in a sentence for whoever can mend it; null when it can. Never throws. */
  whyNot(): Promise<string | null> {
    const now = performance.now();
    if (this.asked === null || now - this.asked.at > (this.options.freshMs ?? FRESH_MS)) {
      this.asked = { at: now, why: this.look() };
    }
    return this.asked.why;
  }

  private async look(): Promise<string | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`its disk did not answer within ${PATIENCE_MS / 1000} s`), PATIENCE_MS);
    });
    const why = await Promise.race([this.tryToWrite(), late]);
    clearTimeout(timer);
    const { name, remedy = 'What waits for it goes on by itself once it can.' } = this.options;
    return why && `${name} cannot be written to: ${why}. ${remedy}`;
  }

  private async tryToWrite(): Promise<string | null> {
    const { path, minFreeBytes = 0 } = this.options;
    try {
      await makeFolder(path);
      const { bavail, bsize } = await statfs(path);
      const free = bavail * bsize;
      await writeProbe(path);
      return free < minFreeBytes
        ? `the disk is full but for ${free} bytes, and ${minFreeBytes} are to stay free (WEFTLINE_MIN_FREE_BYTES)`
        : null;
    } catch (error) {
      return causeOf(error);
    }
  }
}

/** Always under one name: should we be killed in between, the next probe removes it. */
async function writeProbe(folder: string): Promise<void> {
  const path = join(folder, `.probe${UNFINISHED}`);
  try {
    const file = await open(path, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW, 0o600);
    try {
      // Bytes that no file system packs, and on the disk before it counts: some take all, and fail later.
      await file.writeFile(randomBytes(PROBE_BYTES));
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
