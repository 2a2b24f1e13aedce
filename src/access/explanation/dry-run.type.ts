import { Field, ObjectType } from 'type-graphql';
import type { DenialReason } from './denial.js';
import { DenialReasonType } from './denial.type.js';

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
}
