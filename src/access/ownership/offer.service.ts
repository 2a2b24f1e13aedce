import { type Actor, actorId } from '../../auth/actor.js';
import { may, type RightsFacts } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { NewOwner } from '../../catalog/assets/asset.repository.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, conflict, forbidden, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Ownership } from '../grants/access.js';
import type { OwnershipOffer } from './offer.js';
import type { DecideOwnershipOfferInput, OfferOwnershipInput, WithdrawOwnershipOfferInput } from './offer.input.js';
import type { OfferConditions, OfferRepository } from './offer.repository.js';
import type { OwnershipRepository } from './ownership.repository.js';
import type { OwnershipService } from './ownership.service.js';
import { actingAs, isInactive, type PrincipalStatus } from './principal-status.js';
import type { PrincipalStatusRepository } from './principal-status.repository.js';

const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;
const DAY_MS = 86_400_000;

export interface OfferParts {
  graph: Graph;
  offers: OfferRepository;
  owners: OwnershipRepository;
  ownership: OwnershipService;
  standings: PrincipalStatusRepository;
  assets: AssetService;
  now: () => Date;
}

/** Ownership moves when the one it is offered to accepts. */
export class OfferService {
  constructor(private readonly parts: OfferParts) {}

  list(actor: Actor, conditions: OfferConditions, page: Page): Promise<PageRows<OwnershipOffer>> {
    return this.parts.offers.list(actor, conditions, page);
  }

