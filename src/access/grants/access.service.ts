import { type Actor, actorId } from '../../auth/actor.js';
import { type Action, actionsOf, givableBy, type RightsFacts } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, conflict, forbidden, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { AccessRequest } from './access.js';
import type { DecideAccessInput, RequestAccessInput, WithdrawAccessRequestInput } from './access.input.js';
import type { AccessRepository, LockedRequest, RequestConditions } from './access.repository.js';
import type { AccessDecision, GrantService } from './grant.service.js';
import { validateGrantTerms } from './grant-terms.js';

export interface RequestedAccess {
  request: AccessRequest;
  /** What of it who it is for may do already, for as long: they need no decision for that. */
  alreadyAllowed: Action[];
}

/** What the actor may do, and asking for more: requests, and their decision. */
export class AccessService {
  constructor(
    private readonly graph: Graph,
    private readonly access: AccessRepository,
    private readonly assets: AssetService,
    private readonly grants: GrantService,
    private readonly now: () => Date,
    private readonly maxDays: number,
  ) {}

  /** What the actor may do with each of the assets. */
  async viewerCan(actor: Actor, assetIds: readonly string[]): Promise<Map<string, Action[]>> {
    const rights = await this.access.rightsOf(actor, assetIds);
    return new Map([...rights].map(([id, facts]) => [id, actionsOf(actor, facts)]));
  }

  listRequests(actor: Actor, conditions: RequestConditions, page: Page): Promise<PageRows<AccessRequest>> {
    return this.access.listRequests(actor, conditions, page);
  }

  countRequests(actor: Actor, conditions: RequestConditions): Promise<number> {
    return this.access.countRequests(actor, conditions);
  }

  requestsByIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AccessRequest>> {
    return this.access.requestsByIds(actor, ids);
  }

  /**
   * Asks the owners for access, for oneself or a team one is in; what is asked for already is one request. Throws NOT_FOUND, FORBIDDEN
   * or BAD_USER_INPUT.
   */
  async requestAccess(actor: Actor, input: RequestAccessInput): Promise<RequestedAccess> {
    const requesterId = actorId(actor);
    const granteeId = input.grantee ?? requesterId;
    if (!actor.principalIds.includes(granteeId)) {
      throw forbidden('You can ask for yourself or for a team you are in, not for someone else.');
    }
    validateGrantTerms(input, this.bounds());
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, rights } = await this.assets.lock(tx, actor, input.asset);
      const wanted: AccessRequest = {
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
      };
      const alreadyAllowed = await this.allowedAlready(tx, actor, { request: wanted, rights });
      const same = await this.access.findSameRequest(tx, wanted);
      if (same) return { request: same, alreadyAllowed };
      const request = await this.access.createRequest(tx, wanted);
      if (!request) throw notFound(`There is no principal ${granteeId}.`);
      const { actions, purpose, until } = request;
      const after = { actions, purpose, until, grantee: granteeId };
      await this.audit(tx, actor, 'access:request', { request, urn: asset.urn }, { after });
      return { request, alreadyAllowed };
    });
  }

  /**
   * Decides a request, once: the second decision is a CONFLICT. An OWNER decides, or a STEWARD what lies within their own
   * rights, and nobody about what they asked for themselves. A decision may give less than was asked, never more.
   */
  async decideAccess(actor: Actor, input: DecideAccessInput): Promise<AccessDecision> {
    const deciderId = actorId(actor);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, input.request);
      checkDecider(actor, locked.rights, locked.request);
      const { id } = locked.request;
      const terms = input.approve ? narrowed(locked.request, input, this.bounds()) : null;
      const reason = input.reason ?? null;
      const state = input.approve ? 'APPROVED' : 'DENIED';
      const request = await this.access.decideRequest(tx, { id, state, deciderId, reason });
      const grant = terms && (await this.grants.give(tx, actor, { ...terms, requestId: id }));
      const { granteeId: grantee, actions } = locked.request;
      const given = { grant: grant?.id ?? null, grantee, actions: terms?.actions ?? actions, expiresAt: terms?.until };
      const change = { before: { state: 'OPEN' }, after: { state, ...given } };
      await this.audit(tx, actor, 'access:decide', locked, { ...change, reason });
      return { request, grant };
    });
  }

  /** Takes back what one asked for, while it is open. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  async withdrawRequest(actor: Actor, input: WithdrawAccessRequestInput): Promise<AccessRequest> {
    const deciderId = actorId(actor);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, input.request);
      if (locked.request.requesterId !== deciderId)
        throw forbidden('Only who asked takes a request back. An owner can deny it with decideAccess.');
      checkOpen(locked.request);
      const reason = input.reason ?? null;
      const end = { id: locked.request.id, state: 'WITHDRAWN', deciderId, reason } as const;
      const request = await this.access.decideRequest(tx, end);
      const change = { before: { state: 'OPEN' }, after: { state: 'WITHDRAWN' } };
      await this.audit(tx, actor, 'access:withdraw', locked, { ...change, reason });
      return request;
    });
  }

  /** What of a request who it is for may do already, as long as is asked: by owning, a role or grants. */
  private async allowedAlready(
    tx: WriteTransaction,
    actor: Actor,
    { request, rights }: Pick<LockedRequest, 'request' | 'rights'>,
  ): Promise<Action[]> {
    const { assetId, granteeId, actions, until } = request;
    const isOwn = granteeId === actorId(actor);
    // What everyone may see now is not theirs for as long as they ask for.
    const given = isOwn ? actionsOf(actor, { ...rights, granted: [], visibility: 'RESTRICTED' }) : [];
    const granteeIds = isOwn ? actor.principalIds : [granteeId];
    const granted = await this.access.actionsGranted(tx, { assetId, granteeIds, actions, until });
    return actions.filter((action) => given.includes(action) || granted.includes(action));
  }

  /** What the end of a grant is held against. */
  private bounds(): { now: Date; maxDays: number } {
    return { now: this.now(), maxDays: this.maxDays };
  }

  private async lock(tx: WriteTransaction, actor: Actor, id: string): Promise<LockedRequest> {
    const locked = await this.access.lockRequest(tx, actor, id);
    if (!locked || !concerns(actor, locked.rights, locked.request)) throw notFound(`There is no access request ${id}.`);
    return locked;
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    action: string,
    { request, urn }: Pick<LockedRequest, 'request' | 'urn'>,
    change: { before?: Record<string, unknown>; after: Record<string, unknown>; reason?: string | null },
  ): Promise<void> {
    const target = { targetId: request.id, targetName: urn, assetIds: [request.assetId] };
    return recordAudit(tx, actor, { action, ...target, ...change, personal: ['/after/purpose'], at: this.now() });
  }
}

