import { Field, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DateTime } from '../../graphql/scalars.js';
import type { FieldTransformationSubtype, FieldTransformationType } from './field-claim.js';
import { ReportScopeEnum } from '../claims/claim.input.js';
import type { ReportScope } from '../statements/claim.js';
import { FieldTransformationSubtypeEnum, FieldTransformationTypeEnum } from './field-claim.type.js';

@InputType({ description: 'That a field goes into another.' })
export class FieldPairInput {
  @Field(() => String, { description: 'Name or id of the field the data comes from.' })
  source!: string;
  @Field(() => String, { description: 'Name or id of the field the data goes to.' })
  target!: string;
  @Field(() => FieldTransformationTypeEnum, {
    nullable: true,
    description: 'Whether it makes the values or decides about them; what the subtype is, or DIRECT, when not given.',
  })
  type?: FieldTransformationType | null;
  @Field(() => FieldTransformationSubtypeEnum, {
    nullable: true,
    description: 'The transformation of the field; null when unknown.',
  })
  subtype?: FieldTransformationSubtype | null;
  @Field(() => String, {
    nullable: true,
    description: 'The same in words, such as the expression.',
  })
  description?: string | null;
  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether the field is masked: its content cannot be read back from the other: it is hashed, cut or replaced.',
  })
  masking!: boolean;
}

@InputType({ description: 'The flows from fields of one data set into those of another, or of the same.' })
export class FieldFlowsInput {
  @Field(() => AssetRef, { description: 'The data set the data comes from.' })
  source!: string;
  @Field(() => AssetRef, { description: 'The data set the data goes to.' })
  target!: string;
  @Field(() => AssetRef, { description: 'The transformation that does it; needs EDIT.' })
  via!: string;
  @Field(() => [FieldPairInput], {
    description: 'The pairs of fields, source and target; all groups together up to 10,000.',
  })
  fields!: FieldPairInput[];
}

@InputType({
  description: 'Flows between fields, stated in the name of a source. Saying the same again changes nothing.',
})
export class ClaimFieldLineageInput {
  @Field(() => [FieldFlowsInput], {
    description: 'The flows, by data sets. Empty with a complete `scope`: nothing any more.',
  })
  flows!: FieldFlowsInput[];
  @Field(() => String, {
    defaultValue: 'manual',
    description: 'The source: a producer, a tool, or "manual". Sources never overwrite each other.',
  })
  claimSource!: string;
  @Field(() => ID, { nullable: true, description: 'The run in which it was observed, a run of `via`.' })
  run?: string | null;
  @Field(() => ReportScopeEnum, {
    defaultValue: 'FLOWS',
    description: 'The scope of this report: what it says of the flows it leaves out.',
  })
  scope!: ReportScope;
  @Field(() => AssetRef, {
    nullable: true,
    description: 'The transformation of which an empty report of scope TRANSFORMATION says: nothing any more.',
  })
  transformation?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time since which it is true, not in the future; the start of the run, or now, when not given.',
  })
  validFrom?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when it is true; without end, when not given.' })
  validUntil?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({
  description:
    'A retraction of what a source stated: exactly one of `flows`, `run`, `transformation` and `everything`. What other sources state stays.',
})
export class RetractFieldLineageInput {
  @Field(() => [FieldFlowsInput], {
    nullable: true,
    description: 'These flows, whatever was said to be done to the fields; all groups together up to 10,000 pairs.',
  })
  flows?: FieldFlowsInput[] | null;
  @Field(() => ID, {
    nullable: true,
    description: 'All it stated of this run, so that what it said before holds again.',
  })
  run?: string | null;
  @Field(() => AssetRef, { nullable: true, description: 'All it stated of this transformation.' })
  transformation?: string | null;
  @Field(() => Boolean, { nullable: true, description: 'All it ever stated of fields; only an ADMIN may.' })
  everything?: boolean | null;
  @Field(() => String, { defaultValue: 'manual', description: 'The source that stated it.' })
  claimSource!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: 'It was true until then, not in the future. Not given: it never was, and is taken back.',
  })
  from?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}
