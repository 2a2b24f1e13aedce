import type { Actor } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { LockedAsset } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { PinnedVersion } from '../../catalog/versions/version.repository.js';
import { badInput, conflict, notFound, WeftlineError } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { type Release, type ReleaseOrigin, standsFor } from './release.js';
import type { PromoteReleaseInput, RollbackReleaseInput } from './release.input.js';
import type { ReleaseRepository } from './release.repository.js';
import type { RunService } from '../../lineage/runs/run.service.js';

/** The model version that is to serve, and why that one. */
export interface Choice extends ReleaseOrigin {
  pinned: PinnedVersion;
  /** Assets besides the deployment and the model that the choice concerns. */
  concerned: Asset[];
}

const ALONE = { promotedFromId: null, rolledBackToId: null, concerned: [] };

/** Finds the model version that a deployment is to serve: a named one, that of another deployment, or an earlier one. */
export class ReleaseTarget {
  constructor(
    private readonly releases: ReleaseRepository,
    private readonly assets: AssetService,
    private readonly runs: RunService,
  ) {}

  /** Throws NOT_FOUND, or BAD_USER_INPUT for what is no deployment. */
  async deployment(tx: WriteTransaction, actor: Actor, ref: string): Promise<LockedAsset> {
    const locked = await this.assets.lock(tx, actor, ref);
    const { kind, urn } = locked.asset;
    if (kind !== 'DEPLOYMENT') throw badInput(`${urn} is a ${kind}; a DEPLOYMENT is needed here.`);
    return locked;
  }

  /** Throws NOT_FOUND, or BAD_USER_INPUT for what is no model version. */
  async named(tx: WriteTransaction, actor: Actor, versionId: string): Promise<Choice> {
    const [pinned] = await this.runs.pinned(tx, actor, [versionId]);
    if (pinned?.version.__typename !== 'ModelVersion')
      throw badInput(`${versionId} is no model version; only these are deployed.`);
    return { pinned, ...ALONE };
  }

  /** What serves, or served, on `from`. Throws as `named`, and CONFLICT when it did not. */
  async ofDeployment(tx: WriteTransaction, actor: Actor, input: PromoteReleaseInput, to: Asset): Promise<Choice> {
    const { asset: from } = await this.deployment(tx, actor, input.from);
    if (from.id === to.id)
      throw badInput(`\`from\` and \`to\` are the same deployment, ${to.urn}. Name two, or use rollbackRelease.`);
    const named = input.modelVersion == null ? null : await this.named(tx, actor, input.modelVersion);
    const release = named
      ? await this.releases.ofVersion(tx, from.id, named.pinned.version.id)
      : await this.releases.live(tx, from.id);
    if (!release) {
      throw conflict(
        named
          ? `The model version ${named.pinned.version.id} never served on ${from.urn}. Deploy it there first, or release it with deployModel.`
          : `Nothing serves on ${from.urn}. Name a \`modelVersion\` that served there, or deploy one first.`,
      );
    }
    const choice = named ?? (await this.knowable(tx, actor, release, from));
    return { ...choice, promotedFromId: release.id, concerned: [from] };
  }

  /** An earlier release of the deployment. Throws NOT_FOUND for one it never had, CONFLICT when there is none. */
  async earlier(
    tx: WriteTransaction,
    actor: Actor,
    input: RollbackReleaseInput,
    { asset, live }: { asset: Asset; live: Release | null },
  ): Promise<Choice> {
    const than = { before: live && standsFor(live), not: live?.modelVersionId ?? null };
    const release =
      input.to == null
        ? await this.releases.earlier(tx, asset.id, than)
        : await this.releases.on(tx, asset.id, input.to);
    if (!release) {
      throw input.to == null
        ? conflict(`${asset.urn} has no earlier release to go back to. Release a version with deployModel.`)
        : notFound(`There is no release ${input.to} of ${asset.urn}. Its \`releases\` tell which there are.`);
    }
    if (live?.modelVersionId === release.modelVersionId)
      throw conflict(`The model version of the release ${release.id} serves on ${asset.urn} already.`);
    return { ...(await this.knowable(tx, actor, release, asset)), rolledBackToId: standsFor(release) };
  }

  /** Who sees a deployment may still not know of the model: then its ids stay unsaid. */
  private async knowable(tx: WriteTransaction, actor: Actor, release: Release, on: Asset): Promise<Choice> {
    try {
      return await this.named(tx, actor, release.modelVersionId);
    } catch (error) {
      if (!(error instanceof WeftlineError) || error.code !== 'NOT_FOUND') throw error;
      throw notFound(`What the release ${release.id} served on ${on.urn} is a model version you may not know of.`);
    }
  }
}
