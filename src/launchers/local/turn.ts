import { dirname } from 'node:path';
import { LocalQueue } from './queue.js';
import type { RunFolder, RunOrder } from '../run-folder/run-folder.js';
import { ownCommand, Supervision } from './supervision.js';
import { jobFolder } from '../run-folder/reach.js';
import type { Allocator } from '../run-folder/allocation.js';

/** The turn of a run in the queue of the local launcher that owns its folder. Once released, the next are started. */
export function localTurn(run: RunFolder, order: RunOrder, isShuttingDown: () => boolean): Allocator {
  const directory = dirname(run.path);
  const queue = new LocalQueue(directory, new Supervision(ownCommand(), jobFolder(directory, 0)));
  let starting: Promise<void> | null = null;
  const startNext = async (): Promise<void> => {
    // What is told to end, with the machine perhaps, begins nothing new. Those who wait are found when somebody observes.
    if (isShuttingDown()) return;
    await queue.startTurns().catch((error: unknown) => console.error('The next could not be started.', error));
  };
  return {
    claim: (owner) => queue.take(run, order, owner),
    release: async () => {
      // A ticket that stays is removed by whoever looks next, for its supervisor is gone by then.
      await queue.leave(run).catch((error: unknown) => console.error('The place in the queue was not freed.', error));
      // Not waited for: the verdict must not depend on it.
      starting ??= startNext();
    },
  };
}
