import { Extensions, Field, ID, Int, ObjectType } from 'type-graphql';
import { FieldType } from '../../catalog/assets/asset.type.js';
import { PageInfo } from '../../graphql/connection.type.js';
import type { FieldClaim } from './field-claim.js';
import { FieldClaimType } from './field-claim.type.js';
import type { FieldEdge, FieldStep, ShownField } from './field-lineage.js';
import { CompletenessType } from '../trace/lineage.type.js';

@ObjectType('FieldStep', {
  description: 'One field reached. A hidden one keeps the shape of the graph and tells nothing else.',
})
class FieldStepType {
  @Field(() => Int, { description: 'Hops from the nearest of the fields asked about: the shortest distance.' })
  depth!: number;
  @Field(() => FieldType, { nullable: true, description: 'The field; null when you may not see its data set.' })
  field!: ShownField | null;
  @Field(() => ID, {
    description: 'The key that edges name it by; stable within one answer and its pages, also for a hidden field.',
  })
  key!: string;
  @Field(() => Boolean, { description: 'You may not see what it is.' })
  hidden!: boolean;
}

@ObjectType('FieldEdge', { description: 'A field goes into another: so at least one source states.' })
class FieldEdgeType {
  @Field(() => ID, { description: 'Key of the field the data comes from, or id of one asked about.' })
  source!: string;
  @Field(() => ID, { description: 'Key of the field the data goes to, or id of one asked about.' })
  target!: string;
  @Field(() => String, {
    nullable: true,
    description:
      'The transformation of the field: the subtype, or the type where none was stated. null when the claims disagree, or when you may not see them.',
  })
  transformation!: string | null;
  @Field(() => Boolean, {
    description:
      'Whether the field is masked: its content cannot be read back from the other: so all claims say. false when one does not, or when you may see none.',
  })
  masking!: boolean;
  // As a rule one source states a flow, seldom two: a page of thousands of edges must not be charged for more.
  @Extensions({ listSize: 2 })
  @Field(() => [FieldClaimType], {
    description: 'The claims that state it; without those whose field or transformation is hidden from you.',
  })
  claims!: FieldClaim[];
}

@ObjectType('FieldLineage', {
  description:
    'One answer about lineage at field level: what was reached, the flows between, and what is missing. A field that was removed has no lineage from then on.',
})
export class FieldLineageType {
  @Field(() => [FieldType], { description: 'The fields asked about, as far as they are there.' })
  roots!: ShownField[];
  @Field(() => [FieldType], {
    description:
      'The fields of this page that you may see, nearest first, each with its depth; `steps` has the hidden ones too.',
  })
  nodes!: ShownField[];
  @Field(() => [FieldStepType], {
    description: 'The fields that were reached, those asked about aside, nearest first.',
  })
  steps!: FieldStep[];
  @Field(() => [FieldEdgeType], {
    description: 'The flows between the fields asked about and those reached up to this page.',
  })
  edges!: FieldEdge[];
  @Field(() => PageInfo, { description: 'The position of this page of fields.' })
  pageInfo!: PageInfo;
  @Field(() => Int, { description: 'Distinct fields reached within the depth, hidden ones included.' })
  totalCount!: number;
  @Field(() => CompletenessType, { description: 'The completeness of this answer: what it leaves out.' })
  completeness!: CompletenessType;
}
