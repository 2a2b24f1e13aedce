import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType({ description: 'The number of times that a value occurs.' })
export class FacetBucket {
  @Field(() => String, { description: 'The value: a kind, a namespace, the id of an owner, a tag.' })
  value!: string;
  @Field(() => Int, { description: 'Assets that have it.' })
  count!: number;
}
