import { Field, ID, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { OutcomeEnum, VerdictEnum } from '../decisions/decision.type.js';
import { ActionEnum } from '../policies/action.type.js';
import type { Outcome, PolicyVerdict } from '../policies/engine.js';
import type { Action } from '../policies/facts.js';
import { STANDING_KINDS, type StandingKind } from '../standing/standing.js';

const StandingKindEnum = enumOf('RehearsedKind', STANDING_KINDS, 'The kind of a thing that was let through.', {
  DEPLOYMENT: 'A deployment on which a model serves.',
  TRAINING_JOB: 'A training job that waits or runs.',
  APPROVAL: 'An approval that is asked for, or was given and holds.',
});

@ObjectType('PolicyDifference', {
  description: 'A policy that says something else in the draft than in the active set.',
})
export class PolicyDifferenceType {
  @Field(() => String, { description: 'The id of the policy, as it stands in its file.' })
  policy!: string;
  @Field(() => VerdictEnum, { nullable: true, description: 'Its verdict in the active set; null: it is not in there.' })
  active!: PolicyVerdict | null;
  @Field(() => VerdictEnum, { nullable: true, description: 'Its verdict in the draft; null: it is not in there.' })
  draft!: PolicyVerdict | null;
  @Field(() => String, { description: 'The reason that the policy gives, and what to do.' })
  reason!: string;
}

@ObjectType('RehearsedChange', { description: 'A thing that stands and would be decided otherwise by the draft.' })
export class RehearsedChangeType {
  @Field(() => StandingKindEnum, { description: 'Its kind.' })
  kind!: StandingKind;
  @Field(() => ID, { description: 'Id of the deployment, the job or the approval.' })
  subjectId!: string;
  @Field(() => ActionEnum, { description: 'The action that it is, or would be, let through for.' })
  action!: Action;
  @Field(() => String, { description: 'The name of the deployment, or of the transformation that runs.' })
  resourceUrn!: string;
  @Field(() => OutcomeEnum, { description: 'The outcome by the active set; without one, PERMIT.' })
  active!: Outcome;
  @Field(() => OutcomeEnum, { description: 'The outcome by the draft.' })
  draft!: Outcome;
  @Field(() => [PolicyDifferenceType], { description: 'The policies that make the difference.' })
  differences!: readonly PolicyDifferenceType[];
  @Field(() => [String], { description: 'The reasons of the draft, in sentences.' })
  reasons!: readonly string[];
}

@ObjectType('RehearsedCount', { description: 'A count of things of one kind that stand.' })
export class RehearsedCountType {
  @Field(() => Int, { description: 'Those that were asked about.' })
  checked!: number;
  @Field(() => Int, { description: 'Those that would be decided otherwise.' })
  changed!: number;
  @Field(() => Int, { description: 'Of these, those that are permitted now and would not be.' })
  denied!: number;
}

@ObjectType('PolicyRehearsal', { description: 'A set of policies, tried before it is active.' })
export class PolicyRehearsalType {
  @Field(() => ID, { nullable: true, description: 'Id of the set that is active now; null: none is.' })
  activeId!: string | null;
  @Field(() => Boolean, {
    description:
      'Whether all that stands was asked about. Of a kind 5,000 are at most, and all together for 20 seconds; what is left out is in no count.',
  })
  isComplete!: boolean;
}

export const RehearsedChangeConnection = connectionOf(RehearsedChangeType, 'RehearsedChange');
