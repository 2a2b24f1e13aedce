/**
 * A read sees what other transactions commit beside it, so a row of it can be torn by a deletion. A field that met one is asked again: it
 * changes nothing, and finds the row whole or absent. What a mutation reads is in its transaction, which is tried again as a whole.
 */
import type { GraphQLField, GraphQLSchema } from 'graphql';
import { isObjectType } from 'graphql';
import { TornRow } from '../neo4j/row.js';

/** Deletions met one after the other by the same field: beyond that, the statement is at fault, and says so. */
const ATTEMPTS = 5;

/** Changes the schema in place. */
export function askTornReadsAgain(schema: GraphQLSchema): void {
  const changing = [schema.getMutationType(), schema.getSubscriptionType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || !isObjectType(type) || changing.includes(type)) continue;
    for (const field of Object.values(type.getFields())) {
      if (type === schema.getQueryType() || field.extensions['hasOwnResolver'] === true) askAgain(field);
    }
  }
}

function askAgain(field: GraphQLField<unknown, unknown>): void {
  const { resolve } = field;
  if (!resolve) return;
  field.resolve = (source, args: Record<string, unknown>, context, info) => {
    const answer: unknown = resolve(source, args, context, info);
    if (!(answer instanceof Promise)) return answer;
    return answer.catch(async (error: unknown) => {
      let torn = error;
      for (let attempt = 2; torn instanceof TornRow && attempt <= ATTEMPTS; attempt++) {
        try {
          return await resolve(source, args, context, info);
        } catch (again) {
          torn = again;
        }
      }
      throw torn;
    });
  };
}
