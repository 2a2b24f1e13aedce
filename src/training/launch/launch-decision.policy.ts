import { type DenialReason, denialsOf } from '../../access/explanation/denial.js';
import type { Actor } from '../../auth/actor.js';
import type { LockedAsset } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { PinnedVersion } from '../../catalog/versions/version.repository.js';
import { badInput } from '../../errors.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import type { DecidesByPolicy, Judged } from '../../governance/decisions/decides.port.js';
import type { PolicyQuestion } from '../../governance/decisions/decision.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { Charge, QuotaReservation } from '../quotas/reservation.js';
import type { LaunchTrainingInput } from '../jobs/job.input.js';
import { demandOf } from '../quotas/quota.js';

/** What a launch comes to. */
export interface Decided {
  transformation: LockedAsset;
  output: LockedAsset;
  inputs: PinnedVersion[];
  charge: Charge;
  /** All that is in the way; [] when nothing is. */
  reasons: DenialReason[];
  /** What policies say, to be kept with the launch or its denial; null: none is active, or rights or quotas deny it already. */
  judged: Judged | null;
}

/** Where a decision reads from. */
interface Ground {
  statements: Statements;
  /** Nobody else takes of the quotas before the transaction ends. */
  lock: boolean;
  judge: (question: PolicyQuestion) => Promise<Judged | null>;
}

/**
 * Judges what a launch asks for. A launch and a plan of it go through the same lines; a launch locks the quotas, of which it takes,
 * and only reads the assets, of which it changes nothing: launches that share them do not wait for each other. A right that ends at the
 * same moment is judged again when the work begins (job-rights.policy.ts).
 */
export class LaunchDecision {
  constructor(
    private readonly graph: Graph,
    private readonly assets: AssetService,
    private readonly runs: RunService,
    private readonly charging: QuotaReservation,
    private readonly policies: DecidesByPolicy,
  ) {}

  /** For a launch, in its transaction. Throws BAD_USER_INPUT or NOT_FOUND. */
  within(
    tx: WriteTransaction,
    actor: Actor,
    { input, isRehearsal }: { input: LaunchTrainingInput; isRehearsal: boolean },
    launcher: string,
  ): Promise<Decided> {
    const judge = (question: PolicyQuestion): Promise<Judged | null> =>
      this.policies.judge(tx, actor, { ...question, isRehearsal });
    return this.decide({ statements: tx, lock: true, judge }, actor, input, launcher);
  }

  /** For a plan: writes nothing. Throws as a launch would. */
  foreseen(actor: Actor, input: LaunchTrainingInput, launcher: string): Promise<Decided> {
    const statements = this.graph.reader(actor.origin);
    const judge = (question: PolicyQuestion): Promise<Judged | null> =>
      this.policies.foresee(statements, actor, question);
    return this.decide({ statements, lock: false, judge }, actor, input, launcher);
  }

  private async decide(
    { statements, lock, judge }: Ground,
    actor: Actor,
    input: LaunchTrainingInput,
    launcher: string,
  ): Promise<Decided> {
    const [transformation, output] = await Promise.all([
      this.assets.look(statements, actor, input.transformation),
      this.assets.look(statements, actor, input.output),
    ]);
    if (transformation.asset.kind !== 'TRANSFORMATION') {
      throw badInput(`${transformation.asset.urn} is a ${transformation.asset.kind}; a TRANSFORMATION trains.`);
    }
    if (output.asset.kind !== 'MODEL')
      throw badInput(`${output.asset.urn} is a ${output.asset.kind}; training makes versions of a MODEL.`);
    const inputs = await this.runs.pinned(statements, actor, input.inputs);
    const reasons = [...denialsOf(actor, transformation, 'EDIT'), ...denialsOf(actor, output, 'EDIT')];
    const used = await this.assets.seeAll(statements, actor, [...new Set(inputs.map(({ asset }) => asset.id))]);
    reasons.push(...used.flatMap((each) => denialsOf(actor, each, 'USE_FOR_TRAINING')));
    const demand = demandOf(input.resources, input.timeoutSeconds ?? null);
    const charge = await this.charging.charge(statements, actor, { team: input.team ?? null, launcher, demand, lock });
    reasons.push(...charge.reasons);
    const judged =
      reasons.length === 0
        ? await judge(questionOf(input, launcher, { transformation, output, inputs, charge }))
        : null;
    reasons.push(...(judged?.reasons ?? []));
    return { transformation, output, inputs, charge, reasons, judged };
  }
}

/** What policies are asked of a launch: its purpose and its quota are said here, all else the graph says. */
function questionOf(
  { dryRun: _, ...input }: LaunchTrainingInput,
  launcher: string,
  { transformation, output, inputs, charge }: Pick<Decided, 'transformation' | 'output' | 'inputs' | 'charge'>,
): PolicyQuestion {
  const said = input.purpose?.trim() ?? '';
  return {
    action: 'launchTraining',
    resource: transformation.asset,
    subjects: [
      { part: 'RESOURCE', assetId: transformation.asset.id, versionId: null },
      { part: 'OUTPUT', assetId: output.asset.id, versionId: null },
      ...inputs.map(({ version, asset }) => ({ part: 'INPUT' as const, assetId: asset.id, versionId: version.id })),
    ],
    given: { ...(said === '' ? {} : { purpose: said }), launcher, environment: '', quota: quotaFacts(charge) },
    request: { mutation: 'launchTraining', input: { ...input } },
  };
}

/** Of several limits of GPU-hours, the one of which least is left. */
function quotaFacts({ quotas, demand }: Charge): NonNullable<PolicyQuestion['given']['quota']> {
  const limits = quotas.flatMap(({ gpuHours, use }) =>
    gpuHours === null ? [] : [{ limit: gpuHours * 3_600, committed: use.usedGpuSeconds + use.reservedGpuSeconds }],
  );
  const [tightest] = limits.toSorted((a, b) => a.limit - a.committed - (b.limit - b.committed));
  return {
    limited: tightest !== undefined,
    limitGpuSeconds: Math.floor(tightest?.limit ?? 0),
    committedGpuSeconds: Math.ceil(tightest?.committed ?? 0),
    requestedGpuSeconds: Math.ceil(demand.gpuSeconds),
  };
}
