import { ArgsType, Field, ObjectType } from 'type-graphql';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { connectionOf, PageArgs } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { VIOLATION_CHANGES, type ViolationChange } from './violation.feed.js';
import { CLOSINGS, type Closing, VIOLATION_STATES, type ViolationState } from './violation.js';

const ClosingEnum = enumOf('ViolationClosing', CLOSINGS, 'The way by which a violation came to its end.', {
  RELEASE_ENDED: 'The release was withdrawn, or another one took its place.',
  CAUSE_GONE: 'The policy has nothing against it any more.',
  POLICY_GONE: 'The active set has no such policy any more, or no set is active.',
});
const StateEnum = enumOf('ViolationState', VIOLATION_STATES, 'Whether a violation goes on.', {
  OPEN: 'It goes on.',
  CLOSED: 'It is over.',
});
const ChangeEnum = enumOf('ViolationChange', VIOLATION_CHANGES, 'A change of a violation.', {
  OPENED: 'It began.',
  CLOSED: 'It ended.',
});

@ObjectType('Violation', {
  implements: [Node],
  description: 'A model that serves and would be forbidden by a policy now. Nothing is done to what serves.',
})
export class ViolationType extends Node {
  @Field(() => String, { description: 'The name of the deployment when it began.' })
  deploymentUrn!: string;
  @Field(() => [String], { description: 'The reasons, in sentences.' })
  reasons!: readonly string[];
  @Field(() => DateTime, { description: 'The time when it was found.' })
  openedAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time when it ended; null: it goes on.' })
  closedAt!: Date | null;
  @Field(() => ClosingEnum, { nullable: true, description: 'The reason why it ended; null: it goes on.' })
  closing!: Closing | null;
}

export const ViolationConnection = connectionOf(ViolationType, 'Violation');

@ArgsType()
export class DeploymentViolationsArgs extends PageArgs {
  @Field(() => String, { nullable: true, description: 'The id of a policy; all, when not given.' })
  policy?: string | null;
  @Field(() => StateEnum, { nullable: true, description: 'Whether they go on; either, when not given.' })
  state?: ViolationState | null;
}

@ArgsType()
export class ViolationsArgs extends DeploymentViolationsArgs {
  @Field(() => AssetRef, { nullable: true, description: 'Id or urn of a deployment; all, when not given.' })
  deployment?: string | null;
}

@ObjectType('ViolationEvent', { description: 'A violation began or ended, on a deployment that you may see.' })
export class ViolationEventType {
  @Field(() => String, { description: 'Its position in the stream: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it happened.' })
  at!: Date;
  @Field(() => ChangeEnum, { description: 'The change.' })
  change!: ViolationChange;
  @Field(() => ViolationType, { description: 'The violation, as it is now.' })
  violation!: object;
}
