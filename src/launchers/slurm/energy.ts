/** The energy of a job by Slurm's accounting, which has it from the energy plugin of the nodes (AcctGatherEnergyType). */
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskRef } from '../engine/engine.js';
import type { EnergyReading } from '../port/launcher.js';
import type { SlurmAccess, SlurmEnergy } from './access.js';
import { isOverInSlurm } from './state.js';

/**
 * The runner leaves its record while Slurm still has the job: accounting heard of the end 0.3 to 1.3 s later when we tried.
 * One that is later than these looks is minutes behind, and the end of the job does not wait for it.
 */
const LOOKS = 4;
const EVERY_MS = 800;

/** Slurm tells times in whole seconds. */
const SECOND = 1;

const WHOLE_NODE =
  "Counted by Slurm's energy plugin, for the whole node: what else ran there meanwhile is in it, unless the job had the node alone, and GPUs are in it only if the plugin counts them.";

/** What accounting says of the energy of a job that is over; `joules` is null, with why, where it says nothing. Throws `LauncherUnreachable`. */
export async function energyInAccounts(
  access: Pick<SlurmAccess, 'energy'>,
  task: TaskRef,
  ranSeconds: number | null,
): Promise<EnergyReading> {
  for (let looks = 1; ; looks++) {
    const rows = await access.energy(task);
    if (rows === null) return nothing('Slurm keeps no accounts that could tell its energy.');
    if (rows.length > 0 && rows.every(({ state }) => isOverInSlurm(state))) return readingOf(rows, ranSeconds);
    if (looks === LOOKS) return nothing("Slurm's accounting had not heard of the end of the job in time.");
    await delay(EVERY_MS);
  }
}

/** Above all that can be measured: NO_VAL64 (18446744073709551614) and INFINITE64 mean "not set". */
const UNSET = 2 ** 63;

/** What Slurm counted; null for its ways to say that it did not. 0 is one of them: no node takes nothing. */
export function joulesOf(count: number | null): number | null {
  return count !== null && count > 0 && count < UNSET ? count : null;
}

/**
 * A job is one script on one node, so the script's figure is that of the node for as long as the job ran. Figures must not
 * be added: steps that the program began by srun ran within the script, and took what is counted there already. The
 * allocation's is a sum that leaves out the script (22.05.8), or is that of `extern` alone (PrologFlags=Contain).
 */
function readingOf(rows: readonly SlurmEnergy[], ranSeconds: number | null): EnergyReading {
  const counted = ['batch', 'extern', 'allocation']
    .map((part) => rows.find((row) => row.part === part && row.joules !== null))
    .find((row) => row !== undefined);
  if (counted === undefined)
    return nothing("Slurm's accounting has no energy of it: the cluster may count none (AcctGatherEnergyType).");
  return { joules: counted.joules, coverage: coverageOf(counted, ranSeconds), model: null, note: WHOLE_NODE };
}

/** Below 1 where what was counted is shorter than the run: Slurm began the job anew, and keeps the last one. */
function coverageOf({ startedAt, endedAt }: SlurmEnergy, ranSeconds: number | null): number {
  if (startedAt === null || endedAt === null || ranSeconds === null || ranSeconds <= 0) return 1;
  return Math.min(1, ((endedAt.getTime() - startedAt.getTime()) / 1000 + SECOND) / ranSeconds);
}

function nothing(note: string): EnergyReading {
  return { joules: null, coverage: 0, model: null, note };
}
