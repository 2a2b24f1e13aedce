import { hasErrno } from '../machine/errno.js';
import { createJson } from '../files/json-file.js';
import type { RunFolder } from './run-folder.js';
import { readLife } from './heartbeat.js';
import { Staleness } from './staleness.js';

const UNCLAIMED = 'unclaimed';

/** LEFT: its runner is gone and left no record. NEVER_TAKEN: no runner came, and none may come any more. */
export type RunUse = 'IN_USE' | 'LEFT' | 'NEVER_TAKEN';

export interface Patience {
  /** How long the shared file system may take to show what a machine of the engine wrote, in seconds. */
  settleSeconds: number;
  /** How long a runner may show no sign of life, in seconds. */
  quietSeconds: number;
}

/**
 * Tells of runs that their engine does not know, or calls ended, whether anybody works on them still. Engines err: Slurm
 * forgets a job that runs on, and calls one failed whose node it cannot reach. Calling such a run over would begin
 * a second program beside the first.
 */
export class Abandonment {
  private readonly stillness: Staleness;

  constructor(
    private readonly patience: Patience,
    now?: () => number,
  ) {
    this.stillness = new Staleness(now);
  }

  /** Anything but IN_USE is final, and kept in the folder. Takes several looks until it is certain; `forget` begins anew. */
  async useOf(run: RunFolder): Promise<RunUse> {
    const { settleSeconds, quietSeconds } = this.patience;
    const claim = await run.readClaim();
    if (claim === null) {
      // A claim in nobody's name: a runner that comes late after all ends at once.
      const isLate = this.stillness.hasLasted(run.path, UNCLAIMED, settleSeconds * 1000);
      return isLate && (await create(run.claim, { owner: null })) ? 'NEVER_TAKEN' : 'IN_USE';
    }
    if (claim.owner === null) return 'NEVER_TAKEN';
    if (await run.isAbandoned()) return 'LEFT';
    const sign = `claimed ${(await readLife(run.alive)) ?? ''}`;
    if (!this.stillness.hasLasted(run.path, sign, quietSeconds * 1000)) return 'IN_USE';
    await create(run.abandoned, { at: new Date() });
    return 'LEFT';
  }

  /** The engine knows better, or all is told. */
  forget(run: RunFolder): void {
    this.stillness.forget(run.path);
  }
}

/** False: it was there. A folder that is gone needs no record, for without it no runner does anything. */
async function create(file: string, value: unknown): Promise<boolean> {
  try {
    return await createJson(file, value);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return true;
    throw error;
  }
}
