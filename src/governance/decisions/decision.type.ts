import { Field, ID, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import {
  OUTCOMES,
  type Outcome,
  POLICY_VERDICTS,
  type PolicyVerdict,
  SEVERITIES,
  type Severity,
} from '../policies/engine.js';
import { ActionEnum } from '../policies/action.type.js';
import type { Action } from '../policies/facts.js';
import {
  APPROVAL_STATES,
  type ApprovalState,
  type Continuation,
  CONTINUATIONS,
  type PolicyApproval,
} from './approval.js';

export const OutcomeEnum = enumOf('PolicyOutcome', OUTCOMES, 'The outcome of a decision.', {
  PERMIT: 'It may be done.',
  FORBID: 'It may not.',
  NEEDS_APPROVAL: 'It may be done once somebody else approved it.',
});
export const VerdictEnum = enumOf('PolicyVerdict', POLICY_VERDICTS, 'The verdict of one policy.', {
  PASS: 'Nothing against it.',
  WARN: 'It is told, and stops nothing by itself; or an approval is wanted.',
  FAIL: 'It forbids.',
  UNKNOWN: 'A fact that it reads is not known, so it forbids.',
});
const SeverityEnum = enumOf('PolicySeverity', SEVERITIES, 'The weight of a policy that forbids.', {
  fail: 'It forbids.',
  warn: 'It is told.',
  approval: 'An approval is asked for.',
});
export const ApprovalStateEnum = enumOf('PolicyApprovalState', APPROVAL_STATES, 'The state of an approval.', {
  REQUESTED: 'Asked for, and not decided.',
  APPROVED: 'Given: what it is of is let through until it expires.',
  REJECTED: 'Refused by somebody entitled to decide.',
});
const ContinuationEnum = enumOf('PolicyContinuation', CONTINUATIONS, 'The course of what an approval is asked for.', {
  ASK_AGAIN: 'Nothing goes on by itself: once it is given, the same request is let through. Or it was refused.',
  WAITING: 'It is done once the approval is given.',
  DUE: 'The approval is given, and it is being done.',
  DONE: 'It is done: `allowed` came of it.',
  STOPPED: 'It was not done: `stoppedBecause` says why.',
});
const PARTS = ['RESOURCE', 'OUTPUT', 'INPUT', 'MODEL_VERSION'] as const;
const PartEnum = enumOf('PolicySubjectPart', PARTS, 'The part of a thing in a decision.', {
  RESOURCE: 'The asset that it is about: a transformation, a deployment.',
  OUTPUT: 'The asset that gets something of it.',
  INPUT: 'A version that goes in.',
  MODEL_VERSION: 'The model version that is to serve.',
});
const STEP_KINDS = ['VERSION', 'RUN', 'ASSET'] as const;
const StepKindEnum = enumOf('PolicyWitnessStepKind', STEP_KINDS, 'The kind of a thing on a way.', {
  VERSION: 'A version of a data set or model.',
  RUN: 'A run.',
  ASSET: 'An asset.',
});

@ObjectType('PolicyFinding', { description: 'The word of one policy.' })
export class PolicyFindingType {
  @Field(() => String, { description: 'The id of the policy, as it stands in its file.' })
  id!: string;
  @Field(() => VerdictEnum, { description: 'The verdict.' })
  verdict!: PolicyVerdict;
  @Field(() => SeverityEnum, { description: 'The weight of the policy.' })
  severity!: Severity;
  @Field(() => String, { description: 'The reason that the policy gives, and what to do.' })
  reason!: string;
  @Field(() => [String], { description: 'The facts that it reads and nobody knows.' })
  unknownFacts!: readonly string[];
}

@ObjectType('PolicySubject', { description: 'A thing that a decision is about, as exactly as it was then.' })
export class PolicySubjectType {
  @Field(() => PartEnum, { description: 'Its part.' })
  part!: (typeof PARTS)[number];
  @Field(() => ID, { nullable: true, description: 'Id of the asset; null when you may not see it.' })
  asset!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of the version; null: the asset itself, or you may not see it.' })
  version!: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      'SHA-256 over what of it counts: the code, or the digest of the version; null when you may not see it.',
  })
  digest!: string | null;
}

