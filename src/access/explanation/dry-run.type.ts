import { Field, ObjectType } from 'type-graphql';
import type { DenialReason, PolicyWarning } from './denial.js';
import { DenialReasonType } from './denial.type.js';

@ObjectType('PolicyWarning', { description: 'The word of a policy that is told, and lets through.' })
export class PolicyWarningType {
  @Field(() => String, { description: 'The id of the policy.' })
  policy!: string;
  @Field(() => String, { description: 'The reason that the policy gives, and what to do.' })
  message!: string;
}

@ObjectType('DryRun', {
  description: 'The answer of a dry run: the same rights, faults and policies, and nothing done.',
})
export class DryRunType {
  @Field(() => Boolean, { description: 'It would have been done.' })
  accepted!: boolean;
  @Field(() => [DenialReasonType], { description: 'All that is in the way. Empty: nothing is.' })
  reasons!: readonly DenialReason[];
  @Field(() => Boolean, { description: 'An approval would have been asked for.' })
  wouldAskApproval!: boolean;
  @Field(() => [PolicyWarningType], {
    description: 'All that policies tell besides, and let through. Empty: nothing, or they were not asked.',
  })
  warnings!: readonly PolicyWarning[];
}
