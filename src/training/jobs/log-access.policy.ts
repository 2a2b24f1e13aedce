import type { Actor } from '../../auth/actor.js';
import type { AccessService } from '../../access/grants/access.service.js';
import type { Action } from '../../auth/rights.js';
import { forbidden } from '../../errors.js';
import type { Loaders } from '../../graphql/loaders.js';
import type { TrainingJob } from './job.js';

/** What stands in place of texts that are not for who asks. */
export const WITHHELD =
  'Withheld: what a program was told and what it said are for who launched the job, and who may EDIT its transformation or its output model.';

/**
 * Who reads what a program was told and what it said: command, image, environment and purpose of a launch, the log, and texts
 * of failures, which quote both. There can be in them what was meant for few: so seeing the job is not enough.
 */
export class LogAccess {
  constructor(private readonly access: AccessService) {}

  /** Throws FORBIDDEN to whom `allows` does not. */
  async check(actor: Actor, job: TrainingJob, loaders?: Loaders): Promise<void> {
    if (await this.allows(actor, job, loaders)) return;
    throw forbidden(
      'The log is for who launched the job, and who may EDIT its transformation or its output model. Ask their owners with requestAccess.',
    );
  }

  /**
   * Whether the actor launched the job, may EDIT its transformation or output model, or is an AUDITOR. With the loaders of
   * a request, many jobs are asked about at once.
   */
  async allows(
    actor: Actor,
    { requestedById, transformationId, outputId }: Pick<TrainingJob, 'requestedById' | 'transformationId' | 'outputId'>,
    loaders?: Loaders,
  ): Promise<boolean> {
    if (actor.id === requestedById || actor.role === 'AUDITOR') return true;
    const batch = (ids: readonly string[]) => this.access.viewerCan(actor, ids);
    const rightsOn = async (id: string): Promise<readonly Action[]> =>
      loaders ? loaders.get('asset.viewerCan', id, batch) : ((await batch([id])).get(id) ?? []);
    const can = await Promise.all([rightsOn(transformationId), rightsOn(outputId)]);
    return can.some((actions) => actions.includes('EDIT'));
  }
}
