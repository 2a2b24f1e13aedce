import { type Actor, actorId, administers } from '../../auth/actor.js';
import { AUDIT_LOG } from '../../audit/record/log-entry.js';
import { may } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { conflict, forbidden, notFound, type WeftlineError } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { PolicyApproval } from './approval.js';
import type { DecideApprovalInput, PolicyApprovalFilter } from './decision.input.js';
import type { ApprovalConditions, ApprovalRepository, SeenApproval } from './approval.repository.js';
import type { FactsGatherer } from './facts.service.js';

/** What policies leave to people: given or refused by who answers for the thing, never by who asks or wrote the code. */
export class PolicyApprovals {
  constructor(
    private readonly graph: Graph,
    private readonly approvals: ApprovalRepository,
    private readonly gatherer: FactsGatherer,
    private readonly assets: AssetService,
    private readonly now: () => Date,
    /** Does at once what was approved; what does not come about now is taken up later. */
    private readonly goOn: (id: string) => Promise<void>,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, SeenApproval>> {
    return this.approvals.byIds(actor, ids);
  }

  /** Those that the actor asked for or may answer; to who reads everything, all. */
  list(actor: Actor, filter: PolicyApprovalFilter | null, page: Page): Promise<PageRows<SeenApproval>> {
    return this.approvals.list(actor, conditionsOf(filter), page);
  }

  count(actor: Actor, filter: PolicyApprovalFilter | null): Promise<number> {
    return this.approvals.count(actor, conditionsOf(filter));
  }

  /**
   * Gives an approval, or refuses it; decided the same way by the same person already, nothing changes. Throws NOT_FOUND, FORBIDDEN, or
   * CONFLICT when it was decided otherwise, has expired, or what it is of is not what it was.
   */
  async decide(actor: Actor, state: 'APPROVED' | 'REJECTED', input: DecideApprovalInput): Promise<SeenApproval> {
    const { id, continuation } = await this.decideWithin(actor, state, input);
    if (continuation === 'DUE') await this.goOn(id);
    const decided = (await this.approvals.byIds(actor, [id])).get(id);
    if (!decided) throw approvalNotFound(id);
    return decided;
  }

  private decideWithin(
    actor: Actor,
    state: 'APPROVED' | 'REJECTED',
    input: DecideApprovalInput,
  ): Promise<PolicyApproval> {
    return this.graph.write(actor.origin, async (tx) => {
      const approval = await this.approvals.lock(tx, input.approval);
      if (!approval) throw approvalNotFound(input.approval);
      await this.checkEntitled(tx, actor, approval);
      if (approval.state === state && approval.deciderId === actorId(actor)) return approval;
      const now = this.now();
      await this.checkOpen(tx, approval, state, now);
      const goesOn = state === 'APPROVED' && approval.continuation === 'WAITING';
      const changes = {
        ...{ state, deciderId: actorId(actor), decidedAt: now, reason: input.reason ?? null },
        ...{ continuation: goesOn ? ('DUE' as const) : ('ASK_AGAIN' as const), dueAt: goesOn ? now : null },
        request: goesOn ? approval.request : null,
      };
      const decided = await this.approvals.decide(tx, approval.id, changes);
      await recordAudit(tx, actor, {
        action: state === 'APPROVED' ? 'policies:approve' : 'policies:reject',
        ...{ targetId: approval.id, targetName: `${approval.action} ${approval.resourceUrn}` },
        ...{ assetIds: [approval.resourceId], before: { state: approval.state } },
        after: { state, digest: approval.subjectsDigest, requester: approval.requesterId },
        ...{ reason: input.reason ?? null, at: now },
      });
      return decided;
    });
  }

  /** Throws NOT_FOUND to who may not see it, FORBIDDEN to who may not decide it. */
  private async checkEntitled(tx: WriteTransaction, actor: Actor, approval: PolicyApproval): Promise<void> {
    if (approval.resourceId === AUDIT_LOG.id) {
      if (!administers(actor)) throw approvalNotFound(approval.id);
      if (approval.requesterId === actorId(actor))
        throw forbidden('The approval was asked for by you: another ADMIN decides it.');
      return;
    }
    const seen = await this.assets.look(tx, actor, approval.resourceId).catch(() => null);
    if (!seen) throw approvalNotFound(approval.id);
    const id = actorId(actor);
    const what = `The approval of ${approval.action} on ${seen.asset.urn}`;
    if (!may(actor, seen.rights, 'MANAGE_OWNERS'))
      throw forbidden(`${what} is for an OWNER of it or an ADMIN to decide.`);
    if (approval.requesterId === id) throw forbidden(`${what} was asked for by you: somebody else decides it.`);
    if (approval.codeAuthors?.includes(id))
      throw forbidden(`${what} is of code that you wrote: somebody else decides it.`);
  }

  /** Throws CONFLICT. */
  private async checkOpen(
    tx: WriteTransaction,
    approval: PolicyApproval,
    state: PolicyApproval['state'],
    now: Date,
  ): Promise<void> {
    if (approval.state !== 'REQUESTED') throw conflict(`The approval ${approval.id} is ${approval.state} already.`);
    if (approval.expiresAt <= now)
      throw conflict(
        `The approval ${approval.id} expired at ${approval.expiresAt.toISOString()}. What it is for is to be asked for again.`,
      );
    const digest = await this.gatherer.digestNow(tx, approval.subjects, now);
    if (state === 'APPROVED' && digest !== approval.subjectsDigest)
      throw conflict(
        `What the approval ${approval.id} is of has changed since it was asked for (${approval.subjectsDigest.slice(0, 12)}… is now ${digest.slice(0, 12)}…). What it is for is to be asked for again.`,
      );
  }
}

function conditionsOf(filter: PolicyApprovalFilter | null): ApprovalConditions {
  const { states = null, open = null, askedByMe = null } = filter ?? {};
  return { states, isOpen: open, askedByMe };
}

function approvalNotFound(id: string): WeftlineError {
  return notFound(`There is no approval ${id.slice(0, 120)}, or you may not know of it.`);
}
