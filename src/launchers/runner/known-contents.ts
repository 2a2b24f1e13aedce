/**
 * What files had when they were last read, so that what looks the same is not read again for each job: one small record per path
 * in the folder of the launcher, which its machines share. It holds digests alone. Who runs programs as the user of the
 * runner trusts them with it, as with all that user may write.
 */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Content, Known, Question } from '../../disk/content/content.js';
import { diskFault } from '../../disk/disk-fault.js';
import { makeFolder } from '../../disk/make-folder.js';
import { legible } from '../files/damaged-file.js';
import { readJson, writeJson } from '../files/json-file.js';

/** Of more, the older half goes: what is still used is read once more. */
const MOST_RECORDS = 5_000;

const knownSchema = z.object({
  path: z.string(),
  fingerprint: z.string().max(200),
  digest: z.string().regex(/^[a-z0-9-]{2,20}:[0-9a-f]{32,128}$/),
  bytes: z.string().regex(/^\d{1,20}$/),
});

export class KnownContents {
  private readonly folder: string;

  /** The folder is that of the launcher. */
  constructor(directory: string) {
    this.folder = join(directory, '.digests');
  }

  /** What is known of the path; null when nothing is, and when the record is of no use. */
  async of(question: Question): Promise<Known | null> {
    const known = await orNull(legible(readJson(this.fileOf(question), knownSchema)));
    return known?.path === question.path && known.digest.startsWith(`${question.algorithm}:`) ? known : null;
  }

  /** Remembers what was read. What cannot be remembered, as on a full disk, is read again. */
  async note(question: Question, content: Content): Promise<void> {
    if (!('digest' in content) || !content.wasRead || !content.isSettled) return;
    const { fingerprint, digest, bytes } = content;
    const keep = async (): Promise<void> => {
      await makeFolder(this.folder);
      await writeJson(this.fileOf(question), { path: question.path, fingerprint, digest, bytes });
      await this.forgetOld();
    };
    await orNull(keep());
  }

  private async forgetOld(): Promise<void> {
    const names = await readdir(this.folder);
    if (names.length <= MOST_RECORDS) return;
    const aged = await Promise.all(
      names.map(async (name) => {
        const path = join(this.folder, name);
        return {
          path,
          age: await stat(path).then(
            ({ mtimeMs }) => mtimeMs,
            () => 0,
          ),
        };
      }),
    );
    const oldest = aged.sort((a, b) => a.age - b.age).slice(0, MOST_RECORDS / 2);
    await Promise.all(oldest.map(({ path }) => rm(path, { force: true, recursive: true })));
  }

  private fileOf({ path, algorithm, without = [] }: Question): string {
    const key = JSON.stringify([path, algorithm, without]);
    return join(this.folder, `${createHash('sha256').update(key).digest('hex')}.json`);
  }
}

/** A disk that fails keeps nothing and gives nothing back: the input is read. */
async function orNull<T>(step: Promise<T>): Promise<T | null> {
  try {
    return await step;
  } catch (error) {
    if (diskFault(error) === null) throw error;
    return null;
  }
}
