import { Field, ID, InputType } from 'type-graphql';

@InputType({ description: 'A word on an approval.' })
export class DecideApprovalInput {
  @Field(() => ID, { description: 'Id of the approval.' })
  approval!: string;
  @Field(() => String, { nullable: true, description: 'The reason: whoever asked reads it.' })
  reason?: string | null;
}
