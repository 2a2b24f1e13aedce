import { createUnionType, Field, ID, InputType, ObjectType } from 'type-graphql';
import { DateTime } from '../graphql/scalars.js';
import { AssetRef } from '../catalog/ref.scalars.js';
import { DenialReasonType } from '../access/denial.type.js';
import type { DenialReason } from '../access/denial.js';
import { connectionOf } from '../graphql/connection.type.js';
import { Node } from '../graphql/node.type.js';
import type { DeployOutcome } from './release.service.js';

@ObjectType('Release', { implements: [Node], description: 'That a model version serves, or served, on a deployment.' })
export class ReleaseType extends Node {
  @Field(() => DateTime, { description: 'Since when it serves.' })
  from!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when it served; null while it does.' })
  until!: Date | null;
}

export const ReleaseConnection = connectionOf(ReleaseType, 'Release');

@ObjectType({ description: 'The release was denied.' })
export class DeployDenied {
  @Field(() => [DenialReasonType], { description: 'All that is in the way.' })
  reasons!: DenialReason[];
}

export const DeployModelResult = createUnionType({
  name: 'DeployModelResult',
  description: 'The release, or why it was denied.',
  types: () => [ReleaseType, DeployDenied] as const,
  resolveType: (value) => (value as unknown as DeployOutcome).__typename,
});

@InputType({ description: 'A model version to release on a deployment.' })
export class DeployModelInput {
  @Field(() => ID, { description: 'Id of the exact model version; needs DEPLOY on the model.' })
  modelVersion!: string;
  @Field(() => AssetRef, { description: 'Where it shall serve; needs EDIT on the deployment.' })
  deployment!: string;
  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}
