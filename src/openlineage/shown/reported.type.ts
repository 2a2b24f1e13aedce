import { ArgsType, Field, InterfaceType, ObjectType } from 'type-graphql';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { DateTime, Json } from '../../graphql/scalars.js';

@InterfaceType('Reported', {
  description:
    'Something that a producer said by events of OpenLineage. It stands beside what people wrote, and changes none of it.',
  resolveType: (value: { __typename: string }) => value.__typename,
})
export abstract class ReportedType {
  @Field(() => String, { description: 'The program that said so: the `producer` of the event.' })
  producer!: string;
  @Field(() => DateTime, { description: 'The time of the event that said so last.' })
  saidAt!: Date;
}

@ObjectType('ReportedDescription', { implements: ReportedType, description: 'A description by a producer.' })
export class ReportedDescription extends ReportedType {
  @Field(() => String, { description: 'The text: at most 10,000 characters of it.' })
  text!: string;
  @Field(() => String, { nullable: true, description: 'Its media type, such as text/markdown; null when not said.' })
  contentType!: string | null;
}

@ObjectType('ReportedOwner', {
  implements: ReportedType,
  description: 'An owner by the words of a producer. It is a name, and gives no rights here.',
})
export class ReportedOwner extends ReportedType {
  @Field(() => String, { description: 'The name, as the producer writes it.' })
  name!: string;
  @Field(() => String, {
    nullable: true,
    description: 'The kind of ownership, such as MAINTAINER; null when not said.',
  })
  type!: string | null;
}

@ObjectType('ReportedTag', { implements: ReportedType, description: 'A tag by a producer.' })
export class ReportedTag extends ReportedType {
  @Field(() => String, { description: 'The key.' })
  key!: string;
  @Field(() => String, { description: 'The value.' })
  value!: string;
  @Field(() => String, {
    nullable: true,
    description: 'The program or place that the producer has it from, such as DBT_META; null when not said.',
  })
  saidIn!: string | null;
  @Field(() => String, { nullable: true, description: 'The field it is of; null: of all of the asset.' })
  field!: string | null;
}

@ObjectType('ReportedDatasetType', {
  implements: ReportedType,
  description: 'The type of a data set by the words of a producer.',
})
export class ReportedDatasetType extends ReportedType {
  @Field(() => String, { description: 'The type, such as TABLE, VIEW, TOPIC or MODEL.' })
  type!: string;
  @Field(() => String, { nullable: true, description: 'A narrower type; null when not said.' })
  subType!: string | null;
}

@ObjectType('ReportedDataSource', {
  implements: ReportedType,
  description: 'The source of data that a data set lies in.',
})
export class ReportedDataSource extends ReportedType {
  @Field(() => String, { nullable: true, description: 'The name, without users and parameters; null when not said.' })
  name!: string | null;
  @Field(() => String, {
    nullable: true,
    description: 'The address, without users and parameters; null when not said.',
  })
  uri!: string | null;
}

@ObjectType('ReportedJobType', {
  implements: ReportedType,
  description: 'The type of a job by the words of a producer.',
})
export class ReportedJobType extends ReportedType {
  @Field(() => String, {
    nullable: true,
    description: 'The type, such as DAG, TASK, MODEL or QUERY; null when not said.',
  })
  type!: string | null;
  @Field(() => String, { description: 'The way data comes through: BATCH or STREAMING, mostly.' })
  processing!: string;
  @Field(() => String, { description: 'The integration that runs it, such as AIRFLOW, DBT or SPARK.' })
  integration!: string;
}

@ObjectType('ReportedCodeLocation', {
  implements: ReportedType,
  description: 'The place of the code of a job by the words of a producer. Addresses are without users and parameters.',
})
export class ReportedCodeLocation extends ReportedType {
  @Field(() => String, { description: 'The kind of place: git, mostly.' })
  type!: string;
  @Field(() => String, { description: 'The address of the code.' })
  url!: string;
  @Field(() => String, { nullable: true, description: 'The repository; null when not said.' })
  repository!: string | null;
  @Field(() => String, { nullable: true, description: 'The commit; null when not said.' })
  revision!: string | null;
  @Field(() => String, { nullable: true, description: 'The path within the repository; null when not said.' })
  path!: string | null;
  @Field(() => String, { nullable: true, description: 'The tag of the repository; null when not said.' })
  tag!: string | null;
  @Field(() => String, { nullable: true, description: 'The branch; null when not said.' })
  branch!: string | null;
}

