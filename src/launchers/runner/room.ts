/** How a supervisor meets a disk that takes no files, or gives none: it waits, for a job must not be lost to what passes. */
import { utimes } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { diskFault, machineFault } from '../../disk/disk-fault.js';
import type { RunFolder } from '../run-folder/run-folder.js';

const TRY_AGAIN_MS = 1_000;
/** Of who has to end, and leaves nothing behind that only it could tell of. */
const LAST_TRIES = 5;
const NEVER = (): boolean => false;

export interface Waiting {
  /** Whether nobody wants the job to be waited for any longer. */
  mayGiveUp?: () => boolean | Promise<boolean>;
  /** Tells, in words, a fault that passes; null for one that is thrown. Every fault of a disk, when left out. */
  waitsFor?: (error: unknown) => string | null;
}

/** Does one step, and again while the machine keeps it from being done. */
export type Patience = <T>(step: () => Promise<T>) => Promise<T>;

/** Of who tells the first fault. */
export const AT_ONCE: Patience = (step) => step();

/**
 * Does it, again and again while the disk is what keeps it from being done. Throws why not when the folder of the run is
 * gone, for then nobody would learn of it, and soon once `mayGiveUp`. Who has claimed a run may not, told to end or not: how
 * it ended is told by nobody else. A machine that shuts down waits for nobody, and kills who waits.
 */
export async function onceThereIsRoom<T>(
  run: RunFolder,
  action: () => Promise<T>,
  { mayGiveUp = NEVER, waitsFor = diskFault }: Waiting = {},
): Promise<T> {
  let tries = 0;
  let hasSaid = false;
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const why = waitsFor(error);
      if (why === null || (await isGone(run)) || ((await mayGiveUp()) && ++tries >= LAST_TRIES)) throw error;
      if (!hasSaid) console.error(`The job waits: ${why}.`, error);
      hasSaid = true;
      await showThatItWaits(run);
      await delay(TRY_AGAIN_MS);
    }
  }
}

/**
 * For files that are a program's, or for its user: only what the machine does to any file is waited for. One that the program
 * has closed, removed or replaced stays so, and is told.
 */
export function patienceFor(run: RunFolder, mayGiveUp: () => boolean | Promise<boolean>): Patience {
  return (step) => onceThereIsRoom(run, step, { mayGiveUp, waitsFor: machineFault });
}

/** null while the disk, or the limit of open files, keeps it from being read: it is looked at again, and the program goes on. */
export async function unlessDiskFails<T>(reading: () => T | Promise<T>): Promise<T | null> {
  try {
    return await reading();
  } catch (error) {
    if (diskFault(error) === null) throw error;
    return null;
  }
}

/** Who looks after the queue starts another supervisor for a run whose last one has been quiet for long. */
async function showThatItWaits({ supervisorLog }: RunFolder): Promise<void> {
  const now = new Date();
  // By its times and not its content, for a disk that is full takes no content; one that takes neither will be quiet.
  await Promise.allSettled([utimes(supervisorLog, now, now)]);
}

/** A disk that does not even tell may tell later. */
async function isGone(run: RunFolder): Promise<boolean> {
  return await run.exists().then(
    (isThere) => !isThere,
    () => false,
  );
}
