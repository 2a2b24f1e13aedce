import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../../graphql/connection.type.js';
import { enumOf } from '../../graphql/enums.js';
import { Node } from '../../graphql/node.type.js';
import { VisibilityEnum } from '../model/asset.enums.js';
import type { Visibility } from '../model/asset.js';
import { type Namespace, NAMESPACE_ACTIONS, type Registration, REGISTRATIONS } from '../model/namespace.js';

const RegistrationEnum = enumOf('Registration', REGISTRATIONS, 'The rule of who may register in a namespace.', {
  OPEN: 'Everyone who is signed in and may write. That a name is taken is then told, also by a hidden asset.',
  OWNERS:
    'Its owners, those they admit, and ADMINs. Everyone else gets the same FORBIDDEN, whether a name is taken or not.',
});

export const NamespaceActionEnum = enumOf(
  'NamespaceAction',
  NAMESPACE_ACTIONS,
  'An action that one may take on a namespace.',
  {
    REGISTER: 'Register assets there, and rename assets onto names there.',
    MANAGE: 'Say who owns it and who may register there.',
    SET_VISIBILITY: 'Say what its assets inherit.',
  },
);

@ObjectType('Namespace', {
  implements: [Node],
  description:
    'A place where names of assets live. Its visibility is that of all its assets which have none of their own; its owners say who may register there.',
})
export class NamespaceType extends Node {
  @Field(() => String, { description: 'The name, after the OpenLineage naming rules.' })
  name!: string;
  @Field(() => VisibilityEnum, {
    description: 'The visibility that its assets inherit; DISCOVERABLE when nobody set it.',
  })
  visibility!: Visibility;
  @Field(() => RegistrationEnum, {
    description:
      'The rule of who may register there. When nobody set it: OPEN where it is DISCOVERABLE, OWNERS where RESTRICTED.',
  })
  registration!: Registration;
  @Field(() => Boolean, { description: 'Somebody set `registration`; false: it goes by the visibility.' })
  registrationSet!: boolean;
  @Field(() => Int, {
    nullable: true,
    description:
      'A run of a transformation there that began, was reported here, and has neither ended nor given a sign (`heartbeatRun`) for so many seconds is overdue; null: none is.',
  })
  runsOverdueAfterSeconds!: number | null;
}

export const NamespaceConnection = connectionOf(NamespaceType, 'Namespace');

@InputType({ description: 'The visibility that the assets of a namespace inherit.' })
export class SetNamespaceVisibilityInput {
  @Field(() => String, { description: 'Its name. One that nobody has used yet can be set too, before it is.' })
  namespace!: string;
  @Field(() => VisibilityEnum, {
    description: 'The visibility of the metadata of its assets, except those that have a visibility of their own.',
  })
  visibility!: Visibility;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The owners that a namespace is to have.' })
export class SetNamespaceOwnersInput {
  @Field(() => String, {
    description: 'Its name. An ADMIN can give owners to one that nobody has used yet.',
  })
  namespace!: string;
  @Field(() => [ID], {
    description:
      'Ids of all its owners, users, teams or service accounts, up to 50: they replace those it has. One at least must be able to act; an ADMIN may leave it without any.',
  })
  owners!: string[];
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The principals who may register in a namespace. What is left out stays.' })
export class SetNamespaceRegistrationInput {
  @Field(() => String, {
    description: 'Its name. An ADMIN can set one that nobody has used yet.',
  })
  namespace!: string;
  @Field(() => RegistrationEnum, {
    nullable: true,
    description: 'The rule of who may register; null: from now on it goes by the visibility.',
  })
  registration?: Registration | null;
  @Field(() => [ID], {
    nullable: true,
    description:
      'Ids of all who may register besides the owners, users, teams or service accounts, up to 500: they replace those it has; null: nobody.',
  })
  registrars?: string[] | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@InputType({ description: 'The time after which a run in a namespace is overdue.' })
export class SetNamespaceRunsInput {
  @Field(() => String, { description: 'Its name. An ADMIN can set one that nobody has used yet.' })
  namespace!: string;
  @Field(() => Int, {
    nullable: true,
    description: 'The seconds without a sign after which a run is overdue: 1 to 31,622,400; null: none is.',
  })
  overdueAfterSeconds?: number | null;
  @Field(() => String, { nullable: true, description: 'The reason, for the audit log.' })
  reason?: string | null;
}

@ObjectType({ description: 'The namespace after the change.' })
export class NamespacePayload {
  @Field(() => NamespaceType, { description: 'The namespace as it is after the change.' })
  namespace!: Namespace;
  @Field(() => Int, { description: 'The number of assets whose visibility changed with it.' })
  followed!: number;
}

@ObjectType({ description: 'The namespace after the change of who owns it or may register there.' })
export class NamespaceSettingsPayload {
  @Field(() => NamespaceType, { description: 'The namespace as it is after the change.' })
  namespace!: Namespace;
}