  count(actor: Actor, conditions: OfferConditions): Promise<number> {
    return this.parts.offers.count(actor, conditions);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, OwnershipOffer>> {
    return this.parts.offers.byIds(actor, ids);
  }

  /** Offers ownership to somebody. Throws NOT_FOUND, FORBIDDEN, BAD_USER_INPUT, or CONFLICT when it is offered already. */
  async offer(actor: Actor, input: OfferOwnershipInput): Promise<OwnershipOffer> {
    const until = this.readEnd(input.until);
    const offer = await this.parts.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.parts.assets.lockFor(tx, actor, input.ref, 'MANAGE_OWNERS');
      const owners = await this.parts.owners.ownersIn(tx, asset.id);
      await this.checkReceiver(tx, asset, owners, input);
      const offered = describe(actor, asset, input, { until, now: this.parts.now() });
      offered.replacesId = replacedBy(actor, owners, input);
      if (!ownersAfter(owners, offered).some(({ role }) => role === 'OWNER'))
        throw badInput('Nobody would be left as OWNER. Offer the role OWNER, or leave `replaces` null.');
      await this.parts.offers.create(tx, offered);
      const { toId: to, role, replacesId: replaces } = offered;
      await this.audit(tx, actor, offered, 'ownership:offer', { after: { to, role, replaces, until } }, input.reason);
      return offered;
    });
    return this.reread(actor, offer.id);
  }

  /**
   * Accepts or declines, once: a second decision is a CONFLICT. Only the one it was offered to decides, or a member of
   * that team. An offer is void when who made it may no longer manage the owners. Throws NOT_FOUND, FORBIDDEN, CONFLICT.
   */
  async decide(actor: Actor, input: DecideOwnershipOfferInput): Promise<OwnershipOffer> {
    const deciderId = actorId(actor);
    await this.parts.graph.write(actor.origin, async (tx) => {
      const { offer } = await this.lock(tx, actor, input.offer);
      if (!actor.principalIds.includes(offer.toId))
        throw forbidden('Only the one to whom ownership is offered decides, or a member of that team.');
      checkOpen(offer);
      const state = input.accept ? 'ACCEPTED' : 'DECLINED';
      if (input.accept) await this.accept(tx, actor, offer, input.reason ?? null);
      await this.parts.offers.close(tx, { id: offer.id, state, deciderId, decision: input.reason ?? null });
      const change = { before: { state: offer.state }, after: { state } };
      await this.audit(tx, actor, offer, 'ownership:decide', change, input.reason);
    });
    return this.reread(actor, input.offer);
  }

  /** Takes an offer back: who made it may, or who manages the owners. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  async withdraw(actor: Actor, input: WithdrawOwnershipOfferInput): Promise<OwnershipOffer> {
    const deciderId = actorId(actor);
    await this.parts.graph.write(actor.origin, async (tx) => {
      const { offer, rights } = await this.lock(tx, actor, input.offer);
      if (offer.offererId !== deciderId && !may(actor, rights, 'MANAGE_OWNERS'))
        throw forbidden('Only who made the offer takes it back, or an OWNER of the asset.');
      checkOpen(offer);
      await this.parts.offers.close(tx, {
        id: offer.id,
        state: 'WITHDRAWN',
        deciderId,
        decision: input.reason ?? null,
      });
      const change = { before: { state: offer.state }, after: { state: 'WITHDRAWN' } };
      await this.audit(tx, actor, offer, 'ownership:withdraw', change, input.reason);
    });
    return this.reread(actor, input.offer);
  }

  private async accept(
    tx: WriteTransaction,
    actor: Actor,
    offer: OwnershipOffer,
    reason: string | null,
  ): Promise<void> {
    const people = await this.parts.standings.of(tx, [offer.offererId, offer.toId]);
    const [offerer, to] = [people.get(offer.offererId), people.get(offer.toId)];
    if (!to || isInactive(to))
      throw conflict(`${to?.name ?? 'Who it is offered to'} is disabled and cannot own anything.`);
    const acting = offerer && !offerer.disabledAt ? actingAs(offerer, actor.origin) : null;
    const { asset, rights } = await this.parts.owners.lockOffered(tx, acting ?? actor, offer.assetId);
    if (!acting || !may(acting, rights, 'MANAGE_OWNERS'))
      throw conflict('The offer is void: who made it may no longer say who owns the asset. Ask a present owner.');
    const before = await this.parts.owners.ownersIn(tx, offer.assetId);
    const wanted = ownersAfter(before, offer);
    if (!wanted.some(({ role }) => role === 'OWNER'))
      throw conflict('The offer can no longer be accepted: nobody would be left as OWNER.');
    await this.parts.ownership.replace(tx, actor, asset, { before, wanted, action: 'asset:acceptOwnership', reason });
  }

  private async lock(tx: WriteTransaction, actor: Actor, id: string) {
    const locked = await this.parts.offers.lock(tx, actor, id);
    if (!locked || !concerns(actor, locked.rights, locked.offer)) throw offerNotFound(id);
    return locked;
  }

  private async checkReceiver(
    tx: WriteTransaction,
    asset: Asset,
    owners: readonly Ownership[],
    { to, role }: OfferOwnershipInput,
  ): Promise<void> {
    const standing = (await this.parts.standings.of(tx, [to])).get(to);
    if (!standing) throw notFound(`There is no principal ${to}.`);
    if (isInactive(standing)) throw badInput(whyDead(standing));
    if (owners.some((owner) => owner.ownerId === to && owner.role === role))
      throw badInput(`${standing.name} is ${role} of ${asset.urn} already.`);
    const open = await this.parts.offers.openOfferTo(tx, asset.id, to);
    if (open) throw conflict(`${asset.urn} is offered to ${standing.name} already. Take the offer ${open} back first.`);
  }

  private readEnd(until: Date | null | undefined): Date {
    const now = this.parts.now().getTime();
    const end = until ?? new Date(now + DEFAULT_DAYS * DAY_MS);
    if (end.getTime() <= now) throw badInput(`\`until\` is ${end.toISOString()}, which is in the past.`);
    if (end.getTime() > now + MAX_DAYS * DAY_MS)
      throw badInput(`\`until\` is ${end.toISOString()}; an offer stands at most ${MAX_DAYS} days.`);
    return end;
  }

  private async reread(actor: Actor, id: string): Promise<OwnershipOffer> {
    const offer = (await this.parts.offers.byIds(actor, [id])).get(id);
    if (!offer) throw offerNotFound(id);
    return offer;
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    offer: OwnershipOffer,
    action: string,
    change: { before?: Record<string, unknown>; after: Record<string, unknown> },
    reason: string | null | undefined,
  ): Promise<void> {
    const target = { targetId: offer.id, targetName: offer.urn ?? offer.assetId, assetIds: [offer.assetId] };
    return recordAudit(tx, actor, { action, ...target, ...change, reason: reason ?? null, at: this.parts.now() });
  }
}

function describe(
  actor: Actor,
  asset: Asset,
  { to, role, reason }: OfferOwnershipInput,
  { until, now }: { until: Date; now: Date },
): OwnershipOffer {
  return {
    __typename: 'OwnershipOffer',
    id: newId(),
    assetId: asset.id,
    urn: asset.urn,
    offererId: actorId(actor),
    toId: to,
    role,
    replacesId: null,
    reason: reason ?? null,
    state: 'OPEN',
    createdAt: now,
    until,
    decidedAt: null,
    deciderId: null,
    decision: null,
  };
}

/** Which owner leaves: the one named, nobody for null, else the ownership by which the actor offers it. */
function replacedBy(actor: Actor, owners: readonly Ownership[], input: OfferOwnershipInput): string | null {
  const { replaces } = input;
  if (replaces === null) return null;
  if (replaces !== undefined) {
    if (replaces === input.to) throw badInput('`replaces` is the one it is offered to; their role changes anyway.');
    if (!owners.some((owner) => owner.ownerId === replaces))
      throw badInput(`${replaces} owns nothing of it, and cannot be replaced. Name a present owner, or null.`);
    return replaces;
  }
  if (input.role === 'STEWARD') return null;
  const own = owners.filter(
    ({ ownerId, role }) => role === 'OWNER' && ownerId !== input.to && actor.principalIds.includes(ownerId),
  );
  const mine = own.find(({ ownerId }) => ownerId === actor.id);
  if (!mine && own.length > 1) throw badInput('Several of your teams own it. Say in `replaces` which of them leaves.');
  return mine?.ownerId ?? own[0]?.ownerId ?? null;
}

