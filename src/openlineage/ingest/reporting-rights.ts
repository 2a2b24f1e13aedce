/** Who may say what of which asset by events. */
import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { conflict, forbidden, type WeftlineError } from '../../errors.js';
import type { ReportedAsset } from './ingest.repository.js';

/**
 * Why the actor may not say what the job reads and writes; null: they may. Who may EDIT it does, and, of a job that nobody registered by
 * hand, the source that told of it first.
 */
export function refusalFor(actor: Actor, job: ReportedAsset): WeftlineError | null {
  if (!isTheirs(actor, job) && !may(actor, job.rights, 'EDIT'))
    return forbidden(
      `You may not report on the job ${job.urn}: another source reports it, or somebody owns it who has not let you EDIT it. Ask with requestAccess.`,
    );
  if (job.retired)
    return conflict(`The job ${job.urn} is retired; nothing new runs it. Take that back with retireAsset.`);
  return null;
}

/** Whether they may know that it is there: where they could not register its name, it is to them as if it were not. */
export const mayKnowOf = (actor: Actor, asset: ReportedAsset): boolean =>
  isTheirs(actor, asset) || may(actor, asset.rights, 'VIEW');

const isTheirs = (actor: Actor, asset: ReportedAsset): boolean =>
  isReported(asset) && asset.placedBy === actorId(actor);

/** What a data set is said to be is taken from anybody who may report where reports brought it in, else from who may EDIT it. */
export const mayTellOf = (actor: Actor, asset: ReportedAsset): boolean =>
  isReported(asset) || may(actor, asset.rights, 'EDIT');

/** Reports brought it in: nobody has registered it by hand. */
const isReported = ({ record }: ReportedAsset): boolean => record !== null && !record.byHand;
