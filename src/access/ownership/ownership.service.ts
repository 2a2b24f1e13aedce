import type { Actor } from '../../auth/actor.js';
import { entryOf } from '../../audit/record/record.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetRepository, NewOwner } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { checkOwners } from '../../catalog/model/owners.js';
import { badInput, forbidden } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Ownership } from '../grants/access.js';
import type { SetOwnersInput } from '../grants/access.input.js';
import type { OwnershipRepository } from './ownership.repository.js';
import type { PrincipalStatusRepository } from './principal-status.repository.js';

/** Who owns an asset, and which assets nobody can answer for. */
export class OwnershipService {
  constructor(
    private readonly graph: Graph,
    private readonly owners: OwnershipRepository,
    private readonly standings: PrincipalStatusRepository,
    private readonly assets: AssetService,
    private readonly assetRows: AssetRepository,
    private readonly now: () => Date,
  ) {}

  ownersOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Ownership[]>> {
    return this.owners.ownersOf(actor, assetIds);
  }

  /** Assets every OWNER of which is disabled or a team without a member who is not: those the actor may see. */
  listOrphans(actor: Actor, page: Page): Promise<PageRows<Asset>> {
    return this.owners.listOrphans(actor, page);
  }

  countOrphans(actor: Actor): Promise<number> {
    return this.owners.countOrphans(actor);
  }

  /**
   * Replaces the owners; where they are so already nothing is written. Nobody becomes an OWNER this way who has no say in it: that is
   * what offers are for; only an ADMIN may, to mend what nobody answers for. Throws NOT_FOUND, FORBIDDEN, STALE_REVISION or BAD_USER_INPUT.
   */
  async setOwners(actor: Actor, input: SetOwnersInput): Promise<Asset> {
    const wanted: NewOwner[] = checkOwners(input.owners.map(({ owner, role }) => ({ id: owner, role })));
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockFor(tx, actor, input.ref, 'MANAGE_OWNERS', input.ifRevision);
      const before = await this.owners.ownersIn(tx, asset.id);
      if (isSame(before, wanted)) return asset;
      await this.checkWanted(tx, actor, before, wanted);
      return this.replace(tx, actor, asset, {
        before,
        wanted,
        action: 'asset:setOwners',
        reason: input.reason ?? null,
      });
    });
  }

  /**
   * Writes the owners of an asset that the transaction has locked, with its revision and audit entry. Throws
   * BAD_USER_INPUT when nobody could act for it then.
   */
  async replace(
    tx: WriteTransaction,
    actor: Actor,
    asset: Asset,
    change: { before: readonly Ownership[]; wanted: readonly NewOwner[]; action: string; reason: string | null },
  ): Promise<Asset> {
    const { before, wanted, action, reason } = change;
    if (!(await this.owners.setOwners(tx, asset.id, wanted))) {
      throw badInput(
        `${asset.urn} would be left without an OWNER who can act: every one is disabled, or a team without members. Name another.`,
      );
    }
    const entry = entryOf(tx, actor, {
      action,
      targetId: asset.id,
      targetName: asset.urn,
      assetIds: [asset.id],
      before: { owners: before.map(({ ownerId, role }) => ({ id: ownerId, role })) },
      after: { owners: wanted },
      reason,
      at: this.now(),
    });
    return this.assetRows.change(tx, asset.id, { entry });
  }

  private async checkWanted(
    tx: WriteTransaction,
    actor: Actor,
    before: readonly Ownership[],
    wanted: readonly NewOwner[],
  ): Promise<void> {
    const standings = await this.standings.of(
      tx,
      wanted.map(({ id }) => id),
    );
    for (const { id, role } of wanted) {
      const standing = standings.get(id);
      const had = before.find(({ ownerId }) => ownerId === id);
      if (!standing) throw badInput(`An owner does not exist: ${id}. Give the ids of users or teams that do.`);
      if (standing.disabledAt && !had) throw badInput(`${standing.name} is disabled and cannot become an owner.`);
      const consents = had?.role === 'OWNER' || actor.principalIds.includes(id) || actor.role === 'ADMIN';
      if (role === 'OWNER' && !consents) {
        throw forbidden(
          `${standing.name} cannot be made an OWNER without their consent. Offer it to them with offerOwnership; they decide.`,
        );
      }
    }
  }
}

/** Whether the same people own an asset in the same roles. */
function isSame(before: readonly Ownership[], wanted: readonly NewOwner[]): boolean {
  const had = new Set(before.map(({ ownerId, role }) => `${role} ${ownerId}`));
  return had.size === wanted.length && wanted.every(({ id, role }) => had.has(`${role} ${id}`));
}
