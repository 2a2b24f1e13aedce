import { createUnionType, Field, ObjectType } from 'type-graphql';
import { DateTime } from '../../graphql/scalars.js';
import { DenialReasonType } from '../../access/explanation/denial.type.js';
import { DryRunType } from '../../access/explanation/dry-run.type.js';
import type { DenialReason } from '../../access/explanation/denial.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { Node } from '../../graphql/node.type.js';
import type { Release } from './release.js';
import type { DeployOutcome } from './release-commands.service.js';

@ObjectType('Release', { implements: [Node], description: 'That a model version serves, or served, on a deployment.' })
export class ReleaseType extends Node {
  @Field(() => DateTime, { description: 'The time since which it serves.' })
  from!: Date;
  @Field(() => DateTime, { nullable: true, description: 'Until when it served; null while it does.' })
  until!: Date | null;
}

export const ReleaseConnection = connectionOf(ReleaseType, 'Release');

@ObjectType({ description: 'The release was denied.' })
class DeployDenied {
  @Field(() => [DenialReasonType], { description: 'All that is in the way.' })
  reasons!: DenialReason[];
}

export const DeployModelResult = createUnionType({
  name: 'DeployModelResult',
  description: 'The release, or why it was denied; of a dry run what would come of it.',
  types: () => [ReleaseType, DeployDenied, DryRunType] as const,
  resolveType: (value) => (value as unknown as DeployOutcome).__typename,
});

@ObjectType({ description: 'The release that ended.' })
export class EndReleasePayload {
  @Field(() => ReleaseType, { nullable: true, description: 'The release that ended; null when nothing served.' })
  release!: Release | null;
}
