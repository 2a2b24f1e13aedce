import { Field, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { DateTime } from '../../graphql/scalars.js';
import { SET_SOURCES, type SetSource, type StoredPolicySet } from './policy-set.js';

const SetSourceEnum = enumOf('PolicySetSource', SET_SOURCES, 'The way by which a set of policies came in.', {
  FOLDER: 'Read from the folder of the setting WEFTLINE_POLICIES when a server started.',
  UPLOAD: 'Brought in with uploadPolicySet.',
});

const ACTIVATION_STATES = ['ACTIVE', 'INACTIVE', 'AWAITS_SECOND_ADMIN'] as const;
export type ActivationState = (typeof ACTIVATION_STATES)[number];
const ActivationStateEnum = enumOf('PolicyActivationState', ACTIVATION_STATES, 'The outcome of an activation.', {
  ACTIVE: 'All is decided by it from now on.',
  INACTIVE: 'No set is active: nothing is decided by policies from now on.',
  AWAITS_SECOND_ADMIN: 'Another ADMIN says the same before anything changes.',
});

@ObjectType('PolicyFault', { description: 'A fault in a set of policies.' })
export class PolicyFaultType {
  @Field(() => String, { description: 'The name of the file.' })
  file!: string;
  @Field(() => Int, { nullable: true, description: 'The line, from 1; null: the file as a whole.' })
  line!: number | null;
  @Field(() => Int, { nullable: true, description: 'The column, from 1; null: the line as a whole.' })
  column!: number | null;
  @Field(() => String, { description: 'The fault, and what may have been meant.' })
  message!: string;
}

@ObjectType('PolicyFile', { description: 'A file of a set of policies.' })
export class PolicyFileType {
  @Field(() => String, { description: 'The name of the file.' })
  path!: string;
  @Field(() => String, { description: 'The text.' })
  text!: string;
}

@ObjectType('PolicyFileChange', { description: 'A file that differs from the active set.' })
export class PolicyFileChangeType {
  @Field(() => String, { description: 'The name of the file.' })
  path!: string;
  @Field(() => String, { nullable: true, description: 'The text in the active set; null: it has no such file.' })
  before!: string | null;
  @Field(() => String, { nullable: true, description: 'The text in this set; null: it has no such file.' })
  after!: string | null;
}

@ObjectType('PolicySet', {
  implements: [Node],
  description: 'A set of policies. Nothing of it ever changes: another text is another set.',
})
export class PolicySetType extends Node {
  @Field(() => String, { description: 'SHA-256 over its text: sets of the same digest are the same.' })
  digest!: string;
  @Field(() => SetSourceEnum, { description: 'The way by which it came in.' })
  source!: SetSource;
  @Field(() => DateTime, { description: 'The time when it came in.' })
  uploadedAt!: Date;
  @Field(() => [PolicyFaultType], { description: 'All that is wrong with it; with any, it cannot be activated.' })
  faults!: PolicyFaultType[];
}

export const PolicySetConnection = connectionOf(PolicySetType, 'PolicySet');

@ObjectType({ description: 'The set of policies that was brought in.' })
export class UploadPolicySetPayload {
  @Field(() => PolicySetType, {
    description: 'The set; one of the same text that was there already, when there was one.',
  })
  policySet!: StoredPolicySet;
}

@ObjectType({ description: 'The set of policies that was activated.' })
export class ActivatePolicySetPayload {
  @Field(() => PolicySetType, { description: 'The set.' })
  policySet!: StoredPolicySet;
  @Field(() => ActivationStateEnum, { description: 'The outcome.' })
  state!: ActivationState;
}

@ObjectType({ description: 'The set of policies by which all was decided.' })
export class DeactivatePoliciesPayload {
  @Field(() => PolicySetType, { description: 'The set.' })
  policySet!: StoredPolicySet;
  @Field(() => ActivationStateEnum, { description: 'The outcome.' })
  state!: ActivationState;
}