@ObjectType('PolicyWitnessStep', { description: 'A thing on the way by which a fact came about.' })
export class PolicyWitnessStepType {
  @Field(() => StepKindEnum, { description: 'Its kind.' })
  kind!: (typeof STEP_KINDS)[number];
  @Field(() => ID, { nullable: true, description: 'Its id; null when you may not see it.' })
  id!: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of its asset; null when you may not see it.' })
  asset!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The field in which a label came there, along columns; null: the whole, or you may not see it.',
  })
  field!: string | null;
}

@ObjectType('PolicyWitness', { description: 'The shortest way from what was asked about to what a fact comes from.' })
export class PolicyWitnessType {
  @Field(() => String, { description: 'The name of the fact.' })
  fact!: string;
  @Field(() => [PolicyWitnessStepType], { description: 'The way: what went in first, its origin last.' })
  steps!: PolicyWitnessStepType[];
}

@ObjectType('PolicyDecision', {
  implements: [Node],
  description: 'A decision by policies, with all that it takes to make it again. Nothing of it ever changes.',
})
export class PolicyDecisionType extends Node {
  @Field(() => ActionEnum, { description: 'The action that was asked for.' })
  action!: Action;
  @Field(() => OutcomeEnum, { description: 'The outcome.' })
  outcome!: Outcome;
  @Field(() => [PolicyFindingType], { description: 'The verdicts, by policy; those that decided first.' })
  findings!: readonly PolicyFindingType[];
  @Field(() => [String], { description: 'The reasons, in sentences; of PERMIT the warnings.' })
  reasons!: readonly string[];
  @Field(() => String, { description: 'The digest of the set of policies.' })
  policySetDigest!: string;
  @Field(() => String, {
    description: 'SHA-256 over the digests of the subjects: an approval is of these and no others.',
  })
  subjectsDigest!: string;
  @Field(() => String, { description: 'The engine, as `cedar 4.13.0`.' })
  engine!: string;
  @Field(() => DateTime, { description: 'The time as of which the facts held.' })
  validAt!: Date;
  @Field(() => DateTime, { description: 'The time when it was decided and recorded.' })
  decidedAt!: Date;
}

export const PolicyDecisionConnection = connectionOf(PolicyDecisionType, 'PolicyDecision');

@ObjectType('PolicyReplay', { description: 'A decision that was made again, from what was kept of it alone.' })
export class PolicyReplayType {
  @Field(() => Boolean, { description: 'Whether outcome, verdicts and reasons are the same.' })
  isSame!: boolean;
  @Field(() => Boolean, { description: 'Whether policies and facts are still those of their digests.' })
  isIntact!: boolean;
  @Field(() => OutcomeEnum, { description: 'The outcome now.' })
  outcome!: Outcome;
  @Field(() => [PolicyFindingType], { description: 'The verdicts now.' })
  findings!: readonly PolicyFindingType[];
  @Field(() => [String], { description: 'The reasons now.' })
  reasons!: readonly string[];
  @Field(() => [String], {
    description: 'The names of facts that are others today; of those in seconds, whether their time is over.',
  })
  changedFacts!: readonly string[];
}

@ObjectType('PolicyApproval', {
  implements: [Node],
  description: 'An approval that policies ask for: of exactly these digests, and until it expires.',
})
export class PolicyApprovalType extends Node {
  @Field(() => ActionEnum, { description: 'The action that it is for.' })
  action!: Action;
  @Field(() => ApprovalStateEnum, { description: 'The state.' })
  state!: ApprovalState;
  @Field(() => String, { description: 'The digest over the subjects that it is of.' })
  subjectsDigest!: string;
  @Field(() => DateTime, { description: 'The time when it was asked for.' })
  requestedAt!: Date;
  @Field(() => DateTime, { description: 'The time from which it is worth nothing.' })
  expiresAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was decided; null: it is not.' })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason of the decider; null when there is none.' })
  reason!: string | null;
  @Field(() => ContinuationEnum, { description: 'The course of what was asked for.' })
  continuation!: Continuation;
  @Field(() => String, {
    nullable: true,
    description: 'The reason why it was not done once it was approved; null: it was, or may be.',
  })
  stoppedBecause!: string | null;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was done, or stopped; null: neither.' })
  endedAt!: Date | null;
}

export const PolicyApprovalConnection = connectionOf(PolicyApprovalType, 'PolicyApproval');

@ObjectType({ description: 'The approval after the change.' })
export class PolicyApprovalPayload {
  @Field(() => PolicyApprovalType, { description: 'The approval as it is after the change.' })
  policyApproval!: PolicyApproval;
}
