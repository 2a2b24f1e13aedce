import { type Actor, actorId, systemActor } from '../../auth/actor.js';
import { type Action as Right, may, mayCurate, type RightsFacts } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import { badInput, conflict, forbidden, notFound, type WeftlineError } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { awaitDecisions } from '../gate/gate.js';
import type { Action } from '../policies/facts.js';
import * as model from './break-glass.js';
import type { BreakGlass, BreakGlassChange } from './break-glass.js';
import type { BreakGlassFilter, OpenBreakGlassInput, ReviewBreakGlassInput } from './break-glass.input.js';
import type { BreakGlassConditions, BreakGlassRepository } from './break-glass.repository.js';
import type { TellsOfBreakGlass } from './telling.port.js';

const SYSTEM = systemActor('break-glass');
const MOST_AT_ONCE = 100;

/** Under its lock, with the asset under its own: no decision goes on meanwhile. */
interface Locked {
  asset: Asset;
  glass: BreakGlass;
  rights: RightsFacts;
  now: Date;
}

/** Emergencies: opened by who may do the thing by rights, told to a second person, over by themselves, and reviewed by another. */
export class BreakGlassService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: BreakGlassRepository,
    private readonly assets: AssetService,
    private readonly tells: TellsOfBreakGlass,
    private readonly options: { maxHours: number; reviewHours: number; now: () => Date },
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, BreakGlass>> {
    return this.rows.byIds(actor, ids);
  }

  async list(actor: Actor, filter: BreakGlassFilter | null, page: Page): Promise<PageRows<BreakGlass>> {
    const conditions = await this.conditionsOf(actor, filter);
    return conditions === null ? { rows: [], more: false } : this.rows.list(actor, conditions, page);
  }

  async count(actor: Actor, filter: BreakGlassFilter | null): Promise<number> {
    const conditions = await this.conditionsOf(actor, filter);
    return conditions === null ? 0 : this.rows.count(actor, conditions);
  }

  /** As it is to who asks: now, or as of the time at which they see everything. */
  stateFor({ readsAsOf }: Actor, glass: BreakGlass): model.BreakGlassState {
    return model.stateOf(glass, readsAsOf ?? this.options.now());
  }

  /** Asked for again while it goes on, nothing changes. Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, or CONFLICT beside another one. */
  open(actor: Actor, input: OpenBreakGlassInput): Promise<BreakGlass> {
    const { maxHours, reviewHours } = this.options;
    const { minutes, secondPerson: secondPersonId } = input;
    const reason = model.textOf('reason', input.reason);
    model.checkMinutes(minutes, maxHours);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, rights } = await this.assets.lock(tx, actor, input.asset);
      const actions = model.actionsFor(asset, input.actions);
      checkRights(actor, { asset, rights }, actions);
      await awaitDecisions(tx, this.options.now());
      await this.checkPeople(tx, actor, asset, secondPersonId);
      const [before, openedById] = [await this.rows.activeOf(tx, actorId(actor), asset.id), actorId(actor)];
      if (before && model.isSameOpening(before, { actions, reason, secondPersonId, minutes })) return before;
      if (before)
        throw conflict(
          `Your emergency ${before.id} for ${asset.urn} goes on until ${before.endsAt.toISOString()}. Close it first with closeBreakGlass.`,
        );
      const openedAt = this.options.now();
      const glass: BreakGlass = {
        ...{ __typename: 'BreakGlass', id: newId(), assetId: asset.id, assetUrn: asset.urn, actions, reason },
        ...{ openedById, openedAt, endsAt: new Date(openedAt.getTime() + minutes * 60_000), secondPersonId },
        ...{ closedAt: null, closedById: null, reviewHours, review: null },
      };
      await this.rows.create(tx, glass);
      await this.account(tx, actor, 'OPENED', glass, openedAt, reason);
      return glass;
    });
  }

  /** Of one that is over nothing changes. Throws NOT_FOUND or FORBIDDEN. */
  close(actor: Actor, id: string): Promise<BreakGlass> {
    return this.graph.write(actor.origin, async (tx) => {
      const { glass, rights, asset, now } = await this.lock(tx, actor, id);
      const byId = actorId(actor);
      const isTheirs = glass.openedById === byId || glass.secondPersonId === byId;
      if (!isTheirs && !may(actor, rights, 'MANAGE_OWNERS'))
        throw forbidden(
          `The emergency ${glass.id} is ended by who opened it, its second person, an OWNER of ${asset.urn} or an ADMIN.`,
        );
      if (model.stateOf(glass, now) !== 'ACTIVE') return glass;
      const closed = { ...glass, closedAt: now, closedById: byId };
      await this.rows.close(tx, closed);
      await this.account(tx, actor, 'CLOSED', closed, now, null);
      return closed;
    });
  }

  /** The same again by the same person changes nothing. Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN or CONFLICT. */
  review(actor: Actor, { breakGlass: id, verdict, text: given }: ReviewBreakGlassInput): Promise<BreakGlass> {
    const text = model.textOf('text', given);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, id);
      const { glass, now } = locked;
      await this.checkReviewer(tx, actor, locked);
      const [byId, before] = [actorId(actor), glass.review];
      if (before?.byId === byId && before.verdict === verdict && before.text === text) return glass;
      if (before) throw conflict(`The emergency ${glass.id} was reviewed at ${before.at.toISOString()} already.`);
      if (model.stateOf(glass, now) === 'ACTIVE')
        throw conflict(
          `The emergency ${glass.id} goes on until ${glass.endsAt.toISOString()}. It is reviewed once it is over: end it with closeBreakGlass, or wait.`,
        );
      const review = { byId, at: now, verdict, text };
      await this.rows.review(tx, glass.id, review);
      const reviewed = { ...glass, review };
      await this.account(tx, actor, 'REVIEWED', reviewed, now, text);
      return reviewed;
    });
  }

  /** Puts into the log that emergencies ended by themselves: from there, what was let through is decided anew. */
  async tellExpired(): Promise<void> {
    for (const id of await this.rows.expired(this.graph.reader(SYSTEM.origin), MOST_AT_ONCE))
      await this.graph.write(SYSTEM.origin, async (tx) => {
        const glass = await this.rows.tellExpiry(tx, id);
        if (glass) await this.account(tx, SYSTEM, 'EXPIRED', glass, this.options.now(), null);
      });
  }

  private async lock(tx: WriteTransaction, actor: Actor, id: string): Promise<Locked> {
    const place = await this.rows.placeOf(tx, actor, id);
    if (place === null) throw breakGlassNotFound(id);
    const { asset, rights } = await this.assets.lock(tx, actor, place);
    await awaitDecisions(tx, this.options.now());
    const glass = await this.rows.lock(tx, id);
    if (!glass) throw breakGlassNotFound(id);
    return { asset, rights, glass, now: this.options.now() };
  }

  /** The same for whoever cannot be it: who is there, and what they are, is not told. Throws FORBIDDEN or BAD_USER_INPUT. */
  private async checkPeople(tx: WriteTransaction, actor: Actor, { id, urn }: Asset, secondId: string): Promise<void> {
    const byId = actorId(actor);
    if (!(await this.rows.person(tx, byId, id)))
      throw forbidden('An emergency is declared by a person, and not by a service account. Sign in as yourself.');
    const second = secondId === byId ? null : await this.rows.person(tx, secondId, id);
    if (!second?.isEntitled)
      throw badInput(
        `\`secondPerson\` is ${secondId.slice(0, 120)}. It has to be the id of an active user other than you who is an OWNER of ${urn}, or an ADMIN.`,
      );
  }

  /** Only who opened it is covered by it, so nobody else has used it. Throws FORBIDDEN. */
  private async checkReviewer(tx: WriteTransaction, actor: Actor, { glass, asset, rights }: Locked): Promise<void> {
    const byId = actorId(actor);
    if (!may(actor, rights, 'MANAGE_OWNERS') || !(await this.rows.person(tx, byId, asset.id)))
      throw forbidden(
        `The emergency ${glass.id} is reviewed by a person who is an OWNER of ${asset.urn}, or by an ADMIN.`,
      );
    if (glass.openedById === byId)
      throw forbidden(`The emergency ${glass.id} was opened and used by you: somebody else reviews it.`);
  }

  private async account(
    tx: WriteTransaction,
    actor: Actor,
    change: BreakGlassChange,
    glass: BreakGlass,
    at: Date,
    reason: string | null,
  ): Promise<void> {
    const { id, assetId, assetUrn, actions, openedById, endsAt, secondPersonId, review } = glass;
    await this.tells.breakGlassChanged(tx, glass, change, at);
    await recordAudit(tx, actor, {
      ...{ action: model.BREAK_GLASS_ACTIONS[change], targetId: id, targetName: `break-glass on ${assetUrn}` },
      assetIds: [assetId],
      after: {
        ...{ actions: [...actions], openedBy: openedById, notified: secondPersonId, endsAt: endsAt.toISOString() },
        ...{ reviewDueAt: model.reviewDueAt(glass).toISOString(), ...(review ? { verdict: review.verdict } : {}) },
      },
      ...{ reason, at },
    });
  }

  /** null: of an asset that is not there for them there are none. */
  private async conditionsOf(actor: Actor, filter: BreakGlassFilter | null): Promise<BreakGlassConditions | null> {
    const { asset = null, states = null, due = null, toldToMe = null } = filter ?? {};
    const assetId = asset === null ? null : ((await this.assets.find(actor, asset))?.id ?? null);
    if (asset !== null && assetId === null) return null;
    const isDue = (state: model.BreakGlassState): boolean => state === 'REVIEW_DUE' || state === 'REVIEW_OVERDUE';
    const wanted = (states ?? model.BREAK_GLASS_STATES).filter((state) => due === null || isDue(state) === due);
    const toldTo = toldToMe === true ? actorId(actor) : null;
    return { assetId, states: states === null && due === null ? null : wanted, toldTo };
  }
}

