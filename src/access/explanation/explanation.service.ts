import { type Actor, actorId } from '../../auth/actor.js';
import type { Action } from '../../auth/rights.js';
import { type AssetService, assetNotFound } from '../../catalog/assets/asset.service.js';
import { forbidden, notFound } from '../../errors.js';
import type { AccessRepository } from '../grants/access.repository.js';
import { type AccessExplanation, explain } from './explanation.js';
import type { ExplanationRepository } from './explanation.repository.js';
import type { PrincipalStatusRepository } from '../ownership/principal-status.repository.js';

/** Why somebody may do something, or may not. */
export class ExplanationService {
  constructor(
    private readonly facts: ExplanationRepository,
    private readonly access: AccessRepository,
    private readonly standings: PrincipalStatusRepository,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  /**
   * About oneself for everyone who may see the asset; about others for its owners and stewards, ADMIN and AUDITOR. Throws
   * NOT_FOUND for an asset or principal that is not there for the actor, FORBIDDEN about others.
   */
  async explain(actor: Actor, ref: string, action: Action, principalId: string): Promise<AccessExplanation> {
    const asset = await this.assets.find(actor, ref);
    if (!asset) throw assetNotFound(ref);
    if (principalId !== actorId(actor)) await this.checkMayAskAboutOthers(actor, asset.id, asset.urn);
    const principal = await this.standings.find(actor.origin, principalId);
    if (!principal) throw notFound(`There is no principal ${principalId}.`);
    const ids = [principal.id, ...principal.teams.map((team) => team.id)];
    return explain(principal, await this.facts.factsBetween(actor, asset.id, ids), action, this.now());
  }

  private async checkMayAskAboutOthers(actor: Actor, assetId: string, urn: string): Promise<void> {
    if (actor.role === 'ADMIN' || actor.role === 'AUDITOR') return;
    const rights = (await this.access.rightsOf(actor, [assetId])).get(assetId);
    if (!rights || rights.ownerRoles.length === 0)
      throw forbidden(`Only owners and stewards of ${urn} ask what others may do with it. You may ask about yourself.`);
  }
}
