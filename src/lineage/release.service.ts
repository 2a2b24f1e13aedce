import { type Actor, actorId } from '../auth/actor.js';
import { type DenialReason, denialsOf } from '../access/denial.js';
import { recordAudit } from '../audit/record.js';
import type { Asset } from '../catalog/asset.js';
import type { AssetService } from '../catalog/asset.service.js';
import { badInput } from '../errors.js';
import type { Page, PageRows } from '../graphql/page.js';
import { newId } from '../ids.js';
import type { Graph, WriteTransaction } from '../neo4j/graph.js';
import type { ClaimEngine } from './claim-engine.service.js';
import { ASSET_FLOWS, RELEASE_CLAIMS } from './claim.js';
import type { Release } from './release.js';
import type { ReleaseRepository } from './release.repository.js';
import type { RunService } from './run.service.js';

export interface DeployRequest {
  modelVersion: string;
  deployment: string;
  reason?: string | null;
}

/** Either the release, or why it was denied. */
export type DeployOutcome = Release | { __typename: 'DeployDenied'; reasons: DenialReason[] };

/** Which model version serves where, and when it did. */
export class ReleaseService {
  constructor(
    private readonly graph: Graph,
    private readonly releases: ReleaseRepository,
    private readonly assets: AssetService,
    private readonly runs: RunService,
    private readonly claims: ClaimEngine,
    private readonly now: () => Date,
  ) {}

  /**
   * Releases a model version on a deployment, ending what served there. Releasing what already serves changes nothing.
   * A denial is an answer, and is kept in the audit log. Throws NOT_FOUND or BAD_USER_INPUT.
   */
  async deploy(actor: Actor, request: DeployRequest): Promise<DeployOutcome> {
    return this.graph.write(actor.origin, async (tx) => {
      const [pinned] = await this.runs.pinned(tx, actor, [request.modelVersion]);
      if (pinned?.version.__typename !== 'ModelVersion')
        throw badInput(`${request.modelVersion} is no model version; only these are deployed.`);
      const model = await this.assets.lock(tx, actor, pinned.asset.id);
      const deployment = await this.assets.lock(tx, actor, request.deployment);
      if (deployment.asset.kind !== 'DEPLOYMENT') {
        throw badInput(`${deployment.asset.urn} is a ${deployment.asset.kind}; a DEPLOYMENT is needed here.`);
      }
      const reasons = [...denialsOf(actor, model, 'DEPLOY'), ...denialsOf(actor, deployment, 'EDIT')];
      const target = {
        targetId: deployment.asset.id,
        targetName: deployment.asset.urn,
        assetIds: [deployment.asset.id, model.asset.id],
      };
      const entry = { action: 'model:deploy', ...target, reason: request.reason ?? null, at: this.now() };
      if (reasons.length > 0) {
        const after = {
          modelVersion: pinned.version.id,
          denied: reasons.map(({ rule, asset }) => ({ rule, asset: asset?.urn ?? null })),
        };
        await recordAudit(tx, actor, { ...entry, outcome: 'DENIED', after });
        return { __typename: 'DeployDenied', reasons };
      }
      const before = await this.releases.live(tx, deployment.asset.id);
      if (before?.modelVersionId === pinned.version.id) return before;
      const release = await this.replace(tx, actor, before, {
        deployment: deployment.asset,
        model: model.asset,
        versionId: pinned.version.id,
      });
      const change = {
        before: { modelVersion: before?.modelVersionId ?? null },
        after: { modelVersion: pinned.version.id, release: release.id },
      };
      await recordAudit(tx, actor, { ...entry, ...change });
      return release;
    });
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Release>> {
    return this.releases.byIds(actor, ids);
  }

  currentOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, Release>> {
    return this.releases.currentOf(actor, deploymentIds);
  }

  of(actor: Actor, deploymentIds: readonly string[], page: Page): Promise<Map<string, PageRows<Release>>> {
    return this.releases.of(actor, deploymentIds, page);
  }

  countOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, number>> {
    return this.releases.countOf(actor, deploymentIds);
  }

  servedBy(actor: Actor, versionIds: readonly string[]): Promise<Map<string, Release[]>> {
    return this.releases.servedBy(actor, versionIds);
  }

  private async replace(
    tx: WriteTransaction,
    actor: Actor,
    before: Release | null,
    next: { deployment: Asset; model: Asset; versionId: string },
  ): Promise<Release> {
    const { deployment, model, versionId } = next;
    if (before) await this.releases.end(tx, deployment.id);
    const release: Release = {
      __typename: 'Release',
      id: newId(),
      deploymentId: deployment.id,
      modelVersionId: versionId,
      modelId: model.id,
      releasedById: actorId(actor),
      from: this.now(),
      until: null,
    };
    await this.releases.create(tx, release);
    // All that is known of the deployment: the claim of the release it replaces ends.
    const report = { claimSource: RELEASE_CLAIMS, subjectId: deployment.id, scope: 'TRANSFORMATION' } as const;
    const said = { runId: null, byId: release.releasedById, validFrom: release.from, validUntil: null };
    const flows = [{ source: model.id, target: deployment.id }];
    await this.claims.state(tx, ASSET_FLOWS, [{ ...report, ...said, flows }]);
    return release;
  }
}
