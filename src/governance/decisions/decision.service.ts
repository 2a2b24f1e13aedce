import type { DenialReason, PolicyWarning } from '../../access/explanation/denial.js';
import { type Actor, actorId } from '../../auth/actor.js';
import { conflict } from '../../errors.js';
import { newId } from '../../ids.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import { type ActiveSet, activeSet, holdStill } from '../gate/gate.js';
import { decide } from '../policies/decide.js';
import type { LoadedSets } from '../sets/loaded-sets.js';
import { approvalOf, NOT_GOING_ON, openRequestOf, type PolicyApproval, subjectOf } from './approval.js';
import type { ApprovalRepository } from './approval.repository.js';
import type { DecidesByPolicy, Judged } from './decides.port.js';
import type { PolicyDecision, PolicyQuestion } from './decision.js';
import { type AskedFor, requestDigestOf, storedRequest } from './request.js';
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
    // From here on neither labels nor policies change; what they were before this is of no account.
    const active = await holdStill(tx, this.options.now());
    if (active === null) return null;
    if (actor.onApproval !== undefined) await this.lockDue(tx, actor.onApproval);
    return this.decideBy(active, tx, { actor, question, isKept: question.isRehearsal !== true });
  }

  async foresee(statements: Statements, actor: Actor, question: PolicyQuestion): Promise<Judged | null> {
    const active = await activeSet(statements);
    return active === null ? null : this.decideBy(active, statements, { actor, question, isKept: false });
  }

  /** All that it goes by is asked for together, in one trip. */
  private async decideBy(
    active: ActiveSet,
    statements: Statements,
    { actor, question, isKept }: { actor: Actor; question: PolicyQuestion; isKept: boolean },
  ): Promise<Judged> {
    const now = this.options.now();
    const [requesterId, { resource }] = [actorId(actor), question];
    const asked = { ...question, resourceId: resource.id, requesterId };
    const [set, gathered] = await Promise.all([
      this.sets.active(statements, active),
      this.gatherer.gather(statements, asked, now),
    ]);
    const { facts, approvals } = gathered;
    const verdict = decide(set, { action: question.action, principal: requesterId, resource: resource.id, facts });
    const witnesses = await this.gatherer.witnesses(statements, gathered, factsInTheWay(set, verdict), now);
    const about = { ...asked, resourceUrn: resource.urn };
    const decision = decisionOf({ about, gathered, active, verdict, witnesses, now });
    if (actor.onApproval !== undefined) checkUnchanged(actor.onApproval, approvals, decision);
    return this.withApproval(decision, { resource, gathered, now, isKept, actor, question });
  }

  async keep(tx: WriteTransaction, judged: Judged | null, allowedId: string | null): Promise<void> {
    if (judged === null) return;
    await this.rows.decisions.create(tx, { ...judged.decision, allowedId });
    if (judged.request) await this.rows.approvals.create(tx, judged.request);
    const { used } = judged;
    if (used === null || allowedId === null) return;
    await this.rows.approvals.tell(tx, used, { continuation: 'DONE', allowedId, endedAt: this.options.now() });
  }

  /** Of who does what was approved and who asks for it again, the second finds it done. Throws GoneOnAlready. */
  private async lockDue(tx: WriteTransaction, id: string): Promise<void> {
    if ((await this.rows.approvals.lock(tx, id))?.continuation !== 'DUE') throw new GoneOnAlready();
  }

  /** With the approval that it waits for, or by which it is let through. */
  private withApproval(
    decision: PolicyDecision,
    by: {
      resource: PolicyQuestion['resource'];
      gathered: Gathered;
      now: Date;
      isKept: boolean;
      actor: Actor;
      question: PolicyQuestion;
    },
  ): Judged {
    const { now, gathered, actor } = by;
    const { approvals } = gathered;
    const { request: asked } = by.question;
    const requestDigest = asked ? requestDigestOf(asked) : null;
    const { subjectsDigest, actorId: requesterId } = decision;
    const warnings = warningsOf(decision);
    if (decision.outcome === 'PERMIT') {
      const used = approvalOf(approvals, subjectsDigest, now);
      const goneOn = usedBy(approvals, {
        requesterId,
        subjectsDigest,
        requestDigest,
        onApproval: actor.onApproval,
        now,
      });
      const permitted = { ...decision, approvalId: used?.id ?? null };
      return { decision: permitted, request: null, reasons: [], warnings, used: goneOn };
    }
    if (decision.outcome === 'FORBID')
      return { decision, request: null, reasons: reasonsOf(decision, by, null), warnings, used: null };
    const open = openRequestOf(approvals, { subjectsDigest, requesterId, requestDigest, now });
    const request = open ?? this.newRequest(decision, gathered.codeAuthors, now, goingOn(actor, asked, requestDigest));
    const waiting = { ...decision, approvalId: request.id };
    const reasons = reasonsOf(waiting, by, request);
    return { decision: waiting, request: open ? null : request, reasons, warnings, used: null };
  }

  private newRequest(
    decision: PolicyDecision,
    codeAuthors: readonly string[] | null,
    now: Date,
    going: Pick<PolicyApproval, keyof typeof NOT_GOING_ON>,
  ): PolicyApproval {
    const { action, resourceId, resourceUrn, subjects, subjectsDigest } = decision;
    return {
      ...{ __typename: 'PolicyApproval', id: newId(), action, subject: subjectOf(action, resourceId) },
      ...{ resourceId, resourceUrn, subjects, subjectsDigest, decisionId: decision.id, requesterId: decision.actorId },
      ...{ codeAuthors, state: 'REQUESTED', requestedAt: now },
      expiresAt: new Date(now.getTime() + this.options.approvalHours * 3_600_000),
      ...{ deciderId: null, decidedAt: null, reason: null, ...going },
    };
  }
}

