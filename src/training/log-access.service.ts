import type { Actor } from '../auth/actor.js';
import type { AccessService } from '../access/access.service.js';
import type { Action } from '../auth/rights.js';
import { forbidden } from '../errors.js';
import type { TrainingJob } from './job.js';

/**
 * Who reads the log of a job. A program writes into it what it likes, also what it was told in confidence: so seeing the
 * job is not enough.
 */
export class LogAccess {
  constructor(private readonly access: AccessService) {}

  /** Throws FORBIDDEN unless the actor launched the job, may EDIT its transformation or output model, or is an AUDITOR. */
  async check(
    actor: Actor,
    { requestedById, transformationId, outputId }: TrainingJob,
    rightsOn: (assetId: string) => Promise<readonly Action[]> = (id) => this.rightsOn(actor, id),
  ): Promise<void> {
    if (actor.id === requestedById || actor.role === 'AUDITOR') return;
    const can = await Promise.all([rightsOn(transformationId), rightsOn(outputId)]);
    if (can.some((actions) => actions.includes('EDIT'))) return;
    throw forbidden(
      'The log is for who launched the job, and who may EDIT its transformation or its output model. Ask their owners with requestAccess.',
    );
  }

  /** What the actor may do with each asset: to ask for many jobs at once. */
  viewerCan(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Action[]>> {
    return this.access.viewerCan(actor, assetIds);
  }

  private async rightsOn(actor: Actor, assetId: string): Promise<readonly Action[]> {
    return (await this.access.viewerCan(actor, [assetId])).get(assetId) ?? [];
  }
}
