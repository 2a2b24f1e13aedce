import type { DenialReason } from '../../access/explanation/denial.js';
import { type Actor, actorId } from '../../auth/actor.js';
import type { Asset } from '../../catalog/model/asset.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import { holdStill, policyState } from '../gate/gate.js';
import { decide } from '../policies/decide.js';
import type { LoadedSets } from '../sets/loaded-sets.js';
import { approvalOf, openRequestOf, type PolicyApproval, subjectOf } from './approval.js';
import type { ApprovalRepository } from './approval.repository.js';
import type { DecidesByPolicy, Judged } from './decides.port.js';
import type { PolicyDecision, PolicyQuestion } from './decision.js';
import type { DecisionRepository } from './decision.repository.js';
import type { FactsGatherer, Gathered } from './facts.service.js';
import { decisionOf, factsInTheWay } from './made.js';

/** Decides by the active set of policies, and keeps what it decided with all that it takes to decide it again. */
export class PolicyDecisions implements DecidesByPolicy {
  constructor(
    private readonly sets: LoadedSets,
    private readonly gatherer: FactsGatherer,
    private readonly rows: { decisions: DecisionRepository; approvals: ApprovalRepository },
    private readonly options: { approvalHours: number; now: () => Date },
  ) {}

  async judge(tx: WriteTransaction, actor: Actor, question: PolicyQuestion): Promise<Judged | null> {
    if ((await policyState(tx)).activeId === null) return null;
    // From here on neither labels nor policies change; what they were before this is of no account.
    await holdStill(tx, this.options.now());
    return this.foresee(tx, actor, question, true);
  }

  async foresee(
    statements: Statements,
    actor: Actor,
    question: PolicyQuestion,
    isKept = false,
  ): Promise<Judged | null> {
    const { activeId } = await policyState(statements);
    if (activeId === null) return null;
    const { stored, set } = await this.sets.byId(statements, activeId);
    const now = this.options.now();
    const [requesterId, { resource }] = [actorId(actor), question];
    const approvals = await this.rows.approvals.of(statements, subjectOf(question.action, resource.id));
    const asked = { ...question, resourceId: resource.id, requesterId };
    const gathered = await this.gatherer.gather(statements, asked, approvals, now);
    const { facts } = gathered;
    const verdict = decide(set, { action: question.action, principal: requesterId, resource: resource.id, facts });
    const witnesses = await this.gatherer.witnesses(statements, gathered, factsInTheWay(set, verdict), now);
    const about = { ...asked, resourceUrn: resource.urn };
    const decision = decisionOf({ about, gathered, stored, verdict, witnesses, now });
    return this.withApproval(decision, { resource, approvals, gathered, now, isKept });
  }

  async keep(tx: WriteTransaction, judged: Judged | null, allowedId: string | null): Promise<void> {
    if (judged === null) return;
    await this.rows.decisions.create(tx, { ...judged.decision, allowedId });
    if (judged.request) await this.rows.approvals.create(tx, judged.request);
  }

  /** With the approval that it waits for, or by which it is let through. */
  private withApproval(
    decision: PolicyDecision,
    by: { resource: Asset; approvals: readonly PolicyApproval[]; gathered: Gathered; now: Date; isKept: boolean },
  ): Judged {
    const { approvals, now, gathered } = by;
    const { subjectsDigest, actorId: requesterId } = decision;
    if (decision.outcome === 'PERMIT') {
      const used = approvalOf(approvals, subjectsDigest, now);
      return { decision: { ...decision, approvalId: used?.id ?? null }, request: null, reasons: [] };
    }
    if (decision.outcome === 'FORBID') return { decision, request: null, reasons: reasonsOf(decision, by, null) };
    const open = openRequestOf(approvals, { subjectsDigest, requesterId, now });
    const request = open ?? this.newRequest(decision, gathered.codeAuthors, now);
    const waiting = { ...decision, approvalId: request.id };
    return { decision: waiting, request: open ? null : request, reasons: reasonsOf(waiting, by, request) };
  }

  private newRequest(decision: PolicyDecision, codeAuthors: readonly string[] | null, now: Date): PolicyApproval {
    const { action, resourceId, resourceUrn, subjects, subjectsDigest } = decision;
    return {
      ...{ __typename: 'PolicyApproval', id: newId(), action, subject: subjectOf(action, resourceId) },
      ...{ resourceId, resourceUrn, subjects, subjectsDigest, decisionId: decision.id, requesterId: decision.actorId },
      ...{ codeAuthors, state: 'REQUESTED', requestedAt: now },
      expiresAt: new Date(now.getTime() + this.options.approvalHours * 3_600_000),
      ...{ deciderId: null, decidedAt: null, reason: null },
    };
  }
}

/** Why it is denied, in the form of all denials. What is only a warning is none. */
function reasonsOf(
  { id, reasons, findings, outcome }: PolicyDecision,
  { resource, isKept }: { resource: Asset; isKept: boolean },
  request: PolicyApproval | null,
): DenialReason[] {
  const inTheWay = findings.filter(
    ({ verdict, severity }) =>
      verdict === 'FAIL' || verdict === 'UNKNOWN' || (verdict === 'WARN' && severity === 'approval'),
  );
  const more = !isKept ? '' : ` policyDecision(id: "${id}") tells why.${request ? askedFor(request) : ''}`;
  const made = (rule: DenialReason['rule'], message: string): DenialReason => ({
    ...{ rule, message: `${message}${more}`, asset: resource },
    policyDecision: isKept ? id : null,
    policyApproval: isKept && request ? request.id : null,
  });
  const known = (sentence: string): boolean => findings.some((each) => sentence.startsWith(`${each.id}: `));
  const denials =
    outcome === 'FORBID' ? reasons.filter((sentence) => !known(sentence)).map((each) => made('POLICY', each)) : [];
  const told = inTheWay.map((finding): DenialReason => {
    const sentence = reasons.find((each) => each.startsWith(`${finding.id}: `)) ?? finding.reason;
    return made(
      `POLICY:${finding.id}`,
      sentence.slice(sentence.startsWith(`${finding.id}: `) ? finding.id.length + 2 : 0),
    );
  });
  return [...denials, ...told];
}

function askedFor({ id, expiresAt }: PolicyApproval): string {
  return ` The approval ${id} is asked for: once an owner or an ADMIN who is not you gave it with approveDecision, ask again, until ${expiresAt.toISOString()}.`;
}
