import { ArgsType, Field, Float, Int, ObjectType } from 'type-graphql';
import { PageInfo } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';
import type { ClaimSource, CoverageScope } from './coverage.js';

@ArgsType()
export class CoverageArgs {
  @Field(() => [String], { nullable: true, description: 'Only these namespaces; all, when not given.' })
  namespaces?: string[] | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Count runs that began at that time or later; all, when not given.',
  })
  since?: Date | null;
  @Field(() => Int, { defaultValue: 30, description: 'After how many silent days a source is stale: 1 to 3,650.' })
  staleAfterDays!: number;
}

@ArgsType()
export class ClaimSourcesArgs {
  @Field(() => Boolean, { defaultValue: false, description: 'Only those that are stale.' })
  staleOnly!: boolean;
  @Field(() => Int, { defaultValue: 50, description: 'Rows to return, the longest silent first: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
}

@ObjectType('ClaimSource', { description: 'A source that states flows, and when it last did.' })
export class ClaimSourceType {
  @Field(() => String, { description: 'The name of the source, as it states claims.' })
  source!: string;
  @Field(() => DateTime, {
    description:
      'The time when it last stated something here, saying the same again included. Only flows that you may see count.',
  })
  lastStatedAt!: Date;
  @Field(() => Int, { description: 'Its claims that hold now.' })
  liveClaims!: number;
  @Field(() => Boolean, { description: 'It has claims that hold, and stated nothing for more than `staleAfterDays`.' })
  stale!: boolean;
}

@ObjectType({ description: 'One row of a ClaimSourceConnection.' })
export class ClaimSourceEdge {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => ClaimSourceType, { description: 'The row itself.' })
  node!: ClaimSource;
}

@ObjectType({ description: 'A page of a list of ClaimSource (Relay).' })
export class ClaimSourceConnection {
  @Field(() => [ClaimSourceEdge], { description: 'The rows with their cursors.' })
  edges!: ClaimSourceEdge[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Sources in the whole list.' })
  totalCount!: number;
}

@ObjectType('LineageCoverage', {
  description:
    'The coverage of what happened by the lineage. Of transformations and deployments that you may see in the namespaces.',
})
export class CoverageType {
  @Field(() => Int, { description: 'Runs that succeeded; the next four are about these.' })
  runs!: number;
  @Field(() => Int, { description: 'Runs of which it is known what they read.' })
  runsWithInputs!: number;
  @Field(() => Int, { description: 'Runs of which it is known what they made.' })
  runsWithOutputs!: number;
  @Field(() => Int, { description: 'Runs of which both is known.' })
  runsWithBoth!: number;
  @Field(() => Float, {
    nullable: true,
    description: 'The share of the runs of which it is known what they read, 0 to 1; null when there were no runs.',
  })
  inputShare!: number | null;
  @Field(() => Int, { description: 'Flows that runs or releases show, and nobody declares.' })
  observedOnly!: number;
  @Field(() => Int, { description: 'Flows that somebody declares, and no run or release shows.' })
  declaredOnly!: number;
  @Field(() => Int, { description: 'Flows that somebody declares, and that runs or releases show.' })
  observedAndDeclared!: number;
  @Field(() => Int, { description: 'Flows from or to something that you may not see; not in the three counts before.' })
  hiddenFlows!: number;
  sources!: ClaimSourceConnection;
  scope!: CoverageScope;
}