@ObjectType('ReportedCode', { implements: ReportedType, description: 'Code of a job, as a producer sent it.' })
export class ReportedCode extends ReportedType {
  @Field(() => Boolean, { description: 'It is SQL.' })
  isSql!: boolean;
  @Field(() => String, { nullable: true, description: 'The language, or the dialect of SQL; null when not said.' })
  language!: string | null;
  @Field(() => String, { nullable: true, description: 'The code itself; null when it is withheld from you.' })
  text!: string | null;
  @Field(() => String, { nullable: true, description: 'The reason why it is withheld from you; null when it is not.' })
  withheld!: string | null;
}

@ObjectType('ReportedOfAsset', {
  description:
    'The words of producers about an asset, beside those of people: of each source the last, the newest first. Empty in an auditor session.',
})
export class ReportedOfAssetType {
  @Field(() => [ReportedDescription], { description: 'Descriptions by producers.' })
  descriptions!: ReportedDescription[];
  @Field(() => [ReportedOwner], { description: 'Owners by name, 200 of each source at most. They give no rights.' })
  owners!: ReportedOwner[];
  @Field(() => [ReportedTag], { description: 'Tags, 200 of each source at most.' })
  tags!: ReportedTag[];
  @Field(() => [ReportedDatasetType], { description: 'Types of the data set.' })
  types!: ReportedDatasetType[];
  @Field(() => [ReportedDataSource], { description: 'Sources of data that the data set lies in.' })
  dataSources!: ReportedDataSource[];
  @Field(() => [ReportedJobType], { description: 'Types of the job.' })
  jobTypes!: ReportedJobType[];
  @Field(() => [ReportedCodeLocation], { description: 'Places of the code of the job.' })
  codeLocations!: ReportedCodeLocation[];
}

@ObjectType('ReportedFacet', {
  implements: ReportedType,
  description: 'A facet of OpenLineage as a producer sent it last. What was taken back is not among them.',
})
class ReportedFacetType extends ReportedType {
  @Field(() => String, { description: 'The name of the facet.' })
  name!: string;
  @Field(() => String, {
    nullable: true,
    description: 'The address of its schema, as it says itself; null when not said.',
  })
  schemaUrl!: string | null;
  @Field(() => Json, { nullable: true, description: 'The facet itself; null when it is withheld from you.' })
  body!: unknown;
  @Field(() => String, {
    nullable: true,
    description: 'The reason why its body is withheld from you; null when it is not.',
  })
  withheld!: string | null;
}

export const ReportedFacetConnection = connectionOf(ReportedFacetType, 'ReportedFacet');

@ArgsType()
export class ReportedFacetsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'The facet of this name alone; all, when not given.' })
  name?: string | null;
}

@ObjectType('NominalTime', { description: 'The time that a run was scheduled for, which need not be when it ran.' })
export class NominalTimeType {
  @Field(() => DateTime, { description: 'The begin.' })
  start!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The end; null when not said.' })
  end!: Date | null;
}

@ObjectType('ProcessingEngine', { description: 'The engine that ran a run.' })
export class ProcessingEngineType {
  @Field(() => String, { nullable: true, description: 'The name, such as spark; null when not said.' })
  name!: string | null;
  @Field(() => String, { description: 'The version.' })
  version!: string;
  @Field(() => String, { nullable: true, description: 'The version of what reports it; null when not said.' })
  adapterVersion!: string | null;
}

@ObjectType('RunFailure', { description: 'The failure of a run, as its producer tells it.' })
export class RunFailureType {
  @Field(() => String, { description: 'The message.' })
  message!: string;
  @Field(() => String, { nullable: true, description: 'The language of the program; null when not said.' })
  programmingLanguage!: string | null;
  @Field(() => String, { nullable: true, description: 'The stack trace; null when not said.' })
  stackTrace!: string | null;
}

@ObjectType('RunTag', { description: 'A tag of a run by its producer.' })
export class RunTagType {
  @Field(() => String, { description: 'The key.' })
  key!: string;
  @Field(() => String, { description: 'The value.' })
  value!: string;
  @Field(() => String, { nullable: true, description: 'The program or place it is from; null when not said.' })
  source!: string | null;
}
