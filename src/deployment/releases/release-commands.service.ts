import { type Actor, actorId } from '../../auth/actor.js';
import { type DenialReason, denialsOf, type PolicyWarning } from '../../access/explanation/denial.js';
import { type ShownDryRun, shownDryRun } from '../../access/explanation/dry-run.js';
import { type AuditFact, recordAudit } from '../../audit/record/record.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { LockedAsset } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { ClaimReconciler } from '../../lineage/statements/claim-reconciler.js';
import { ASSET_FLOWS, type Flow, RELEASE_CLAIMS } from '../../lineage/statements/claim.js';
import type { DecidesByPolicy, Judged } from '../../governance/decisions/decides.port.js';
import type { PolicyQuestion } from '../../governance/decisions/decision.js';
import type { TellsOthers } from '../../openlineage/outbox/telling.port.js';
import type { Choice, ReleaseTarget } from './release-target.service.js';
import { checkExpected, requestOf, sameOrConflict } from './release.checks.js';
import type { Release, ReleaseRequest } from './release.js';
import type * as input from './release.input.js';
import type { ReleaseRepository } from './release.repository.js';

/** The release, or why it was denied; of a dry run what would come of it. */
export type DeployOutcome =
  | Release
  | { __typename: 'DeployDenied'; reasons: DenialReason[]; wouldAskApproval: boolean; warnings: PolicyWarning[] }
  | ShownDryRun;

/** By which mutation each is asked for. */
const MUTATIONS = {
  'model:deploy': 'deployModel',
  'release:promote': 'promoteRelease',
  'release:rollback': 'rollbackRelease',
} as const;

/** A wish by the name of its action, with where it is to be and how the model version is found. */
interface Asked {
  action: keyof typeof MUTATIONS;
  ref: string;
  wish: ReleaseRequest & { dryRun?: boolean | null };
  choose: (tx: WriteTransaction, on: { asset: Asset; live: Release | null }) => Promise<Choice>;
}

/**
 * Changes what serves on a deployment. The deployment is locked first, so that of two at the same time the second sees
 * what the first left: whoever said which release they expect there is told that it is another one.
 */
export class ReleaseCommands {
  constructor(
    private readonly graph: Graph,
    private readonly releases: ReleaseRepository,
    private readonly assets: AssetService,
    private readonly choice: ReleaseTarget,
    private readonly claims: ClaimReconciler,
    private readonly tells: TellsOthers,
    private readonly policies: DecidesByPolicy,
    private readonly now: () => Date,
  ) {}

  /**
   * Releases a model version on a deployment, ending what served there. Releasing what already serves changes nothing.
   * A denial is an answer, and is kept in the audit log. Throws NOT_FOUND, BAD_USER_INPUT or CONFLICT.
   */
  deploy(actor: Actor, wish: input.DeployModelInput): Promise<DeployOutcome> {
    const { deployment: ref, modelVersion } = wish;
    const choose: Asked['choose'] = (tx) => this.choice.named(tx, actor, modelVersion);
    return this.release(actor, { action: 'model:deploy', ref, wish, choose });
  }

  /** Releases on one deployment what serves, or served, on another. As `deploy`, and CONFLICT when it never served there. */
  promote(actor: Actor, wish: input.PromoteReleaseInput): Promise<DeployOutcome> {
    const choose: Asked['choose'] = (tx, { asset }) => this.choice.ofDeployment(tx, actor, wish, asset);
    return this.release(actor, { action: 'release:promote', ref: wish.to, wish, choose });
  }

  /** Goes back to an earlier release, as a new one. As `deploy`, and CONFLICT when there is none to go back to. */
  rollBack(actor: Actor, wish: input.RollbackReleaseInput): Promise<DeployOutcome> {
    const choose: Asked['choose'] = (tx, on) => this.choice.earlier(tx, actor, wish, on);
    return this.release(actor, { action: 'release:rollback', ref: wish.deployment, wish, choose });
  }

