import { Field, ID, InterfaceType } from 'type-graphql';

@InterfaceType({
  description: 'Anything with an id of its own. Ids are opaque, stable for ever and unique across kinds (Relay).',
  resolveType: (value: { __typename: string }) => value.__typename,
})
export abstract class Node {
  @Field(() => ID, { description: 'Opaque, stable for ever, unique across kinds.' })
  id!: string;
}
