import { Field, ID, ObjectType, Root } from 'type-graphql';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import { CLAIM_METHODS, type ClaimMethod, methodOf } from './claim.js';

export const ClaimMethodEnum = enumOf(
  'ClaimMethod',
  CLAIM_METHODS,
  'The method by which a source came to state a flow.',
  {
    OBSERVED: 'It was seen: in a run, or by Weftline itself.',
    DECLARED: 'It was said without a run: written in code, in a diagram, or by a person.',
  },
);

@ObjectType('Claim', { description: "One source's claim that data flows. A source never overwrites another's." })
export class ClaimType {
  @Field(() => ID, { description: 'Opaque id of this record of it; what is believed anew is recorded anew.' })
  id!: string;
  @Field(() => String, {
    description: 'The source that stated it: a producer, a tool, "manual", or Weftline itself.',
  })
  source!: string;
  @Field(() => ClaimMethodEnum, { description: 'Whether it was seen or only said.' })
  method(@Root() claim: { source: string; runId: string | null }): ClaimMethod {
    return methodOf(claim);
  }
  @Field(() => DateTime, { description: 'The time since which it is true.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when it was true; null while it is.' })
  validUntil!: Date | null;
  @Field(() => DateTime, { description: 'The time when it was recorded here.' })
  recordedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when it was taken back; null while it stands.' })
  retractedAt!: Date | null;
}
