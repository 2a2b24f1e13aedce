import { Field, Float, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';

@InputType({ description: 'A condition on the facets of a run.' })
export class DeclassificationConditionInput {
  @Field(() => String, { description: 'JSON pointer into the facets of the run, as `/anonymity/k`.' })
  facet!: string;
  @Field(() => String, { nullable: true, description: 'The text, number, true or false that stands there.' })
  equals?: string | null;
  @Field(() => Float, { nullable: true, description: 'The lowest number that may stand there.' })
  atLeast?: number | null;
  @Field(() => Float, { nullable: true, description: 'The highest number that may stand there.' })
  atMost?: number | null;
}

@InputType({ description: 'A request that runs of exactly the code that a transformation has now may lower a label.' })
export class RequestDeclassificationInput {
  @Field(() => AssetRef, { description: 'The transformation.' })
  transformation!: string;
  @Field(() => String, { description: 'The dimension, by its name: `labelDimensions` lists them.' })
  dimension!: string;
  @Field(() => [String], {
    description: 'The value that is lowered; [] of an intersection, such as `regions` and `purposes`.',
  })
  from!: string[];
  @Field(() => [String], {
    description: 'The value that it becomes; of an intersection, what is allowed besides.',
  })
  to!: string[];
  @Field(() => [DeclassificationConditionInput], {
    nullable: true,
    description: 'Conditions on the facets of the run, all of which have to hold; none, when not given.',
  })
  conditions?: DeclassificationConditionInput[] | null;
  @Field(() => [String], {
    nullable: true,
    description:
      'The command with which it is launched. A run that Weftline launched is lowered only by a grant for its very command; any other run by one without.',
  })
  command?: string[] | null;
  @Field(() => String, { description: 'The reason: those who approve read it.' })
  reason!: string;
  @Field(() => DateTime, { description: 'The time from which it lowers nothing any more, at most 366 days from now.' })
  expiresAt!: Date;
}

@InputType({ description: 'A grant that is approved.' })
export class ApproveDeclassificationInput {
  @Field(() => ID, { description: 'Id of the grant.' })
  grant!: string;
}

@InputType({ description: 'A grant that is rejected or revoked.' })
export class EndDeclassificationInput {
  @Field(() => ID, { description: 'Id of the grant.' })
  grant!: string;
  @Field(() => String, { description: 'The reason.' })
  reason!: string;
}
