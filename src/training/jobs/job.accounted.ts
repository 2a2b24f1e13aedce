import { isMeasured } from './energy.js';
import type { TrainingJob } from './job.js';
import {
  type EnergyReading,
  type JobObservation,
  type Launcher,
  LauncherUnreachable,
} from '../../launchers/port/launcher.js';

/**
 * How an attempt ended, with what the accounting of its engine says of its energy where its own runner measured none. A
 * figure is not worth a job that does not end: what cannot be asked now is told with the energy of the job, and not asked
 * again.
 */
export async function withAccountedEnergy(
  seen: JobObservation,
  job: TrainingJob,
  launcher: Launcher,
): Promise<JobObservation> {
  const startedAt = seen.startedAt ?? job.startedAt;
  if (!launcher.accountedEnergy || !job.handle || !startedAt || isMeasured(seen.usage)) return seen;
  const ranSeconds = seen.endedAt && (seen.endedAt.getTime() - startedAt.getTime()) / 1000;
  const accounted = await launcher.accountedEnergy(job.handle, ranSeconds).catch(unknownFor);
  return accounted ? { ...seen, accounted } : seen;
}

function unknownFor(error: unknown): EnergyReading {
  if (!(error instanceof LauncherUnreachable)) throw error;
  return {
    joules: null,
    coverage: 0,
    model: null,
    note: `The accounting of its engine could not be asked: ${error.message}`,
  };
}
