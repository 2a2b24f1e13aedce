import type { AccessService } from '../../access/grants/access.service.js';
import { type Actor, SCOPES, systemActor } from '../../auth/actor.js';
import type { Action } from '../../auth/rights.js';
import type { TrainingJob } from '../jobs/job.js';
import type { JobRepository } from '../jobs/job.repository.js';

const SYSTEM = systemActor('training-worker');

/** Judges the rights of who launched a job as they are now: when its work begins, and with each new attempt. */
export class JobRights {
  constructor(
    private readonly jobs: JobRepository,
    private readonly access: AccessService,
  ) {}

  /** Why the job may no longer start; null when it may. */
  async ended(job: TrainingJob): Promise<string | null> {
    const requester = await this.jobs.requester(SYSTEM.origin, job.requestedById);
    if (!requester) return 'Who launched it is disabled, or no longer known here.';
    const actor: Actor = {
      id: job.requestedById,
      name: requester.name,
      role: requester.role,
      scopes: SCOPES,
      principalIds: [job.requestedById, ...requester.teamIds],
      origin: SYSTEM.origin,
    };
    const pins = await this.jobs.inputPins(SYSTEM.origin, job.inputIds);
    const { transformationId, outputId } = job;
    const can = await this.access.viewerCan(actor, [
      ...new Set([transformationId, outputId, ...pins.map((pin) => pin.assetId)]),
    ]);
    const may = (assetId: string, action: Action): boolean => can.get(assetId)?.includes(action) ?? false;
    // Whoever sees the transformation reads this: so what may be hidden from them is not named.
    const input = pins.findIndex((pin) => !may(pin.assetId, 'USE_FOR_TRAINING'));
    if (!may(transformationId, 'EDIT')) return ended('EDIT the transformation');
    if (!may(outputId, 'EDIT')) return ended('EDIT the output model');
    return input < 0 ? null : ended(`train on input ${input + 1} of ${pins.length}`);
  }
}

function ended(right: string): string {
  return `The right to ${right} ended before the work began. Ask its owners again with requestAccess.`;
}
