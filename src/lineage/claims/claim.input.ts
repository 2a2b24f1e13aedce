import { Field, ID, InputType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { enumOf } from '../../graphql/enums.js';
import { DateTime } from '../../graphql/scalars.js';
import { REPORT_SCOPES, type ReportScope } from '../statements/claim.js';

export const ReportScopeEnum = enumOf(
  'ReportScope',
  REPORT_SCOPES,
  'The scope of a report: what it says of the flows it leaves out.',
  {
    FLOWS: 'Nothing: it adds flows and ends none.',
    RUN: 'It names all flows of one run: what its source stated of that run before and does not name now ends.',
    TRANSFORMATION:
      'It names all flows of the transformations and deployments it touches: whatever its source stated of these, with any run or none, and does not name now ends.',
  },
);

@InputType({ description: 'That data flows from one asset to another.' })
export class FlowInput {
  @Field(() => AssetRef, { description: 'The source of the data.' })
  source!: string;
  @Field(() => AssetRef, { description: 'The target of the data.' })
  target!: string;
}

@InputType({ description: 'Flows to state in the name of a source. Saying the same again changes nothing.' })
export class ClaimLineageInput {
  @Field(() => [FlowInput], {
    description:
      'The flows: data sets and models into transformations, transformations into data sets and models, models into deployments, deployments into data sets. None, with scope RUN or TRANSFORMATION: nothing flows any more.',
  })
  flows!: FlowInput[];
  @Field(() => String, {
    defaultValue: 'manual',
    description: 'The source: a producer, a tool, or "manual". Sources never overwrite each other.',
  })
  claimSource!: string;
  @Field(() => ID, {
    nullable: true,
    description: 'The run in which it was seen; every flow must be one of the transformation that ran.',
  })
  run?: string | null;
  @Field(() => ReportScopeEnum, {
    defaultValue: 'FLOWS',
    description:
      'The scope of this report: what it says of the flows it leaves out. What other sources state always stays.',
  })
  scope!: ReportScope;
  @Field(() => AssetRef, {
    nullable: true,
    description:
      'With scope TRANSFORMATION: the transformation or deployment that the report is about. Needed when it names no flow.',
  })
  transformation?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description:
      'The time since which it is true, not in the future; when not given, since the run began, or now without a run.',
  })
  validFrom?: Date | null;
  @Field(() => DateTime, { nullable: true, description: 'Until when it was true; still, when not given.' })
  validUntil?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({
  description:
    'A retraction of what a source stated, by exactly one of `flows`, `run`, `transformation` and `everything`. What other sources state stays.',
})
export class RetractLineageInput {
  @Field(() => [FlowInput], { nullable: true, description: 'All it stated of these flows.' })
  flows?: FlowInput[] | null;
  @Field(() => ID, {
    nullable: true,
    description: 'All it stated of this run. What the reports of the run had ended holds again.',
  })
  run?: string | null;
  @Field(() => AssetRef, {
    nullable: true,
    description: 'All it stated of this transformation or deployment, with any run or none.',
  })
  transformation?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      'All it ever stated; only an ADMIN may. It is done in steps, a few thousand statements each: if one fails, ask again.',
  })
  everything?: boolean | null;
  @Field(() => String, { defaultValue: 'manual', description: 'The source that stated them.' })
  claimSource!: string;
  @Field(() => DateTime, {
    nullable: true,
    description: 'They were true until then, not in the future. When not given, they never were: they are taken back.',
  })
  from?: Date | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}
