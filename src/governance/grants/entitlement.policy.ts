import { type Actor, actorId } from '../../auth/actor.js';
import { may, mayCurate, type RightsFacts } from '../../auth/rights.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import { forbidden } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import { type Dimensions, keyOf, loweredBy } from '../labels/dimensions.js';
import type { EffectiveRepository } from '../labels/effective.repository.js';
import { storedValue } from '../labels/label.decode.js';
import type { DeclassificationGrant } from './declassification.js';
import type { DeclassificationRepository } from './declassification.repository.js';

/** A grant, and the transformation that it is of. */
interface Asked {
  grant: DeclassificationGrant;
  asset: Asset;
}

/**
 * Who has a word on a grant: an ADMIN, or who owns or stewards every asset whose label it lowers. Since it lowers whatever goes into that
 * code, also what others will feed it, one of the two who approve is always an ADMIN.
 */
export class GrantEntitlement {
  constructor(
    private readonly rows: DeclassificationRepository,
    private readonly labels: EffectiveRepository,
    private readonly assets: AssetService,
    private readonly dimensions: Dimensions,
  ) {}

  /** Who may change the code may ask for a grant, and take it back. */
  mayEdit(actor: Actor, rights: RightsFacts): boolean {
    return may(actor, rights, 'EDIT');
  }

  /** Whether they approve as an ADMIN. Throws FORBIDDEN: to who asked, wrote the code, or may not decide it. */
  async checkMayApprove(tx: WriteTransaction, actor: Actor, asked: Asked): Promise<boolean> {
    const { grant, asset } = asked;
    const isAdmin = await this.checkEntitled(tx, actor, asked);
    const id = actorId(actor);
    if (grant.requestedById === id)
      throw forbidden(`The grant ${grant.id} was asked for by you: two others approve it.`);
    if ((await this.rows.codeAuthors(tx, asset.id)).includes(id))
      throw forbidden(
        `The grant ${grant.id} is of code of ${asset.urn} that you registered or changed: others approve it.`,
      );
    const others = grant.approvals.filter(({ byId }) => byId !== id);
    if (!isAdmin && others.some((each) => !each.isAdmin))
      throw forbidden(
        `The grant ${grant.id} has the word of an owner already; one of the two who approve is an ADMIN. Ask one.`,
      );
    return isAdmin;
  }

  /** Whether they are so as an ADMIN. Throws FORBIDDEN. */
  async checkEntitled(tx: WriteTransaction, actor: Actor, { grant }: Asked): Promise<boolean> {
    if (actor.role === 'ADMIN') return true;
    const lowered = await this.loweredAssets(tx, grant);
    const cared = await Promise.all(lowered.map((id) => this.takesCareOf(tx, actor, id)));
    if (cared.length === 0 || cared.includes(false))
      throw forbidden(
        `The grant ${grant.id} is for an ADMIN to decide, or for who owns or stewards all data whose \`${grant.dimension}\` it lowers.`,
      );
    return false;
  }

  /** What declares, up the line of the transformation, a label that the grant lowers. */
  private async loweredAssets(tx: WriteTransaction, grant: DeclassificationGrant): Promise<string[]> {
    const dimension = this.dimensions.find(grant.dimension);
    const to = dimension ? storedValue(dimension, grant.to) : null;
    if (dimension === undefined || to === null) return [];
    const from = grant.from.length === 0 ? null : storedValue(dimension, grant.from);
    const { transformationId: id } = grant;
    const line = (await this.labels.ofAssets(tx, [id], { validAt: null, knownAt: null })).get(id);
    const said = (line?.declarations ?? []).filter((each) => each.dimension === dimension.name);
    const lowered = said.filter(({ value }) => keyOf(loweredBy(dimension, value, { from, to })) !== keyOf(value));
    return [...new Set(lowered.map(({ assetId }) => assetId))];
  }

  private async takesCareOf(tx: WriteTransaction, actor: Actor, id: string): Promise<boolean> {
    const seen = await this.assets.look(tx, actor, id).catch(() => null);
    return seen !== null && mayCurate(actor, seen.rights);
  }
}