/** The owners as they are once the offer is accepted. */
function ownersAfter(
  owners: readonly Ownership[],
  { toId, role, replacesId }: Pick<OwnershipOffer, 'toId' | 'role' | 'replacesId'>,
): NewOwner[] {
  const stay = owners.filter(({ ownerId }) => ownerId !== toId && ownerId !== replacesId);
  return [...stay.map((owner) => ({ id: owner.ownerId, role: owner.role })), { id: toId, role }];
}

function checkOpen(offer: OwnershipOffer): void {
  if (offer.state === 'EXPIRED')
    throw conflict(`The offer expired at ${offer.until.toISOString()}. Ask for a new one.`);
  if (offer.state !== 'OPEN') {
    const when = offer.decidedAt?.toISOString() ?? 'an unknown time';
    throw conflict(`The offer was decided already: ${offer.state} at ${when}.`);
  }
}

function whyDead({ name, disabledAt }: PrincipalStatus): string {
  return disabledAt
    ? `${name} is disabled since ${disabledAt.toISOString()} and cannot own anything. Offer it to somebody else.`
    : `The team ${name} has no member who could accept. Offer it to somebody else.`;
}

/** Whether the actor may know of the offer at all. */
function concerns(actor: Actor, rights: RightsFacts, offer: OwnershipOffer): boolean {
  return (
    actor.role === 'ADMIN' ||
    actor.role === 'AUDITOR' ||
    rights.ownerRoles.length > 0 ||
    actor.principalIds.includes(offer.toId) ||
    actor.principalIds.includes(offer.offererId)
  );
}

function offerNotFound(id: string): Error {
  return notFound(`There is no offer ${id}, or you may not know of it.`);
}
