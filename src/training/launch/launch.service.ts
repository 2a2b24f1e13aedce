import { type Actor, actorId } from '../../auth/actor.js';
import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';
import { type ShownDryRun, shownDryRun } from '../../access/explanation/dry-run.js';
import { may } from '../../auth/rights.js';
import { entryOf, recordAudit } from '../../audit/record/record.js';
import type { Asset } from '../../catalog/model/asset.js';
import { assetNotFound, type AssetService } from '../../catalog/assets/asset.service.js';
import { forbidden, notFound } from '../../errors.js';
import { newId } from '../../ids.js';
import { COMMAND_FACET } from '../../lineage/runs/run.js';
import type { DecidesByPolicy } from '../../governance/decisions/decides.port.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { TellsOthers } from '../../openlineage/outbox/telling.port.js';
import { isTerminal, type JobOrder, type TrainingJob } from '../jobs/job.js';
import type { CancelTrainingInput, LaunchTrainingInput } from '../jobs/job.input.js';
import type { JobRepository } from '../jobs/job.repository.js';
import type { Decided, LaunchDecision } from './launch-decision.policy.js';
import { refuseMissing } from './launch.missing.js';
import { needsOf, newLife, readOrder, requestHashOf, requestKeyOf } from './launch.request.js';
import type { Launcher } from '../../launchers/port/launcher.js';
import type { LauncherRegistry } from '../../launchers/registry.js';

export type LaunchOutcome =
  | TrainingJob
  | { __typename: 'LaunchDenied'; reasons: DenialReason[]; wouldAskApproval: boolean; warnings: PolicyWarning[] }
  | ShownDryRun
  | { __typename: 'LaunchConflict'; job: TrainingJob; message: string }
  | { __typename: 'LauncherUnavailable'; launcher: string; message: string };

export interface LaunchLimits {
  modelBytes: number;
  logBytes: number;
}

/** Asking for training, and asking for its end. What follows is the work of JobRunner. */
export class LaunchService {
  constructor(
    private readonly graph: Graph,
    private readonly jobs: JobRepository,
    private readonly assets: AssetService,
    private readonly runs: RunService,
    private readonly launchers: LauncherRegistry,
    private readonly decision: LaunchDecision,
    private readonly options: {
      policies: DecidesByPolicy;
      limits: LaunchLimits;
      tells: TellsOthers;
      now: () => Date;
      /** Something is to be done. */ wake: () => void;
    },
  ) {}

  /**
   * Accepts a training, or says why not. Nothing outside the database is touched here: the accepted job is the outbox
   * entry that the worker picks up. Throws BAD_USER_INPUT, or NOT_FOUND for what is not there for the actor.
   */
  async launch(actor: Actor, { dryRun, ...input }: LaunchTrainingInput): Promise<LaunchOutcome> {
    const outcome = await this.launchOrRehearse(actor, input, dryRun === true);
    return dryRun ? foreseen(outcome) : outcome;
  }

  private async launchOrRehearse(
    actor: Actor,
    input: LaunchTrainingInput,
    isRehearsal: boolean,
  ): Promise<LaunchOutcome> {
    const requestKey = requestKeyOf(actor, input);
    const requestHash = requestHashOf(input);
    const first = await this.jobs.findByRequest(actor.origin, requestKey);
    if (first) return this.repeated(actor, first, input, requestHash);
    const order = readOrder(input, this.options.limits);
    const choice = await this.launchers.chooseFor(input.launcher, needsOf(input));
    refuseMissing(actor, choice, order);
    const { launcher, unavailable } = choice;
    if (unavailable !== null)
      return { __typename: 'LauncherUnavailable', launcher: launcher.name, message: unavailable };

    try {
      const work = async (tx: WriteTransaction): Promise<LaunchOutcome> => {
        const decided = await this.decision.within(tx, actor, { input, isRehearsal }, launcher.name);
        if (decided.reasons.length > 0) return this.deny(tx, actor, decided);
        const job = await this.accept(tx, actor, decided, { input, order, launcher, requestKey, requestHash });
        return isRehearsal ? accepted(decided.judged?.warnings) : job;
      };
      if (isRehearsal) return await this.graph.rehearse(actor.origin, work);
      return await this.graph.write(actor.origin, work);
    } catch (error) {
      // Of two launches with one key at the same moment the constraint let one through; this is the other.
      const winner =
        error instanceof ConstraintViolation ? await this.jobs.findByRequest(actor.origin, requestKey) : null;
      if (!winner) throw error;
      return await this.repeated(actor, winner, input, requestHash);
    } finally {
      if (!isRehearsal) this.options.wake();
    }
  }

  /**
   * Asks a job to stop: whoever launched it or may EDIT the transformation. A job that ended stays as it ended; asking
   * twice changes nothing. Throws NOT_FOUND or FORBIDDEN.
   */
  async cancel(actor: Actor, input: CancelTrainingInput): Promise<TrainingJob> {
    const cancelled = await this.graph.write(actor.origin, async (tx) => {
      const job = (await this.jobs.byIds(actor, [input.job])).get(input.job);
      if (!job) throw notFound(`There is no training job ${input.job}, or you may not know of it.`);
      const transformation = await this.assets.lock(tx, actor, job.transformationId);
      if (job.requestedById !== actor.id && !may(actor, transformation.rights, 'EDIT')) {
        throw forbidden('Only who launched the job, or who may EDIT its transformation, cancels it.');
      }
      if (isTerminal(job.state) || job.cancelRequestedAt) return job;
      const changed = await this.jobs.requestCancel(tx, job.id);
      await recordAudit(tx, actor, {
        action: 'training:cancel',
        targetId: job.id,
        targetName: transformation.asset.urn,
        assetIds: [transformation.asset.id],
        before: { state: job.state },
        reason: input.reason ?? null,
        at: this.options.now(),
      });
      return changed;
    });
    this.options.wake();
    return cancelled;
  }

