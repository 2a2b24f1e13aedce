import { ArgsType, Field, ID, ObjectType, Root } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { type ClaimMethod, methodOf, type ReportScope } from '../statements/claim.js';
import { ReportScopeEnum } from './claim.input.js';
import { ClaimMethodEnum } from '../statements/claim.type.js';

@ObjectType('LineageStatement', {
  description: 'A statement of a source about a flow, as it was made. The claims on edges follow from these.',
})
export class LineageStatementType {
  @Field(() => ID, { description: 'Opaque id; it rises with the time of recording.' })
  id!: string;
  @Field(() => String, { description: 'The source: a producer, a tool, "manual", or Weftline itself.' })
  source!: string;
  @Field(() => ClaimMethodEnum, { description: 'Whether it was seen or only said.' })
  method(@Root() statement: { source: string; runId: string | null }): ClaimMethod {
    return methodOf(statement);
  }
  @Field(() => ReportScopeEnum, { description: 'The scope of its report: what it said of the flows it left out.' })
  scope!: ReportScope;
  @Field(() => DateTime, { description: 'The time since which it is true.' })
  validFrom!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when it said it is true; null: without end.' })
  validUntil!: Date | null;
  @Field(() => DateTime, {
    nullable: true,
    description:
      'The time since which a report of all its source knew bears it out no longer; null when none does that.',
  })
  coveredFrom!: Date | null;
  @Field(() => DateTime, { description: 'The time when it was recorded here.' })
  recordedAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time when it was taken back, or replaced by the same with an earlier end; null while it stands.',
  })
  retractedAt!: Date | null;
}

export const LineageStatementConnection = connectionOf(LineageStatementType, 'LineageStatement');

@ArgsType()
export class LineageClaimsArgs extends PageArgs {
  @Field(() => AssetRef, { description: 'The source of the data.' })
  source!: string;
  @Field(() => AssetRef, { description: 'The target of the data.' })
  target!: string;
  @Field(() => String, { nullable: true, description: 'Only in this name; in every, when not given.' })
  claimSource?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Boolean, { defaultValue: true, description: 'Also what was taken back or replaced.' })
  includePast!: boolean;
}
