import { Field, ObjectType, Root } from 'type-graphql';
import { calledByType } from '../../graphql/deprecated.js';
import type { Action } from '../../auth/rights.js';
import { type OwnerRole, OwnerRoleEnum } from '../../catalog/assets/asset.input.js';
import { connectionOf } from '../../graphql/connection.type.js';
import { ActionEnum, enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import {
  type AccessGrant,
  type AccessRequest,
  GRANT_SIDES,
  REQUEST_SIDES,
  REQUEST_STATES,
  type RequestState,
} from './access.js';

export const RequestStateEnum = enumOf('AccessRequestState', REQUEST_STATES, 'The state of an access request.', {
  OPEN: 'Nobody has decided yet.',
  APPROVED: 'An owner granted it.',
  DENIED: 'An owner denied it.',
  WITHDRAWN: 'Withdrawn by the requester.',
});

export const RequestSideEnum = enumOf('AccessRequestSide', REQUEST_SIDES, "The viewer's relation to the request.", {
  ASKED: 'You or a team of yours asked.',
  TO_DECIDE: 'They are open, and yours to decide.',
});

export const GrantSideEnum = enumOf('AccessGrantSide', GRANT_SIDES, "The viewer's relation to the grant.", {
  HELD: 'You or a team of yours has them.',
  ON_OWNED: 'They are on what you or a team of yours owns.',
});

@ObjectType('Ownership', { description: 'That a principal owns an asset.' })
export class OwnershipType {
  @Field(() => OwnerRoleEnum, { description: "The owner's role." })
  role!: OwnerRole;
  @Field(() => DateTime, { description: 'The time since which they own it.' })
  since!: Date;
}

@ObjectType('AccessRequest', {
  implements: [Node],
  description: 'A request to use an asset that somebody else owns, and its outcome.',
})
export class AccessRequestType extends Node {
  @Field(() => [ActionEnum], { description: 'The actions that were requested.' })
  actions!: Action[];
  @Field(() => String, { description: 'The stated purpose.' })
  purpose!: string;
  @Field(() => DateTime, { description: 'Until when it was asked for.' })
  until!: Date;
  @Field(() => RequestStateEnum, { description: 'The state.' })
  state!: RequestState;
  @Field(() => DateTime, { description: 'The time when it was asked.' })
  createdAt!: Date;
  @Field(() => DateTime, {
    nullable: true,
    description: 'The time when it was decided or taken back; null while it is open.',
  })
  decidedAt!: Date | null;
  @Field(() => String, { nullable: true, description: 'The message of the decider; null when there is none.' })
  reason!: string | null;
}

@ObjectType('AccessGrant', {
  implements: [Node],
  description: 'A right to use what someone else owns, for a purpose and a time.',
})
export class AccessGrantType extends Node {
  @Field(() => [ActionEnum], { description: 'The actions that it allows.' })
  actions!: Action[];
  @Field(() => String, { description: 'The stated purpose.' })
  purpose!: string;
  @Field(() => DateTime, { description: 'The time when it was given.' })
  createdAt!: Date;
  @Field(() => DateTime, { description: 'The time when it ends by itself.' })
  expiresAt!: Date;
  @Field(() => DateTime, { nullable: true, description: 'The time since which it is revoked; null while it is not.' })
  revokedAt!: Date | null;
}

export const AccessRequestConnection = connectionOf(AccessRequestType, 'AccessRequest');
export const AccessGrantConnection = connectionOf(AccessGrantType, 'AccessGrant');

@ObjectType({ description: 'The request as made.' })
export class AccessRequestPayload {
  @Field(() => AccessRequestType, { description: 'The access request as it is after the change.' })
  accessRequest!: AccessRequest;
  @Field(() => AccessRequestType, {
    description: 'The access request as it is after the change.',
    deprecationReason: calledByType('accessRequest'),
  })
  request?(@Root() { accessRequest }: AccessRequestPayload): AccessRequest {
    return accessRequest;
  }
}

@ObjectType({ description: 'The request as made, or the open one that asks for the very same.' })
export class RequestAccessPayload extends AccessRequestPayload {
  @Field(() => [ActionEnum], {
    description:
      'Those of the actions that who it is for may take already, for as long: by owning the asset, a role or grants that run. They need no decision.',
  })
  alreadyAllowed!: Action[];
}

@ObjectType({ description: 'The grant after a decision or revocation.' })
export class AccessGrantPayload {
  @Field(() => AccessRequestType, {
    nullable: true,
    description: 'The request that was decided; null when there was none, and after a revocation.',
  })
  accessRequest!: AccessRequest | null;
  @Field(() => AccessGrantType, { nullable: true, description: 'The grant; null when the request was denied.' })
  accessGrant!: AccessGrant | null;
  @Field(() => AccessRequestType, {
    nullable: true,
    description: 'The request that was decided; null when there was none, and after a revocation.',
    deprecationReason: calledByType('accessRequest'),
  })
  request?(@Root() { accessRequest }: AccessGrantPayload): AccessRequest | null {
    return accessRequest;
  }
  @Field(() => AccessGrantType, {
    nullable: true,
    description: 'The grant; null when the request was denied.',
    deprecationReason: calledByType('accessGrant'),
  })
  grant?(@Root() { accessGrant }: AccessGrantPayload): AccessGrant | null {
    return accessGrant;
  }
}

@ObjectType('AccessRequestEvent', { description: 'Something happened to a request or grant that concerns you.' })
export class AccessRequestEventType {
  @Field(() => String, { description: 'Its position in the stream: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it happened.' })
  at!: Date;
  @Field(() => String, {
    description: 'The kind of change: access:request, access:decide, access:withdraw, access:grant, access:revoke.',
  })
  action!: string;
}