/** That what was approved was done meanwhile: by who asked, or by another server. */
export class GoneOnAlready extends Error {}

/** Throws CONFLICT where it is not any more what was approved. */
function checkUnchanged(id: string, approvals: readonly PolicyApproval[], { subjectsDigest }: PolicyDecision): void {
  if (approvals.some((each) => each.id === id && each.subjectsDigest === subjectsDigest)) return;
  throw conflict(
    `What was approved has changed since (it is ${subjectsDigest.slice(0, 12)}… now), so it was not done. Ask for it again.`,
  );
}

/** What is kept, so that it goes on once it is approved. */
function goingOn(
  actor: Actor,
  asked: AskedFor | undefined,
  requestDigest: string | null,
): Pick<PolicyApproval, keyof typeof NOT_GOING_ON> {
  const request = asked ? storedRequest(asked) : null;
  if (request === null) return { ...NOT_GOING_ON, requestDigest };
  const tokenId = actor.credential?.tokenId ?? null;
  return { ...NOT_GOING_ON, request, requestDigest, scopes: actor.scopes, tokenId, continuation: 'WAITING' };
}

/** The approval whose request this is; null: none, or another request is let through by it. */
function usedBy(
  approvals: readonly PolicyApproval[],
  by: {
    requesterId: string;
    subjectsDigest: string;
    requestDigest: string | null;
    onApproval: string | undefined;
    now: Date;
  },
): string | null {
  if (by.onApproval !== undefined) return by.onApproval;
  const isIt = (each: PolicyApproval): boolean =>
    each.state === 'APPROVED' &&
    each.continuation === 'DUE' &&
    each.expiresAt > by.now &&
    each.requesterId === by.requesterId &&
    each.subjectsDigest === by.subjectsDigest &&
    each.requestDigest === by.requestDigest;
  return approvals.find(isIt)?.id ?? null;
}

/** What is told and lets through, whatever else is in the way. */
const warningsOf = ({ findings }: PolicyDecision): PolicyWarning[] =>
  findings
    .filter(({ verdict, severity }) => verdict === 'WARN' && severity === 'warn')
    .map(({ id: policy, reason: message }) => ({ policy, message }));

/** Why it is denied, in the form of all denials. What is only a warning is none. */
function reasonsOf(
  { id, reasons, findings, outcome }: PolicyDecision,
  { resource, isKept }: { resource: PolicyQuestion['resource']; isKept: boolean },
  request: PolicyApproval | null,
): DenialReason[] {
  const inTheWay = findings.filter(
    ({ verdict, severity }) =>
      verdict === 'FAIL' || verdict === 'UNKNOWN' || (verdict === 'WARN' && severity === 'approval'),
  );
  const more = !isKept ? '' : ` policyDecision(id: "${id}") tells why.${request ? askedFor(request) : ''}`;
  const made = (rule: DenialReason['rule'], message: string): DenialReason => ({
    ...{ rule, message: `${message}${more}`, asset: resource.__typename === 'AuditLog' ? null : resource },
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

function askedFor({ id, expiresAt, continuation }: PolicyApproval): string {
  return ` The approval ${id} is asked for: an owner or an ADMIN who is not you gives it with approveDecision, until ${expiresAt.toISOString()}; ${continuation === 'WAITING' ? 'then it is done by itself' : 'then ask again'}.`;
}
