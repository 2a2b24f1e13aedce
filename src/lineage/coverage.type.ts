import { ArgsType, Field, Int, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import type { ClaimSource } from './coverage.js';

@ArgsType()
export class CoverageArgs {
  @Field(() => [String], { nullable: true, description: 'Up to 50 namespaces; all, when not given.' })
  namespaces?: string[] | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'Count runs that began at that time or later; all, when not given.',
  })
  since?: Date | null;
  @Field(() => Int, { defaultValue: 30, description: 'After how many silent days a source is stale: 1 to 3,650.' })
  staleAfterDays!: number;
}

@ObjectType('ClaimSource', { description: 'In whose name flows are stated, and how lately.' })
export class ClaimSourceType {
  @Field(() => String, { description: 'The source.' })
  source!: string;
  @Field(() => DateTime, {
    description: 'When it last stated something new here; saying the same again makes no new claim.',
  })
  lastRecordedAt!: Date;
  @Field(() => Int, { description: 'Its claims that hold now.' })
  liveClaims!: number;
  @Field(() => Boolean, { description: 'It has claims that hold, and stated nothing new for so many days.' })
  stale!: boolean;
}

@ObjectType('LineageCoverage', {
  description:
    'How much of what happened the lineage knows. Of transformations and deployments that you may see in the namespaces.',
})
export class CoverageType {
  @Field(() => Int, { description: 'Runs that succeeded; the next three are shares of these.' })
  runs!: number;
  @Field(() => Int, { description: 'Runs of which it is known what they read.' })
  runsWithInputs!: number;
  @Field(() => Int, { description: 'Runs of which it is known what they made.' })
  runsWithOutputs!: number;
  @Field(() => Int, { description: 'Runs of which both is known.' })
  runsWithBoth!: number;
  @Field(() => Int, { description: 'Flows that runs or releases showed, and nobody declared.' })
  observedOnly!: number;
  @Field(() => Int, { description: 'Flows that somebody declared, and no run or release ever showed.' })
  declaredOnly!: number;
  @Field(() => Int, { description: 'Flows that were declared, and that runs or releases showed.' })
  observedAndDeclared!: number;
  @Field(() => Int, { description: 'Flows from or to something that you may not see; not in the three counts before.' })
  hiddenFlows!: number;
  @Field(() => [ClaimSourceType], { description: 'Who states flows, the longest silent first: at most 200.' })
  sources!: ClaimSource[];
  @Field(() => Int, { description: 'How many sources there are in all.' })
  sourceCount!: number;
}