  /** The job of an earlier launch with this key, if the actor may still know of it. Throws NOT_FOUND otherwise. */
  private async repeated(
    actor: Actor,
    job: TrainingJob,
    input: LaunchTrainingInput,
    requestHash: string,
  ): Promise<LaunchOutcome> {
    if (!(await this.jobs.byIds(actor, [job.id])).has(job.id)) throw assetNotFound(input.transformation);
    return sameOrConflict(job, requestHash);
  }

  private async deny(tx: WriteTransaction, actor: Actor, decided: Decided): Promise<LaunchOutcome> {
    const { reasons } = decided;
    const after = { reasons: reasons.map(({ rule, asset }) => ({ rule, asset: asset?.urn ?? null })) };
    const entry = this.entry(decided);
    await recordAudit(tx, actor, { ...entry, outcome: 'DENIED', after });
    await this.options.policies.keep(tx, decided.judged, null);
    await this.options.tells.denied(tx, decided.transformation.asset, { ...entry, reasons: after.reasons });
    const wouldAskApproval = decided.judged?.decision.outcome === 'NEEDS_APPROVAL';
    return { __typename: 'LaunchDenied', reasons, wouldAskApproval, warnings: decided.judged?.warnings ?? [] };
  }

  private async accept(
    tx: WriteTransaction,
    actor: Actor,
    decided: Decided,
    asked: { input: LaunchTrainingInput; order: JobOrder; launcher: Launcher; requestKey: string; requestHash: string },
  ): Promise<TrainingJob> {
    const { transformation, output, inputs } = decided;
    const run = this.runs.describe(transformation.asset, { state: 'QUEUED', startedAt: null, parentId: null });
    run.facets = codeFacets(transformation.asset, asked.order);
    const job = this.describe(actor, decided, asked, run.id);
    const after = {
      job: job.id,
      inputs: job.inputIds,
      output: output.asset.urn,
      launcher: job.launcher,
      purpose: job.purpose,
      team: job.teamId,
    };
    const personal = ['/after/purpose'];
    const entry = entryOf(tx, actor, { ...this.entry(decided), targetId: job.id, after, personal });
    await this.runs.observeInputs(tx, actor, run, inputs);
    await Promise.all([
      this.jobs.create(tx, { job, run, requestKey: asked.requestKey, cause: 'launched', entry }),
      this.options.policies.keep(tx, decided.judged, job.id),
    ]);
    return job;
  }

  private describe(
    actor: Actor,
    { transformation, output, inputs, charge }: Decided,
    {
      input,
      order,
      launcher,
      requestHash,
    }: { input: LaunchTrainingInput; order: JobOrder; launcher: Launcher; requestHash: string },
    runId: string,
  ): TrainingJob {
    const { gpus, gpuType = null, cpus = null, memoryBytes = null, nodes } = input.resources;
    return {
      __typename: 'TrainingJob',
      id: newId(),
      state: 'PENDING',
      revision: 1,
      requestHash,
      runId,
      transformationId: transformation.asset.id,
      outputId: output.asset.id,
      inputIds: inputs.map((each) => each.version.id),
      launcher: launcher.name,
      requestedById: actorId(actor),
      teamId: charge.teamId,
      reservedGpuSeconds: charge.demand.timeoutSeconds === null ? null : charge.demand.gpuSeconds,
      purpose: input.purpose ?? null,
      order,
      resources: { gpus, gpuType, cpus, memoryBytes, nodes },
      maxRetries: input.maxRetries ?? 0,
      ...newLife(input, this.options.now()),
      handle: null,
      startedAt: null,
      endedAt: null,
      cancelRequestedAt: null,
      metrics: {},
      progress: null,
      usage: null,
      modelVersionId: null,
      failure: null,
      observedAt: null,
      observationError: null,
      waitingFor: null,
      eventsCursor: null,
      reportNote: null,
      damage: null,
      transitions: 1,
      linesNotUnderstood: 0,
      reports: 0,
    };
  }

  private entry({ transformation, output, inputs }: Decided) {
    const assetIds = [...new Set([transformation.asset.id, output.asset.id, ...inputs.map((each) => each.asset.id)])];
    const { id: targetId, urn: targetName } = transformation.asset;
    return { action: 'training:launch', targetId, targetName, assetIds, at: this.options.now() };
  }
}

/** What came of it in a rehearsal, as it is told: a launcher or a key in the way is told as it always is. */
function foreseen(outcome: LaunchOutcome): LaunchOutcome {
  if (outcome.__typename === 'LaunchDenied') return shownDryRun(outcome);
  return outcome.__typename === 'TrainingJob' ? accepted() : outcome;
}

const accepted = (warnings: readonly PolicyWarning[] = []): ShownDryRun =>
  shownDryRun({ reasons: [], wouldAskApproval: false, warnings });

/** Which code runs, as OpenLineage tells it: kept with the run, because the transformation may change later. */
function codeFacets({ codeRef }: Asset, order: JobOrder): Record<string, unknown> {
  const location = codeRef && { type: 'git', url: codeRef.repository, version: codeRef.revision, path: codeRef.path };
  return {
    ...(location ? { sourceCodeLocation: location } : {}),
    [COMMAND_FACET]: { command: order.command, image: codeRef?.image ?? null },
  };
}

function sameOrConflict(job: TrainingJob, requestHash: string): LaunchOutcome {
  if (job.requestHash === requestHash) return job;
  const message = 'You launched something else with this idempotency key. Use a new key for a new training.';
  return { __typename: 'LaunchConflict', job, message };
}
