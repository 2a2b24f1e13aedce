import type { Actor } from '../../auth/actor.js';
import { entryOf } from '../../audit/record/record.js';
import type { DecidesByPolicy, Judged } from '../../governance/decisions/decides.port.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { AssetRepository } from '../assets/asset.repository.js';
import type { AssetService } from '../assets/asset.service.js';
import type { Asset } from '../model/asset.js';
import { type Decided, deniedByPolicies, type DryRun, dryRunOf } from '../model/denied.js';
import type { RetireAssetInput } from './removal.type.js';

/** Takes assets out of use, and back into it. */
export class Retirement {
  constructor(
    private readonly graph: Graph,
    private readonly rows: AssetRepository,
    private readonly assets: AssetService,
    private readonly policies: DecidesByPolicy,
    private readonly now: () => Date,
  ) {}

  /**
   * Retires an asset, or takes that back; what is so already stays. Retiring is decided by policies, taking it back forbids nothing to
   * anybody. Throws NOT_FOUND, FORBIDDEN, STALE_REVISION or CONFLICT.
   */
  async retire(actor: Actor, input: RetireAssetInput): Promise<{ asset: Asset; dryRun: DryRun | null }> {
    const work = (tx: WriteTransaction) => this.within(tx, actor, input);
    if (input.dryRun) {
      const foreseen = await this.graph.rehearse(actor.origin, work);
      return { asset: await this.asItIs(actor, foreseen.made), dryRun: dryRunOf(foreseen) };
    }
    const { made, reasons } = await this.graph.write(actor.origin, work);
    if (reasons.length > 0) throw deniedByPolicies(reasons);
    return { asset: made, dryRun: null };
  }

  /** What was made in the rehearsal is not there: the asset is as it was. */
  private async asItIs(actor: Actor, { id }: Asset): Promise<Asset> {
    return (await this.assets.see(actor, id)).asset;
  }

  private async within(
    tx: WriteTransaction,
    actor: Actor,
    input: RetireAssetInput,
  ): Promise<Decided<Asset> & { made: Asset }> {
    const { asset } = await this.assets.lockToCurate(tx, actor, input);
    const done = { made: asset, reasons: [], wouldAskApproval: false, warnings: [] };
    if ((asset.retiredAt !== null) === input.retired) return done;
    const judged = input.retired ? await this.judge(tx, actor, asset, input) : null;
    if (judged && judged.reasons.length > 0) {
      await this.policies.keep(tx, judged, null);
      const wouldAskApproval = judged.decision.outcome === 'NEEDS_APPROVAL';
      return { made: asset, reasons: judged.reasons, wouldAskApproval, warnings: judged.warnings };
    }
    const at = this.now();
    const retiredAt = input.retired ? at : null;
    const entry = entryOf(tx, actor, {
      ...{ action: 'asset:retire', before: { retiredAt: asset.retiredAt }, after: { retiredAt } },
      ...{ targetId: asset.id, targetName: asset.urn, assetIds: [asset.id], reason: input.reason ?? null, at },
    });
    const made = await this.rows.change(tx, asset.id, { changes: { retiredAt }, entry, at });
    await this.policies.keep(tx, judged, asset.id);
    return { ...done, made, warnings: judged?.warnings ?? [] };
  }

  private judge(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    { dryRun, ...input }: RetireAssetInput,
  ): Promise<Judged | null> {
    return this.policies.judge(tx, actor, {
      ...{ action: 'retireAsset', resource: asset, given: { environment: '' }, isRehearsal: dryRun === true },
      subjects: [{ part: 'RESOURCE', assetId: asset.id, versionId: null }],
      request: { mutation: 'retireAsset', input: { ...input } },
    });
  }
}
