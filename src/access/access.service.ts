import { type Actor, actorId } from '../auth/actor.js';
import { type Action, actionsOf, type RightsFacts } from '../auth/rights.js';
import { recordAudit } from '../audit/record.js';
import type { Asset } from '../catalog/asset.js';
import type { AssetRepository, OwnerWanted } from '../catalog/asset.repository.js';
import { type AssetService, checkOwners } from '../catalog/asset.service.js';
import { badInput, conflict, forbidden, notFound } from '../errors.js';
import type { Page, PageRows } from '../graphql/page.js';
import { newId } from '../ids.js';
import type { Graph } from '../neo4j/graph.js';
import type { AccessGrant, AccessRequest, Ownership } from './access.js';
import type { DecideAccessInput, RequestAccessInput, RevokeAccessInput, SetOwnersInput } from './access.input.js';
import type { AccessRepository, GrantConditions, RequestConditions } from './access.repository.js';

/** What a grant can be for; MANAGE_OWNERS cannot be granted: it comes with owning. */
const GRANTABLE: readonly Action[] = ['VIEW', 'EDIT', 'USE_FOR_TRAINING', 'DEPLOY'];

/** Owners, access requests and grants. */
export class AccessService {
  constructor(
    private readonly graph: Graph,
    private readonly access: AccessRepository,
    private readonly assets: AssetService,
    private readonly assetRows: AssetRepository,
    private readonly now: () => Date,
  ) {}

  ownersOf(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Ownership[]>> {
    return this.access.ownersOf(actor, assetIds);
  }

  /** What the actor may do with each of the assets. */
  async viewerCan(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Action[]>> {
    const rights = await this.access.rightsOf(actor, assetIds);
    return new Map([...rights].map(([id, facts]) => [id, actionsOf(actor, facts)]));
  }

  /** Replaces the owners. Throws NOT_FOUND, FORBIDDEN, STALE_REVISION or BAD_USER_INPUT. */
  async setOwners(actor: Actor, input: SetOwnersInput): Promise<Asset> {
    const owners: OwnerWanted[] = checkOwners(input.owners.map(({ owner, role }) => ({ id: owner, role })));
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockFor(tx, actor, input.ref, 'MANAGE_OWNERS', input.ifRevision);
      const before = (await this.access.ownersOf(actor, [asset.id])).get(asset.id) ?? [];
      if ((await this.access.setOwners(tx, asset.id, owners)) !== owners.length) {
        throw badInput(
          'An owner does not exist or is disabled. Give the ids of teams, or of enabled users or service accounts.',
        );
      }
      const changed = await this.assetRows.update(tx, asset.id, {});
      await this.assetRows.recordRevision(tx, asset.id, null);
      await recordAudit(tx, actor, {
        action: 'asset:setOwners',
        targetId: asset.id,
        targetName: asset.urn,
        assetIds: [asset.id],
        before: { owners: before.map(({ ownerId, role }) => ({ id: ownerId, role })) },
        after: { owners },
        reason: input.reason ?? null,
        at: this.now(),
      });
      return changed;
    });
  }

