import { Field, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';

@InputType({ description: 'Two data sets that are said to be one.' })
export class ProposeAliasInput {
  @Field(() => AssetRef, { description: 'One of both.' })
  asset!: string;
  @Field(() => AssetRef, { description: 'The other; the one that stays, unless whoever decides says otherwise.' })
  sameAs!: string;
  @Field(() => String, { nullable: true, description: 'The reason: the owners read it.' })
  reason?: string | null;
}

@InputType({ description: "An owner's decision." })
export class DecideAliasInput {
  @Field(() => ID, { description: 'Id of the proposal.' })
  proposal!: string;
  @Field(() => Boolean, { description: 'true agrees, false declines; of whoever proposed it, takes it back.' })
  accept!: boolean;
  @Field(() => AssetRef, {
    nullable: true,
    description: 'The one of both that stays, under its name; `sameAs` of the proposal, when nobody says.',
  })
  keep?: string | null;
  @Field(() => String, { nullable: true, description: 'The reason; whoever proposed it reads it.' })
  reason?: string | null;
}

@InputType({ description: 'A join to undo.' })
export class UndoAliasInput {
  @Field(() => ID, { description: 'Id of the proposal that was accepted.' })
  proposal!: string;
  @Field(() => String, { nullable: true, description: 'The reason.' })
  reason?: string | null;
}
