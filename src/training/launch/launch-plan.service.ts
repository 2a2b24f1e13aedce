import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';
import { type Actor } from '../../auth/actor.js';
import { assetNotFound } from '../../catalog/assets/asset.service.js';
import type { PinnedVersion } from '../../catalog/versions/version.repository.js';
import type { TrainingJob } from '../jobs/job.js';
import type { LaunchTrainingInput } from '../jobs/job.input.js';
import type { JobRepository } from '../jobs/job.repository.js';
import type { LaunchDecision } from './launch-decision.policy.js';
import type { LaunchLimits } from './launch.service.js';
import { refuseMissing } from './launch.missing.js';
import { needsOf, readOrder, requestHashOf, requestKeyOf } from './launch.request.js';
import type { LauncherChoice } from '../../launchers/choice.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import { type QuotaStanding, withDemand } from '../quotas/quota.js';

/** What a launch would come to. */
export interface TrainingPlan {
  accepted: boolean;
  reasons: DenialReason[];
  warnings: PolicyWarning[];
  choice: LauncherChoice;
  queue: string | null;
  teamId: string | null;
  quotas: { before: QuotaStanding; after: QuotaStanding }[];
  inputBytes: bigint | null;
  inputsOfUnknownSize: number;
  /** What the idempotency key was used for already; null: for nothing. */
  job: TrainingJob | null;
}

/** Tells what a launch would come to, by the same lines that decide it, and writes nothing. */
export class LaunchPlanner {
  constructor(
    private readonly jobs: JobRepository,
    private readonly launchers: LauncherRegistry,
    private readonly decision: LaunchDecision,
    private readonly limits: LaunchLimits,
  ) {}

  /** Throws what the launch would throw: BAD_USER_INPUT, or NOT_FOUND for what is not there for the actor. */
  async plan(actor: Actor, input: LaunchTrainingInput): Promise<TrainingPlan> {
    const order = readOrder(input, this.limits);
    const choice = await this.launchers.chooseFor(input.launcher, needsOf(input));
    const job = await this.earlier(actor, input);
    // What was launched is answered with its job, whatever has become of its launcher since.
    if (!job) refuseMissing(actor, choice, order);
    const { inputs, charge, reasons, judged } = await this.decision.foreseen(actor, input, choice.launcher.name);
    // What was launched already is reserved already.
    const after = (before: QuotaStanding): QuotaStanding => (job ? before : withDemand(before, charge.demand));
    const anew = reasons.length === 0 && choice.unavailable === null;
    return {
      accepted: job ? job.requestHash === requestHashOf(input) : anew,
      ...{ reasons, warnings: judged?.warnings ?? [], choice, queue: order.queue, job },
      teamId: charge.teamId,
      quotas: charge.quotas.map((before) => ({ before, after: after(before) })),
      ...sizeOf(inputs),
    };
  }

  private async earlier(actor: Actor, input: LaunchTrainingInput): Promise<TrainingJob | null> {
    const job = await this.jobs.findByRequest(actor.origin, requestKeyOf(actor, input));
    if (!job) return null;
    const seen = (await this.jobs.byIds(actor, [job.id])).get(job.id);
    if (!seen) throw assetNotFound(input.transformation);
    return seen;
  }
}

function sizeOf(inputs: readonly PinnedVersion[]): Pick<TrainingPlan, 'inputBytes' | 'inputsOfUnknownSize'> {
  const sizes = inputs.map(({ version }) => version.bytes);
  const inputsOfUnknownSize = sizes.filter((bytes) => bytes === null).length;
  const total = sizes.reduce<bigint>((sum, bytes) => sum + (bytes ?? 0n), 0n);
  return { inputBytes: inputsOfUnknownSize > 0 ? null : total, inputsOfUnknownSize };
}