  /** Asks the owners for access, for oneself or a team one is in. Throws NOT_FOUND or BAD_USER_INPUT. */
  async requestAccess(actor: Actor, input: RequestAccessInput): Promise<AccessRequest> {
    const requesterId = actorId(actor);
    const granteeId = input.grantee ?? requesterId;
    if (!actor.principalIds.includes(granteeId)) {
      throw forbidden('You can ask for yourself or for a team you are in, not for someone else.');
    }
    this.checkRequest(input);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lock(tx, actor, input.asset);
      const request = await this.access.createRequest(tx, {
        __typename: 'AccessRequest',
        id: newId(),
        assetId: asset.id,
        requesterId,
        granteeId,
        actions: [...new Set(input.actions)],
        purpose: input.purpose.trim(),
        until: input.until,
        state: 'OPEN',
        createdAt: this.now(),
        decidedAt: null,
        deciderId: null,
        reason: null,
      });
      if (!request) throw notFound(`There is no principal ${granteeId}.`);
      const after = { actions: request.actions, purpose: request.purpose, until: request.until, grantee: granteeId };
      await recordAudit(tx, actor, {
        action: 'access:request',
        targetId: request.id,
        targetName: asset.urn,
        assetIds: [asset.id],
        after,
        personal: ['/after/purpose'],
        at: this.now(),
      });
      return request;
    });
  }

  /**
   * Decides a request, once: the second decision is a CONFLICT. Only an OWNER decides, and never about what they asked
   * for themselves.
   */
  async decideAccess(
    actor: Actor,
    input: DecideAccessInput,
  ): Promise<{ request: AccessRequest; grant: AccessGrant | null }> {
    const deciderId = actorId(actor);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.access.lockRequest(tx, actor, input.request);
      if (!locked || !concerns(actor, locked.rights, locked.request))
        throw notFound(`There is no access request ${input.request}.`);
      this.checkDecider(actor, locked.rights, locked.request);
      const { id, actions, purpose, granteeId, assetId } = locked.request;
      const expiresAt = input.until ?? locked.request.until;
      if (input.approve && expiresAt <= this.now())
        throw badInput('The end of the grant is in the past. Give a later `until`.');
      if (expiresAt > locked.request.until) throw badInput('A grant cannot last longer than was asked for.');
      const state = input.approve ? 'APPROVED' : 'DENIED';
      const request = await this.access.decideRequest(tx, { id, state, deciderId, reason: input.reason ?? null });
      const grant = input.approve
        ? await this.access.createGrant(tx, id, {
            __typename: 'AccessGrant',
            id: newId(),
            assetId,
            granteeId,
            grantedById: deciderId,
            actions,
            purpose,
            createdAt: this.now(),
            expiresAt,
            revokedAt: null,
          })
        : null;
      if (input.approve && !grant) throw badInput('Who would be granted access is disabled. Deny the request instead.');
      await recordAudit(tx, actor, {
        action: 'access:decide',
        targetId: id,
        targetName: locked.urn,
        assetIds: [assetId],
        before: { state: 'OPEN' },
        after: { state, grant: grant?.id ?? null, grantee: granteeId, actions, expiresAt },
        reason: input.reason ?? null,
        at: this.now(),
      });
      return { request, grant };
    });
  }

  /** Ends a grant at once: an OWNER any, a grantee their own. Ending it twice changes nothing. */
  async revokeAccess(actor: Actor, input: RevokeAccessInput): Promise<AccessGrant> {
    const me = actorId(actor);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.access.lockGrant(tx, actor, input.grant);
      const isGrantee = locked !== null && actor.principalIds.includes(locked.grant.granteeId);
      if (!locked || (!isGrantee && !ownsOrReadsAll(actor, locked.rights)))
        throw notFound(`There is no grant ${input.grant}.`);
      if (!isGrantee && !locked.rights.ownerRoles.includes('OWNER') && actor.role !== 'ADMIN') {
        throw forbidden(`Only an OWNER of ${locked.urn} or the grantee ends this grant.`);
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

  listRequests(actor: Actor, conditions: RequestConditions, page: Page): Promise<PageRows<AccessRequest>> {
    return this.access.listRequests(actor, conditions, page);
  }

  countRequests(actor: Actor, conditions: RequestConditions): Promise<number> {
    return this.access.countRequests(actor, conditions);
  }

  listGrants(actor: Actor, conditions: GrantConditions, page: Page): Promise<PageRows<AccessGrant>> {
    return this.access.listGrants(actor, conditions, page);
  }

  countGrants(actor: Actor, conditions: GrantConditions): Promise<number> {
    return this.access.countGrants(actor, conditions);
  }

  requestsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessRequest>> {
    return this.access.requestsByIds(actor, ids);
  }

  grantsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessGrant>> {
    return this.access.grantsByIds(actor, ids);
  }

  private checkRequest(input: RequestAccessInput): void {
    if (input.actions.length === 0) throw badInput('Name at least one action to ask for.');
    const beyond = input.actions.find((action) => !GRANTABLE.includes(action));
    if (beyond) throw badInput(`${beyond} cannot be granted; it comes with owning. Ask for ${GRANTABLE.join(', ')}.`);
    if (input.purpose.trim() === '') throw badInput('Say for which purpose: owners decide by it.');
    if (input.until <= this.now()) {
      throw badInput(
        `\`until\` is ${input.until.toISOString()}, which is in the past. Give the end of the time you need.`,
      );
    }
  }

  private checkDecider(actor: Actor, rights: RightsFacts, request: AccessRequest): void {
    if (!rights.ownerRoles.includes('OWNER')) throw forbidden('Only an OWNER of the asset decides who may use it.');
    if (request.requesterId === actor.id) throw forbidden('You asked for this yourself; another owner must decide.');
    if (request.state !== 'OPEN') {
      throw conflict(
        `The request was decided already: ${request.state} at ${request.decidedAt?.toISOString() ?? 'an unknown time'}.`,
      );
    }
  }
}

function ownsOrReadsAll(actor: Actor, rights: RightsFacts): boolean {
  return rights.ownerRoles.length > 0 || actor.role === 'ADMIN' || actor.role === 'AUDITOR';
}

/** Whether the actor may know of the request at all. */
function concerns(actor: Actor, rights: RightsFacts, request: AccessRequest): boolean {
  return (
    ownsOrReadsAll(actor, rights) ||
    actor.principalIds.includes(request.granteeId) ||
    actor.principalIds.includes(request.requesterId)
  );
}
