import { lexicographicSortSchema, printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaSync, type NonEmptyArray } from 'type-graphql';
import { boundArguments } from '../limits/bounded-arguments.js';
import { completeLongListsInTurns } from '../limits/long-lists.js';
import { markOwnResolvers } from '../own-resolvers.js';
import { DateTime } from '../scalars.js';
import { askTornReadsAgain } from '../torn-reads.js';

export type ResolverClass = abstract new (...args: never[]) => object;

/** A resolver class, and the object that answers for it: wired by hand, so there is no container to guess. */
export type ResolverInstances = ReadonlyMap<ResolverClass, object>;

/** The schema of all resolver classes; what enters is bounded, whatever they check themselves. */
export function buildGraphqlSchema(resolvers: ResolverInstances): GraphQLSchema {
  const classes = [...resolvers.keys()] as unknown as NonEmptyArray<() => unknown>;
  const schema = buildSchemaSync({
    resolvers: classes,
    container: { get: (type: abstract new (...args: never[]) => object) => resolvers.get(type) ?? missing(type) },
    scalarsMap: [{ type: Date, scalar: DateTime }],
    validate: false,
    // type-graphql asks for one as soon as there is a subscription. Ours follow the database (graphql/tail.ts).
    pubSub: { publish: unused, subscribe: unused },
  });
  // Before the bounds, which give a resolver to whatever takes arguments.
  markOwnResolvers(schema);
  askTornReadsAgain(schema);
  boundArguments(schema);
  completeLongListsInTurns(schema);
  return schema;
}

/** The schema as text, sorted: committed as schema/schema.graphql. */
export function printSortedSchema(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}

function unused(): never {
  throw new Error('Subscriptions follow the database; nothing is published in memory.');
}

function missing(type: { name: string }): never {
  throw new Error(`The resolver ${type.name} is not wired: add it in src/wiring/wire.ts.`);
}