/** What whoever does it needs on the asset itself; what else each action needs is looked at when it is done. */
const NEEDED: Readonly<Record<Action, Right | 'CURATE'>> = {
  launchTraining: 'EDIT',
  deployModel: 'EDIT',
  publishDatasetVersion: 'EDIT',
  publishModelVersion: 'EDIT',
  retireAsset: 'CURATE',
  export: 'VIEW',
};

/** Throws FORBIDDEN. */
function checkRights(
  actor: Actor,
  { asset, rights }: { asset: Asset; rights: RightsFacts },
  actions: readonly Action[],
): void {
  const has = (right: Right | 'CURATE'): boolean =>
    right === 'CURATE' ? mayCurate(actor, rights) : may(actor, rights, right);
  const lacking = actions.find((action) => !has(NEEDED[action]));
  if (lacking === undefined) return;
  const needed = NEEDED[lacking] === 'CURATE' ? 'to own or steward' : `${NEEDED[lacking]} on`;
  throw forbidden(
    `You may not do ${lacking} with ${asset.urn}: in an emergency policies give way, and rights do not. You need ${needed} it.`,
  );
}

/** The same for one that is missing and one that is hidden. */
function breakGlassNotFound(id: string): WeftlineError {
  return notFound(`There is no emergency ${id.slice(0, 120)}, or you may not know of it.`);
}
