/**
 * How a runner shows over a shared file system that it lives: it touches a file every few seconds. Who reads the file
 * compares what it shows with what it showed before, and never with a clock: those of two machines differ.
 */
import type { RunFolder } from './run-folder.js';
import { openPlain, openToAppend } from '../files/plain-file.js';

/**
 * Shows life now and every so many seconds until the function it gives is called; null: never. Tells when the run was given
 * up meanwhile, as that of a runner may be that was cut off for long: another attempt may have begun.
 */
export function showLife(run: RunFolder, everySeconds: number | null, onAbandoned: () => void): () => void {
  if (everySeconds === null) return () => undefined;
  let isTouching = false;
  let hasFailed = false;
  const show = async (): Promise<void> => {
    // A file system that hangs must not gather a queue of these.
    if (isTouching) return;
    isTouching = true;
    try {
      await touch(run.alive);
      if (await run.isAbandoned()) onAbandoned();
    } catch (error) {
      // Nobody stops a training for this: the exit record tells in the end.
      if (!hasFailed) console.error('The sign of life of the job could not be written.', error);
      hasFailed = true;
    } finally {
      isTouching = false;
    }
  };
  void show();
  const timer = setInterval(() => void show(), everySeconds * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

/** What the file shows now, good for nothing but to be compared; null while there is none. */
export async function readLife(file: string): Promise<string | null> {
  // Opened and not only asked for: NFS answers from its cache unless a file is opened.
  const opened = await openPlain(file);
  if (opened === null) return null;
  try {
    return String((await opened.file.stat({ bigint: true })).mtimeNs);
  } finally {
    await opened.file.close();
  }
}

/** By its times and not its content, for a disk that is full takes no content. */
async function touch(file: string): Promise<void> {
  const handle = await openToAppend(file);
  try {
    const now = new Date();
    await handle.utimes(now, now);
  } finally {
    await handle.close();
  }
}
