import { type Actor, actorId } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { badInput, conflict, limitExceeded, notFound, type WeftlineError } from '../../errors.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { awaitDecisions } from '../gate/gate.js';
import { codeDigestOf } from '../labels/code.js';
import { checkCondition, type Condition } from '../labels/condition.js';
import { type Dimensions, textsOf, valueOf } from '../labels/dimensions.js';
import * as model from './declassification.js';
import type { DeclassificationGrant } from './declassification.js';
import type { EndDeclassificationInput, RequestDeclassificationInput } from './declassification.input.js';
import type { DeclassificationRepository, GrantChanges } from './declassification.repository.js';
import type { GrantEntitlement } from './entitlement.policy.js';

/** A grant under its lock, with the transformation under its own: neither code nor words change meanwhile. */
interface Locked {
  asset: Asset;
  mayEdit: boolean;
  grant: DeclassificationGrant;
  now: Date;
}

/** Lets code lower labels: asked for by who may change the code, approved by two others, ended with a reason. */
export class DeclassificationService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: DeclassificationRepository,
    private readonly assets: AssetService,
    private readonly entitlement: GrantEntitlement,
    private readonly options: { dimensions: Dimensions; now: () => Date },
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, DeclassificationGrant>> {
    return this.rows.byIds(actor, ids);
  }

  of(actor: Actor, ids: readonly string[], page: Page): Promise<Map<string, PageRows<DeclassificationGrant>>> {
    return this.rows.of(actor, ids, page);
  }

  count(actor: Actor, ids: readonly string[]): Promise<Map<string, number>> {
    return this.rows.count(actor, ids);
  }

  /** What a grant is worth to who asks: now, or as of the time at which they see everything. */
  stateFor({ readsAsOf }: Actor, grant: DeclassificationGrant): model.GrantState {
    return model.stateOf(grant, readsAsOf ?? this.options.now());
  }

  /** Throws BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, CONFLICT or LIMIT_EXCEEDED. */
  request(actor: Actor, input: RequestDeclassificationInput): Promise<DeclassificationGrant> {
    const asked = readRequest(this.options.dimensions, input);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset } = await this.assets.lockFor(tx, actor, input.transformation, 'EDIT');
      if (asset.kind !== 'TRANSFORMATION')
        throw badInput(`${asset.urn} is a ${asset.kind}; a TRANSFORMATION lowers labels.`);
      await awaitDecisions(tx, this.options.now());
      if ((await this.rows.countOf(tx, asset.id)) >= model.MOST_GRANTS)
        throw limitExceeded(
          `${asset.urn} has ${model.MOST_GRANTS} grants, with those that have ended; there may be no more.`,
        );
      const now = this.options.now();
      model.checkLife(input.expiresAt, now);
      const grant: DeclassificationGrant = {
        ...{ __typename: 'DeclassificationGrant', id: newId(), transformationId: asset.id, ...asked },
        codeDigest: digestOf(asset, asked.command),
        ...{ requestedById: actorId(actor), requestedAt: now, expiresAt: input.expiresAt },
        ...{ approvals: [], approvedAt: null, rejected: null, revoked: null, voidedAt: null },
      };
      await this.rows.create(tx, grant);
      await this.account(tx, actor, { verb: 'request', asset, grant, before: null, reason: asked.reason, now });
      return grant;
    });
  }

  /** The second approval makes it live; the same person again is no change. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  approve(actor: Actor, id: string): Promise<DeclassificationGrant> {
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, id);
      const { grant, now } = locked;
      const isAdmin = await this.entitlement.checkMayApprove(tx, actor, locked);
      const byId = actorId(actor);
      const state = model.stateOf(grant, now);
      const isSaid = grant.approvals.some((each) => each.byId === byId);
      if (isSaid && (state === 'REQUESTED' || state === 'ACTIVE')) return grant;
      if (state !== 'REQUESTED') throw conflict(whyClosed(locked, state));
      const approvals = [...grant.approvals, { byId, at: now, isAdmin }];
      const isEnough = approvals.length >= model.APPROVERS;
      return this.change(tx, actor, locked, 'approve', { approvals, ...(isEnough ? { approvedAt: now } : {}) }, null);
    });
  }

  /** For whoever could approve it, also who asked. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  reject(actor: Actor, { grant: id, reason }: EndDeclassificationInput): Promise<DeclassificationGrant> {
    const why = textOf(reason);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, id);
      const { grant, now } = locked;
      await this.entitlement.checkEntitled(tx, actor, locked);
      const byId = actorId(actor);
      if (grant.rejected?.byId === byId) return grant;
      const state = model.stateOf(grant, now);
      if (state !== 'REQUESTED') throw conflict(whyClosed(locked, state));
      return this.change(tx, actor, locked, 'reject', { rejected: { byId, at: now, reason: why } }, why);
    });
  }

  /** For whoever could approve it, and whoever may change the code. Throws NOT_FOUND, FORBIDDEN or CONFLICT. */
  revoke(actor: Actor, { grant: id, reason }: EndDeclassificationInput): Promise<DeclassificationGrant> {
    const why = textOf(reason);
    return this.graph.write(actor.origin, async (tx) => {
      const locked = await this.lock(tx, actor, id);
      const { grant, now } = locked;
      if (!locked.mayEdit) await this.entitlement.checkEntitled(tx, actor, locked);
      const byId = actorId(actor);
      if (grant.revoked?.byId === byId) return grant;
      if (grant.rejected !== null || grant.revoked !== null || grant.expiresAt <= now)
        throw conflict(whyClosed(locked, model.stateOf(grant, now)));
      return this.change(tx, actor, locked, 'revoke', { revoked: { byId, at: now, reason: why } }, why);
    });
  }

  private async lock(tx: WriteTransaction, actor: Actor, id: string): Promise<Locked> {
    const missing = grantNotFound(id);
    const place = await this.rows.placeOf(tx, actor, id);
    if (place === null) throw missing;
    const { asset, rights } = await this.assets.lock(tx, actor, place);
    await awaitDecisions(tx, this.options.now());
    const grant = await this.rows.lock(tx, id);
    if (!grant) throw missing;
    return { asset, grant, mayEdit: this.entitlement.mayEdit(actor, rights), now: this.options.now() };
  }

  private async change(
    tx: WriteTransaction,
    actor: Actor,
    { asset, grant, now }: Locked,
    verb: 'approve' | 'reject' | 'revoke',
    changes: GrantChanges,
    reason: string | null,
  ): Promise<DeclassificationGrant> {
    const changed = { ...grant, ...changes };
    await this.rows.change(tx, grant.id, changes);
    await this.account(tx, actor, { verb, asset, grant: changed, before: model.stateOf(grant, now), reason, now });
    return changed;
  }

  private account(
    tx: WriteTransaction,
    actor: Actor,
    { verb, asset, grant, before, reason, now }: Accounted,
  ): Promise<void> {
    const { id, dimension, from, to, conditions, codeDigest, expiresAt, approvals } = grant;
    return recordAudit(tx, actor, {
      ...{ action: `declassification:${verb}`, targetId: id, targetName: asset.urn, assetIds: [asset.id] },
      before: before && { state: before },
      after: {
        ...{ state: model.stateOf(grant, now), approvals: approvals.length },
        ...{ transformation: asset.id, dimension, from: [...from], to: [...to], codeDigest },
        ...{ conditions: conditions.map((each) => ({ ...each })), expiresAt: expiresAt.toISOString() },
      },
      ...{ reason, at: now },
    });
  }
}