/** What a decision grants of a request: all of it, or what the decider leaves of it. Throws BAD_USER_INPUT or CONFLICT. */
function narrowed(request: AccessRequest, input: DecideAccessInput, bounds: { now: Date; maxDays: number }) {
  const { assetId, granteeId, purpose } = request;
  if (request.until <= bounds.now)
    throw conflict(`The time asked for ended at ${request.until.toISOString()}. It can only be denied; ask anew.`);
  const actions = input.actions ? [...new Set(input.actions)] : request.actions;
  const wider = actions.find((action) => !request.actions.includes(action));
  if (wider) throw badInput(`${wider} was not asked for. A decision may give less than was asked, never more.`);
  const until = input.until ?? request.until;
  if (until > request.until) throw badInput('A grant cannot last longer than was asked for.');
  validateGrantTerms({ actions, purpose, until }, bounds);
  return { assetId, granteeId, purpose, actions, until };
}

function checkDecider(actor: Actor, rights: RightsFacts, request: AccessRequest): void {
  if (!rights.ownerRoles.some((role) => role === 'OWNER' || role === 'STEWARD'))
    throw forbidden('Only an OWNER or STEWARD of the asset decides who may use it.');
  if (request.requesterId === actor.id) throw forbidden('You asked for this yourself; another owner must decide.');
  const beyond = request.actions.find((action) => !givableBy(actor, rights).includes(action));
  if (beyond) throw forbidden(`${beyond} is beyond your own rights as STEWARD; an OWNER must decide.`);
  checkOpen(request);
}

function checkOpen({ state, decidedAt }: AccessRequest): void {
  if (state !== 'OPEN')
    throw conflict(`The request was decided already: ${state} at ${decidedAt?.toISOString() ?? 'an unknown time'}.`);
}

/** Whether the actor may know of the request at all. */
function concerns(actor: Actor, rights: RightsFacts, request: AccessRequest): boolean {
  return (
    rights.ownerRoles.length > 0 ||
    actor.role === 'ADMIN' ||
    actor.role === 'AUDITOR' ||
    actor.principalIds.includes(request.granteeId) ||
    actor.principalIds.includes(request.requesterId)
  );
}
