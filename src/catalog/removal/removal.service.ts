import type { Actor } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, conflict, notFound, type WeftlineError } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { ChangeAssetInput } from '../assets/asset.input.js';
import type { AssetService } from '../assets/asset.service.js';
import type { Asset, AssetField } from '../model/asset.js';
import type { RemovalRepository } from './removal.repository.js';

/** What was deleted, and the urns that are free from now on. */
export interface Deleted {
  id: string;
  releasedUrns: string[];
}

/** Takes away assets that nothing hangs on, and gives names back. */
export class RemovalService {
  constructor(
    private readonly graph: Graph,
    private readonly removals: RemovalRepository,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  /**
   * Deletes an asset with its fields, owners and history, and frees its urns; the audit log keeps what it was. Throws NOT_FOUND,
   * FORBIDDEN, STALE_REVISION, or CONFLICT where something hangs on it: versions, flows, grants, runs and whatever else tells of it.
   * Under the lock of the asset: what reaches for it meanwhile waits, and then does not find it.
   */
  async delete(actor: Actor, input: ChangeAssetInput): Promise<Deleted> {
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockToCurate(tx, actor, input);
      const hanging = await this.removals.whatHangsOn(tx, asset.id);
      if (hanging.size > 0) throw stillNeeded(asset, hanging);
      const releasedUrns = await this.removals.urnsOf(tx, asset.id);
      await recordAudit(tx, actor, {
        action: 'asset:delete',
        ...targetOf(asset),
        before: { ...asWritten(asset, await this.assets.fieldsIn(tx, asset)), urns: releasedUrns },
        reason: input.reason ?? null,
        at: this.now(),
      });
      await this.removals.delete(tx, asset.id);
      return { id: asset.id, releasedUrns };
    });
  }

  /**
   * Frees a urn for others: a former one of an asset, or the present one of an asset that is retired, which is called by its id besides
   * from then on. Throws NOT_FOUND where no asset has or had it, FORBIDDEN, or CONFLICT where it is the present one of what is in use,
   * or an open session of an auditor sees the asset by it.
   */
  async releaseUrn(actor: Actor, { urn, reason }: { urn: string; reason?: string | null }): Promise<Asset> {
    if (!urn.startsWith('urn:')) throw badInput('Give the urn that is to be free.');
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockToCurate(tx, actor, { ref: urn });
      const isPresent = asset.urn === urn;
      if (isPresent && asset.retiredAt === null)
        throw conflict(
          `${urn} is the name of an asset in use. Rename it, or retire it with retireAsset, then release this.`,
        );
      const auditors = await this.removals.auditorsBy(tx, asset.id, urn);
      if (auditors > 0)
        throw conflict(
          `${urn} leads to ${asset.id} in ${auditors} open sessions of auditors. Release it once they have ended (auditorSessions).`,
        );
      const left = isPresent ? await this.assets.renameWithin(tx, actor, asset, nameAside(asset), reason) : asset;
      if (!(await this.removals.releaseAlias(tx, asset.id, urn))) throw notFound(`No asset has or had ${urn}.`);
      await this.account(tx, actor, left, urn, reason ?? null);
      return left;
    });
  }

  private account(tx: WriteTransaction, actor: Actor, asset: Asset, urn: string, reason: string | null): Promise<void> {
    const fact = { action: 'asset:releaseUrn', before: { formerUrn: urn }, after: null, reason, at: this.now() };
    return recordAudit(tx, actor, { ...fact, ...targetOf(asset) });
  }
}

const targetOf = ({ id, urn }: Asset) => ({ targetId: id, targetName: urn, assetIds: [id] });

/** What a retired asset is called once its name is free: unique by its id. */
const nameAside = ({ name, id }: Asset): string => `${[...name].slice(0, 900).join('')}~${id.slice(-12)}`;

/** All that was known of it, for the log. */
function asWritten(asset: Asset, fields: readonly AssetField[]): Record<string, unknown> {
  const { __typename, isJoined, symlinks, fieldsThen, ownersThen, ...known } = asset;
  return { ...known, fields: fields.map(({ name, type, description }) => ({ name, type, description })) };
}

/** What hangs on assets, in the words of the API. */
const KINDS: Readonly<Record<string, string>> = {
  VERSION_OF: 'versions',
  FEEDS: 'flows of lineage',
  FEEDS_FIELD: 'flows of columns',
  GRANTED_ON: 'grants',
  ABOUT: 'requests for access',
  OFFERED_ON: 'offers of ownership',
  RUN_OF: 'runs',
  RELEASE_OF: 'releases',
  WILL_GENERATE: 'training jobs',
  STATES: 'statements of lineage',
  DECIDED_ON: 'decisions by policies',
  JOINED_INTO: 'other names that were joined into it',
  AUDITOR_SESSION: 'open sessions of auditors to whom it is there',
};

function stillNeeded({ urn }: Asset, hanging: ReadonlyMap<string, number>): WeftlineError {
  const told = [...hanging].map(([kind, number]) => `${number} ${KINDS[kind] ?? `of ${kind}`}`).join(', ');
  return conflict(
    `${urn} cannot be deleted, for there hang on it: ${told}. Retire it with retireAsset; releaseUrn then frees its name.`,
  );
}
