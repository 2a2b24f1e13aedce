import { type Actor, actorId } from '../../auth/actor.js';
import { type Action, givableBy } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, forbidden, limitExceeded, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { AccessGrant, AccessRequest } from './access.js';
import type { GrantAccessInput, RevokeAccessInput } from './access.input.js';
import type { AccessRepository, GrantConditions } from './access.repository.js';
import { validateGrantTerms, MAX_RUNNING_GRANTS } from './grant-terms.js';
import type { OwnershipRepository } from '../ownership/ownership.repository.js';
import type { PrincipalStatusRepository } from '../ownership/principal-status.repository.js';

export interface AccessDecision {
  request: AccessRequest;
  /** null when it was denied. */
  grant: AccessGrant | null;
}

/** Who is granted what, until when. */
export class GrantService {
  constructor(
    private readonly graph: Graph,
    private readonly access: AccessRepository,
    private readonly assets: AssetService,
    private readonly people: { owners: OwnershipRepository; standings: PrincipalStatusRepository },
    private readonly now: () => Date,
    private readonly maxDays: number,
  ) {}

  list(actor: Actor, conditions: GrantConditions, page: Page): Promise<PageRows<AccessGrant>> {
    return this.access.listGrants(actor, conditions, page);
  }

  count(actor: Actor, conditions: GrantConditions): Promise<number> {
    return this.access.countGrants(actor, conditions);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessGrant>> {
    return this.access.grantsByIds(actor, ids);
  }

  /**
   * Grants access without a request, the very same but once: an OWNER what can be granted, a STEWARD what lies within their own
   * rights. Throws NOT_FOUND, FORBIDDEN, or BAD_USER_INPUT for terms that make no sense and for who has it already by owning.
   */
  async grantAccess(actor: Actor, input: GrantAccessInput): Promise<AccessGrant> {
    validateGrantTerms(input, { now: this.now(), maxDays: this.maxDays });
    if (input.grantee === actorId(actor)) throw badInput('You cannot grant access to yourself.');
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, rights } = await this.assets.lock(tx, actor, input.asset);
      if (!rights.ownerRoles.some((role) => role === 'OWNER' || role === 'STEWARD'))
        throw forbidden(`Only an OWNER or STEWARD of ${asset.urn} grants access to it.`);
      const beyond = input.actions.find((action) => !givableBy(actor, rights).includes(action));
      if (beyond)
        throw forbidden(`${beyond} is beyond your own rights as STEWARD of ${asset.urn}; an OWNER grants it.`);
      const owners = await this.people.owners.ownersIn(tx, asset.id);
      if (owners.some(({ ownerId, role }) => ownerId === input.grantee && role === 'OWNER'))
        throw badInput(`${input.grantee} is OWNER of ${asset.urn} and may do everything already.`);
      const { until, grantee: granteeId } = input;
      const [actions, purpose] = [[...new Set(input.actions)], input.purpose.trim()];
      const terms = { assetId: asset.id, granteeId, actions, purpose, until };
      const same = await this.access.findSameGrant(tx, { ...terms, grantedById: actorId(actor) });
      if (same) return same;
      const grant = await this.give(tx, actor, { ...terms, requestId: null });
      await recordAudit(tx, actor, {
        action: 'access:grant',
        targetId: grant.id,
        targetName: asset.urn,
        assetIds: [asset.id],
        after: { grantee: granteeId, actions: grant.actions, purpose: grant.purpose, expiresAt: grant.expiresAt },
        personal: ['/after/purpose'],
        at: this.now(),
      });
      return grant;
    });
  }

  /**
   * Writes a grant in a transaction that has decided it may be. Throws NOT_FOUND for a grantee who does not exist,
   * BAD_USER_INPUT for one who is disabled, LIMIT_EXCEEDED for one who holds as many as can be.
   */
  async give(
    tx: WriteTransaction,
    actor: Actor,
    terms: {
      assetId: string;
      granteeId: string;
      actions: readonly Action[];
      purpose: string;
      until: Date;
      requestId: string | null;
    },
  ): Promise<AccessGrant> {
    const grantee = (await this.people.standings.of(tx, [terms.granteeId])).get(terms.granteeId);
    if (!grantee) throw notFound(`There is no principal ${terms.granteeId}.`);
    if (grantee.disabledAt)
      throw badInput(`${grantee.name} is disabled since ${grantee.disabledAt.toISOString()}; nothing can be granted.`);
    if ((await this.access.countHeld(tx, terms.granteeId)) >= MAX_RUNNING_GRANTS)
      throw limitExceeded(
        `${grantee.name} holds ${MAX_RUNNING_GRANTS} grants that run, and more are not possible. Revoke some, grant to a team they are in, or offer them ownership.`,
      );
    const grant = await this.access.createGrant(tx, terms.requestId, {
      __typename: 'AccessGrant',
      id: newId(),
      assetId: terms.assetId,
      granteeId: terms.granteeId,
      grantedById: actorId(actor),
      actions: [...new Set(terms.actions)],
      purpose: terms.purpose.trim(),
      createdAt: this.now(),
      expiresAt: terms.until,
      revokedAt: null,
    });
    // Disabled between the look and the write.
    if (!grant) throw badInput(`${grantee.name} is disabled; nothing can be granted.`);
    return grant;
  }

  /** Ends a grant at once: an OWNER or ADMIN any, a grantee their own. Ending it twice changes nothing. */
  async revokeAccess(actor: Actor, input: RevokeAccessInput): Promise<AccessGrant> {
    const me = actorId(actor);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.access.lockGrant(tx, actor, input.grant);
      const isGrantee = locked !== null && actor.principalIds.includes(locked.grant.granteeId);
      const reads = actor.role === 'ADMIN' || actor.role === 'AUDITOR';
      if (!locked || (!isGrantee && !reads && locked.rights.ownerRoles.length === 0))
        throw notFound(`There is no grant ${input.grant}.`);
      const gave = locked.grant.grantedById === me && locked.rights.ownerRoles.includes('STEWARD');
      if (!isGrantee && !gave && !locked.rights.ownerRoles.includes('OWNER') && actor.role !== 'ADMIN') {
        throw forbidden(`Only an OWNER of ${locked.urn}, the grantee, or the STEWARD who gave it ends this grant.`);
      }
      if (locked.grant.revokedAt) return locked.grant;
      const grant = await this.access.revokeGrant(tx, locked.grant.id, me);
      await recordAudit(tx, actor, {
        action: 'access:revoke',
        targetId: grant.id,
        targetName: locked.urn,
        assetIds: [grant.assetId],
        after: { revokedAt: grant.revokedAt },
        reason: input.reason ?? null,
        at: this.now(),
      });
      return grant;
    });
  }
}
