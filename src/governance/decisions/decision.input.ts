import { Field, ID, InputType } from 'type-graphql';
import type { ApprovalState } from './approval.js';
import { ApprovalStateEnum } from './decision.type.js';

@InputType({ description: 'A word on an approval.' })
export class DecideApprovalInput {
  @Field(() => ID, { description: 'Id of the approval.' })
  approval!: string;
  @Field(() => String, { nullable: true, description: 'The reason: whoever asked reads it.' })
  reason?: string | null;
}

@InputType({ description: 'Conditions on the approvals of a list, which have to hold together.' })
export class PolicyApprovalFilter {
  @Field(() => [ApprovalStateEnum], { nullable: true, description: 'In one of these states.' })
  states?: ApprovalState[] | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: that wait for an answer and have not expired; false: all others.',
  })
  open?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description: 'true: that you asked for; false: that others did.',
  })
  askedByMe?: boolean | null;
}
