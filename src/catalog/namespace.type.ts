import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { connectionOf } from '../graphql/connection.type.js';
import { Node } from '../graphql/node.type.js';
import { VisibilityEnum } from './asset.enums.js';
import type { Visibility } from './asset.js';
import type { Namespace } from './namespace.js';

@ObjectType('Namespace', {
  implements: [Node],
  description: 'Where names of assets live. Its visibility is that of all its assets which have none of their own.',
})
export class NamespaceType extends Node {
  @Field(() => String, { description: 'The name, after the OpenLineage naming rules.' })
  name!: string;
  @Field(() => VisibilityEnum, { description: 'What its assets inherit; DISCOVERABLE when nobody set it.' })
  visibility!: Visibility;
}

export const NamespaceConnection = connectionOf(NamespaceType, 'Namespace');

@InputType({ description: 'What the assets of a namespace inherit.' })
export class SetNamespaceVisibilityInput {
  @Field(() => String, { description: 'Its name. One that nobody has used yet can be set too, before it is.' })
  namespace!: string;
  @Field(() => VisibilityEnum, {
    description: 'Who may see the metadata of its assets, except those that have a visibility of their own.',
  })
  visibility!: Visibility;
  @Field(() => String, { nullable: true, description: 'Why, for the audit log.' })
  reason?: string | null;
}

@ObjectType({ description: 'The namespace after the change.' })
export class NamespacePayload {
  @Field(() => NamespaceType, { description: 'The namespace.' })
  namespace!: Namespace;
  @Field(() => Int, { description: 'How many assets changed their visibility with it.' })
  followed!: number;
}