  /** Ends what serves; null when nothing did. Throws NOT_FOUND, FORBIDDEN, or CONFLICT when another release serves. */
  async end(actor: Actor, wish: input.EndReleaseInput): Promise<Release | null> {
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.choice.deployment(tx, actor, wish.deployment);
      await this.assets.lockFor(tx, actor, asset.id, 'EDIT');
      const live = await this.releases.live(tx, asset.id);
      if (!live) return null;
      checkExpected(asset, live, wish);
      const at = this.now();
      const ended = await this.releases.end(tx, asset.id, at);
      await this.stateFlows(tx, actor, { deploymentId: asset.id, flows: [], at });
      await recordAudit(tx, actor, {
        action: 'release:end',
        ...targetOf(asset, [asset.id, live.modelId]),
        before: { modelVersion: live.modelVersionId, release: live.id },
        after: null,
        reason: wish.reason ?? null,
        at,
      });
      await this.tells.releaseEnded(tx, ended.id);
      return ended;
    });
  }

  private async release(actor: Actor, { wish: { dryRun, ...wish }, ...asked }: Asked): Promise<DeployOutcome> {
    const work = (tx: WriteTransaction): Promise<DeployOutcome> =>
      this.releaseWithin(tx, actor, { ...asked, wish }, dryRun === true);
    if (!dryRun) return this.graph.write(actor.origin, work);
    return foreseen(await this.graph.rehearse(actor.origin, work));
  }

  private async releaseWithin(
    tx: WriteTransaction,
    actor: Actor,
    { action, ref, wish, choose }: Asked,
    isRehearsal: boolean,
  ): Promise<DeployOutcome> {
    const deployment = await this.choice.deployment(tx, actor, ref);
    const request = requestOf(actor, action, wish);
    const known = request && (await this.releases.findRequest(tx, request.key));
    if (known) return sameOrConflict(known, request.hash);
    const live = await this.releases.live(tx, deployment.asset.id);
    const choice = await choose(tx, { asset: deployment.asset, live });
    const { asset: model, rights } = await this.assets.lock(tx, actor, choice.pinned.asset.id);
    const entry = {
      action,
      ...targetOf(deployment.asset, [deployment.asset.id, model.id, ...choice.concerned.map(({ id }) => id)]),
      reason: wish.reason ?? null,
    };
    const reasons = [...denialsOf(actor, { asset: model, rights }, 'DEPLOY'), ...denialsOf(actor, deployment, 'EDIT')];
    const serves = live?.modelVersionId === choice.pinned.version.id ? live : null;
    if (reasons.length === 0 && !serves) checkExpected(deployment.asset, live, wish);
    const isAsked = reasons.length === 0 && !serves;
    const judged = isAsked
      ? await this.policies.judge(tx, actor, {
          ...questionOf(deployment.asset, choice),
          ...{ isRehearsal, request: { mutation: MUTATIONS[action], input: { ...wish } } },
        })
      : null;
    reasons.push(...(judged?.reasons ?? []));
    if (reasons.length > 0)
      return this.deny(tx, actor, { ...entry, at: this.now() }, { choice, reasons, judged, on: deployment.asset });
    const release = serves ?? (await this.replace(tx, actor, { deployment, live, choice, entry }));
    await this.policies.keep(tx, judged, release.id);
    if (request) await this.releases.keepRequest(tx, { ...request, releaseId: release.id });
    return isRehearsal ? accepted(judged?.warnings) : release;
  }

  private async deny(
    tx: WriteTransaction,
    actor: Actor,
    entry: AuditFact,
    { choice, reasons, judged, on }: { choice: Choice; reasons: DenialReason[]; judged: Judged | null; on: Asset },
  ): Promise<DeployOutcome> {
    const denied = reasons.map(({ rule, asset }) => ({ rule, asset: asset?.urn ?? null }));
    await recordAudit(tx, actor, {
      ...entry,
      outcome: 'DENIED',
      after: { modelVersion: choice.pinned.version.id, denied },
    });
    await this.policies.keep(tx, judged, null);
    const { action, at } = entry;
    await this.tells.denied(tx, on, { action, at, reasons: denied });
    const wouldAskApproval = judged?.decision.outcome === 'NEEDS_APPROVAL';
    return { __typename: 'DeployDenied', reasons, wouldAskApproval, warnings: judged?.warnings ?? [] };
  }

  private async replace(
    tx: WriteTransaction,
    actor: Actor,
    next: { deployment: LockedAsset; live: Release | null; choice: Choice; entry: Omit<AuditFact, 'at'> },
  ): Promise<Release> {
    const { live, choice, entry } = next;
    const deploymentId = next.deployment.asset.id;
    const { version, asset: model } = choice.pinned;
    // One time for the end of the one and the start of the other: at no moment nothing serves.
    const at = this.now();
    if (live) await this.releases.end(tx, deploymentId, at);
    const release: Release = {
      __typename: 'Release',
      id: newId(),
      deploymentId,
      modelVersionId: version.id,
      modelId: model.id,
      releasedById: actorId(actor),
      from: at,
      until: null,
      promotedFromId: choice.promotedFromId,
      rolledBackToId: choice.rolledBackToId,
    };
    await this.releases.create(tx, release);
    await this.stateFlows(tx, actor, { deploymentId, flows: [{ source: model.id, target: deploymentId }], at });
    const { id, promotedFromId, rolledBackToId } = release;
    const origin = { ...(promotedFromId ? { promotedFromId } : {}), ...(rolledBackToId ? { rolledBackToId } : {}) };
    await recordAudit(tx, actor, {
      ...entry,
      before: { modelVersion: live?.modelVersionId ?? null },
      after: { modelVersion: version.id, release: id, ...origin },
      at,
    });
    if (live) await this.tells.releaseEnded(tx, live.id);
    await this.tells.releaseBegan(tx, id);
    return release;
  }

  /** All that is known of the deployment: what was claimed before and is not named ends. */
  private async stateFlows(
    tx: WriteTransaction,
    actor: Actor,
    { deploymentId, flows, at }: { deploymentId: string; flows: Flow[]; at: Date },
  ): Promise<void> {
    const about = { claimSource: RELEASE_CLAIMS, subjectId: deploymentId, scope: 'TRANSFORMATION' } as const;
    const said = { runId: null, byId: actorId(actor), validFrom: at, validUntil: null };
    await this.claims.state(tx, ASSET_FLOWS, [{ ...about, ...said, flows }]);
  }
}

/** What came of it in a rehearsal, as it is told. */
function foreseen(outcome: DeployOutcome): DeployOutcome {
  if (outcome.__typename === 'DeployDenied') return shownDryRun(outcome);
  return outcome.__typename === 'DryRun' ? outcome : accepted();
}

const accepted = (warnings: readonly PolicyWarning[] = []): ShownDryRun =>
  shownDryRun({ reasons: [], wouldAskApproval: false, warnings });

function targetOf({ id: targetId, urn: targetName }: Asset, assetIds: readonly string[]) {
  return { targetId, targetName, assetIds: [...new Set(assetIds)] };
}

/** What policies are asked of a release: the same, whichever way the version was chosen. */
function questionOf(deployment: Asset, { pinned: { version, asset: model } }: Choice): PolicyQuestion {
  return {
    action: 'deployModel',
    resource: deployment,
    subjects: [
      { part: 'RESOURCE', assetId: deployment.id, versionId: null },
      { part: 'MODEL_VERSION', assetId: model.id, versionId: version.id },
    ],
    given: { environment: deployment.environment.trim().toLowerCase() },
  };
}
