/**
 * Whose the folder of a run is, where its program runs as another user. While it runs, the run has a group of its own, and
 * only its program is in it: so another job of the same user cannot come in, and its processes are known by it, whatever
 * they do to their environment. Once it has ended, all is the server's again, and the output is for a second group,
 * which jobs get that may read the model as an input.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, lstat, open, opendir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { hasErrno } from '../machine/errno.js';
import { JOB_GROUPS, type JobUser } from '../machine/job-user.js';
import { AT_ONCE, type Patience } from './room.js';
import type { RunFolder, RunOrder } from '../run-folder/run-folder.js';

/** The group of the processes of a run. */
export function groupOf(run: RunFolder): number {
  return numberOf(basename(run.path));
}

/** The groups a program is in beside those of its user: that of its run, and those of the outputs it may read. */
export function groupsFor(run: RunFolder, order: RunOrder): number[] {
  const makers = order.spec.inputs.flatMap(({ madeBy, path }) =>
    madeBy != null && path?.startsWith(join(dirname(run.path), madeBy, 'output')) ? [madeBy] : [],
  );
  return [groupOf(run), ...makers.map((attempt) => readersOf(attempt))];
}

/** Before the program begins: nobody but the server has been in the folder. */
export async function handOver(run: RunFolder, user: JobUser): Promise<void> {
  const server = process.getuid?.() ?? 0;
  for (const file of [run.inputs, run.parameters]) {
    await chown(file, server, groupOf(run));
    await chmod(file, 0o640);
  }
  for (const own of [run.work, run.output, run.events]) await chown(own, user.uid, user.gid);
  await chown(run.path, server, groupOf(run));
  await chmod(run.path, 0o710);
}

/**
 * After the last process of the program has ended. What of the output is not the program's to give stays as it is. Each
 * step by itself is done with patience: begun anew from the top, what is taken already would be passed over.
 */
export async function takeBack(run: RunFolder, user: JobUser, patiently: Patience = AT_ONCE): Promise<void> {
  const server = process.getuid?.() ?? 0;
  const readers = readersOf(basename(run.path));
  // The folder of the run was the server's all the time, so its entries are what they were.
  for (const [own, mode] of [
    [run.work, 0o700],
    [run.events, 0o600],
  ] as const) {
    await patiently(() => chown(own, server, readers));
    await patiently(() => chmod(own, mode));
  }
  const pending = [Buffer.from(run.output)];
  for (let folder = pending.pop(); folder; folder = pending.pop()) {
    // From the top down: once a folder is the server's, nobody can put something else in the place of what is in it.
    if (!(await take(folder, user, { mode: 0o750, group: readers, patiently }))) continue;
    for (const name of await patiently(() => namesIn(folder))) {
      const entry = Buffer.concat([folder, Buffer.from('/'), Buffer.from(name, 'latin1')]);
      const stat = await patiently(() => lstat(entry));
      if (stat.isDirectory()) pending.push(entry);
      else if (stat.isFile()) await take(entry, user, { mode: 0o640, group: readers, patiently });
    }
  }
  await patiently(() => chown(run.path, server, readers));
}

async function namesIn(folder: Buffer): Promise<string[]> {
  const names = [];
  for await (const { name } of await opendir(folder, { encoding: 'latin1' as BufferEncoding })) names.push(name);
  return names;
}

interface Taking {
  mode: number;
  group: number;
  patiently: Patience;
}

/** Makes a file or folder of the user the server's; false for what is not the user's. Links are not followed. */
async function take(path: Buffer, user: JobUser, { mode, group, patiently }: Taking): Promise<boolean> {
  try {
    const file = await patiently(() => open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK));
    try {
      const stat = await patiently(() => file.stat());
      if (stat.uid !== user.uid || (!stat.isFile() && !stat.isDirectory())) return false;
      await patiently(() => file.chown(process.getuid?.() ?? 0, group));
      await patiently(() => file.chmod(mode));
      return true;
    } finally {
      await file.close();
    }
  } catch (error) {
    // Too long a path, a link: nothing of it becomes a model.
    if (hasErrno(error, 'ELOOP', 'ENAMETOOLONG', 'ENOENT', 'ENXIO')) return false;
    throw error;
  }
}

function readersOf(attempt: string): number {
  return numberOf(attempt) + 1;
}

/** Even, so that the next is free: 29 bits of a hash. */
function numberOf(attempt: string): number {
  const hash = createHash('sha256').update(attempt).digest().readUInt32BE();
  return JOB_GROUPS.first + 2 * (hash % (JOB_GROUPS.count / 2));
}