interface Accounted {
  verb: 'request' | 'approve' | 'reject' | 'revoke';
  asset: Asset;
  grant: DeclassificationGrant;
  before: model.GrantState | null;
  reason: string | null;
  now: Date;
}

/** What is asked for, checked as far as it can be without the graph. Throws BAD_USER_INPUT. */
function readRequest(dimensions: Dimensions, input: RequestDeclassificationInput) {
  const dimension = dimensions.named(input.dimension);
  const from = input.from.length === 0 ? null : valueOf(dimension, input.from);
  const to = valueOf(dimension, input.to);
  model.checkLowers(dimension, from, to);
  const conditions = (input.conditions ?? []).map(({ facet, equals, atLeast, atMost }): Condition => ({
    ...{ facet, equals: equals ?? null, atLeast: atLeast ?? null, atMost: atMost ?? null },
  }));
  if (conditions.length > model.MOST_CONDITIONS)
    throw badInput(`A grant has at most ${model.MOST_CONDITIONS} conditions; ${conditions.length} were given.`);
  conditions.forEach(checkCondition);
  if (input.command?.length === 0) throw badInput('`command` is empty. Give the command, or leave it out.');
  return {
    ...{ dimension: dimension.name, from: from === null ? [] : textsOf(from), to: textsOf(to), conditions },
    ...{ command: input.command ?? null, reason: textOf(input.reason) },
  };
}

/** Throws CONFLICT where nothing says exactly which code it is. */
function digestOf({ codeRef, urn }: Asset, command: readonly string[] | null): string {
  const code = codeRef ?? { repository: null, revision: null, path: null, image: null };
  const digest = codeDigestOf({ ...code, command });
  if (digest === null)
    throw conflict(
      `Nothing says exactly which code ${urn} is, so nobody can approve it. Set \`codeRef\` to a whole commit as \`revision\`, or to an \`image\` by its digest (…@sha256:…).`,
    );
  return digest;
}

/** Throws BAD_USER_INPUT for a reason that says nothing. */
function textOf(reason: string): string {
  const text = reason.trim();
  if (text === '') throw badInput('`reason` is empty: say why, for those who read it later.');
  return text;
}

function whyClosed({ grant, asset }: Locked, state: model.GrantState): string {
  const what = `The grant ${grant.id}`;
  if (state === 'VOID')
    return `${what} is VOID: ${asset.urn} has had other code since ${grant.voidedAt?.toISOString() ?? 'it was asked for'}. Ask for one for the code that it has now.`;
  if (state === 'EXPIRED') return `${what} expired at ${grant.expiresAt.toISOString()}. Ask for a new one.`;
  return `${what} is ${state} already.`;
}

/** The same for one that is missing and one that is hidden. */
function grantNotFound(id: string): WeftlineError {
  return notFound(`There is no grant ${id.slice(0, 120)}, or you may not know of it.`);
}
