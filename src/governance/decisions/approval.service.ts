import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { conflict, forbidden, notFound, type WeftlineError } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { PolicyApproval } from './approval.js';
import type { DecideApprovalInput } from './decision.input.js';
import type { ApprovalRepository } from './approval.repository.js';
import type { FactsGatherer } from './facts.service.js';

/** What policies leave to people: given or refused by who answers for the thing, never by who asks or wrote the code. */
export class PolicyApprovals {
  constructor(
    private readonly graph: Graph,
    private readonly approvals: ApprovalRepository,
    private readonly gatherer: FactsGatherer,
    private readonly assets: AssetService,
    private readonly now: () => Date,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, PolicyApproval>> {
    return this.approvals.byIds(actor, ids);
  }

  /**
   * Gives an approval, or refuses it; decided the same way by the same person already, nothing changes. Throws NOT_FOUND, FORBIDDEN, or
   * CONFLICT when it was decided otherwise, has expired, or what it is of is not what it was.
   */
  decide(actor: Actor, state: 'APPROVED' | 'REJECTED', input: DecideApprovalInput): Promise<PolicyApproval> {
    return this.graph.write(actor.origin, async (tx) => {
      const approval = await this.approvals.lock(tx, input.approval);
      if (!approval) throw approvalNotFound(input.approval);
      await this.checkEntitled(tx, actor, approval);
      if (approval.state === state && approval.deciderId === actorId(actor)) return approval;
      const now = this.now();
      await this.checkOpen(tx, approval, state, now);
      const changes = { state, deciderId: actorId(actor), decidedAt: now, reason: input.reason ?? null };
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

function approvalNotFound(id: string): WeftlineError {
  return notFound(`There is no approval ${id.slice(0, 120)}, or you may not know of it.`);
}
