import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { DatasetVersion } from '../../catalog/versions/version.type.js';
import type { Version } from '../../catalog/versions/version.js';
import { PageInfo } from '../../graphql/connection.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { CompletenessType } from '../../lineage/trace/lineage.type.js';
import type { Release } from '../../deployment/releases/release.js';
import { ReleaseType } from '../../deployment/releases/release.type.js';
import type { InputCheck } from '../../lineage/runs/input-check.js';
import { InputCheckType } from '../../lineage/runs/input-check.type.js';
import type { Run } from '../../lineage/runs/run.js';
import { RunType } from '../../lineage/runs/run.type.js';

@ArgsType()
class VersionPageArgs {
  @Field(() => DateTime, {
    nullable: true,
    description: 'The transaction time of the answer: what had been recorded by then; now, when not given.',
  })
  knownAt?: Date | null;
  @Field(() => Int, { defaultValue: 25, description: 'Rows to return: 1 to 200.' })
  first!: number;
  @Field(() => String, { nullable: true, description: 'Return rows after this cursor.' })
  after?: string | null;
}

@ArgsType()
export class TrainedOnArgs extends VersionPageArgs {
  @Field(() => AssetRef, {
    nullable: true,
    description: 'A model: all its versions are meant, or the one that `version` names.',
  })
  model?: string | null;
  @Field(() => String, { nullable: true, description: 'The name of one version of `model`, such as "1.2".' })
  version?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of one version of a model; give this or `model`.' })
  modelVersion?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The valid time of the answer: what runs had read and made by then; now, when not given.',
  })
  asOf?: Date | null;
}

@ArgsType()
export class DeploymentsTrainedOnArgs extends VersionPageArgs {
  @Field(() => AssetRef, {
    nullable: true,
    description: 'A data set: all its versions are meant, or the one that `version` names.',
  })
  dataset?: string | null;
  @Field(() => String, { nullable: true, description: 'The name of one version of `dataset`, such as "2025-03-01".' })
  version?: string | null;
  @Field(() => ID, { nullable: true, description: 'Id of one version of a data set; give this or `dataset`.' })
  datasetVersion?: string | null;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time at which a release served; any time, when not given.',
  })
  asOf?: Date | null;
}

@ObjectType({ description: 'A data set version that something was trained on, with the way there.' })
export class TrainedOnEdge {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => DatasetVersion, { description: 'The data set version.' })
  node!: Version;
  @Field(() => Int, {
    description: 'Hops of the shortest way, a version and a run being a hop each: 2 for what the last run itself read.',
  })
  distance!: number;
  @Field(() => [RunType], { description: 'The runs that read it on the way, those you may see.' })
  runs!: Run[];
  @Field(() => Int, { description: 'Runs that read it on the way and that you may not see.' })
  hiddenRuns!: number;
  @Field(() => InputCheckType, {
    description:
      'Whether the runs on the way read what the version was published with: verified where all of them did, and none is hidden from you; else the worst that was found.',
  })
  check!: InputCheck;
}

@ObjectType({
  description:
    'The exact data something was trained on, at any remove, nearest first: also through models it was fine-tuned from. All that its runs read counts; which part of it they trained on they do not say.',
})
export class TrainedOnConnection {
  @Field(() => [TrainedOnEdge], { description: 'The data set versions, those you may see, with the way there.' })
  edges!: TrainedOnEdge[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Data set versions in the whole list that you may see.' })
  totalCount!: number;
  @Field(() => CompletenessType, {
    description: 'The completeness of this page: what it leaves out; hidden nodes are data set versions.',
  })
  completeness!: CompletenessType;
}

@ObjectType({ description: 'A release of something that was trained on the data asked about.' })
export class DeploymentTrainedOnEdge {
  @Field(() => String, { description: 'The position of this row in the list; pass it as `after`.' })
  cursor!: string;
  @Field(() => ReleaseType, { description: 'The release: what served where, since when and until when.' })
  node!: Release;
  @Field(() => Int, { description: 'Hops of the shortest way from the data to the model version.' })
  distance!: number;
  @Field(() => Boolean, { description: 'It serves still, as far as is known.' })
  live!: boolean;
}

@ObjectType({
  description: 'The releases of something that was trained on data, at any remove; the newest first.',
})
export class DeploymentsTrainedOnConnection {
  @Field(() => [DeploymentTrainedOnEdge], { description: 'The releases on deployments that you may see.' })
  edges!: DeploymentTrainedOnEdge[];
  @Field(() => PageInfo, { description: 'The position of this page in the list.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Releases in the whole list that you may see.' })
  totalCount!: number;
  @Field(() => CompletenessType, {
    description: 'The completeness of this page: what it leaves out; hidden nodes are releases.',
  })
  completeness!: CompletenessType;
}
