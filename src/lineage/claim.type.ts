import { Field, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';

@ObjectType('Claim', { description: "One source's statement that data flows. A source never overwrites another's." })
export class ClaimType {
  @Field(() => String, {
    description: 'In whose name it was stated: a producer, a tool, "manual", or Weftline itself.',
  })
  source!: string;
  @Field(() => DateTime, { description: 'Since when it is true.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when it was true; null while it is.' })
  validUntil!: Date | null;
  @Field(() => DateTime, { description: 'When it was recorded here.' })
  recordedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'When it was taken back; null while it stands.' })
  retractedAt!: Date | null;
}
