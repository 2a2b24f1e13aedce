import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { Context } from '../../graphql/context.js';
import { askedOf } from '../entries/asked.js';
import type { AuditWatch } from './watch.service.js';

/** The answer of a mutation on many things that refuses some of them: each denial as if that thing had been asked for by itself. */
interface AnswerWithDenials {
  denials: readonly { input: Readonly<Record<string, unknown>>; error: unknown; count: number }[];
}

type Resolve = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;
type Field = ReturnType<GraphQLObjectType['getFields']>[string];

/**
 * Puts the log around every root field of the compiled schema, outside of the rules, so that it also sees what these
 * refuse: a mutation that is denied, and whatever an AUDITOR reads.
 */
export function watchOperations(schema: GraphQLSchema, watch: AuditWatch): void {
  const fieldsOf = (type: GraphQLObjectType | null | undefined): Field[] => Object.values(type?.getFields() ?? {});
  for (const field of fieldsOf(schema.getMutationType())) field.resolve = watchingDenials(field, watch);
  for (const field of fieldsOf(schema.getQueryType())) {
    field.resolve = watchingReads(field.resolve as Resolve, field.name, watch);
  }
  for (const field of fieldsOf(schema.getSubscriptionType())) {
    field.subscribe = watchingReads(field.subscribe as Resolve, field.name, watch);
  }
}

function watchingDenials(field: Field, watch: AuditWatch): Resolve {
  const resolve = field.resolve as Resolve;
  return async (source, args, context, info) => {
    const denied = (error: unknown, asked = args, count = 1): Promise<void> =>
      watch.denied(context.actor, askedOf(field.name, asked, info), error, count);
    try {
      const answer: unknown = await resolve(source, args, context, info);
      // The rules give the error back as a value; graphql throws it later.
      if (answer instanceof Error) await denied(answer);
      if (hasDenials(answer)) {
        for (const { input, error, count } of answer.denials) await denied(error, { input }, count);
      }
      return answer;
    } catch (error) {
      await denied(error);
      throw error;
    }
  };
}

const hasDenials = (answer: unknown): answer is AnswerWithDenials =>
  typeof answer === 'object' && answer !== null && 'denials' in answer;

/** Only an auditor waits for the log; for everyone else the field stays as it was. */
function watchingReads(resolve: Resolve, name: string, watch: AuditWatch): Resolve {
  return (source, args, context, info) => {
    const answer: unknown = resolve(source, args, context, info);
    if (context.actor.role !== 'AUDITOR') return answer;
    return Promise.resolve(answer).then(async (value) => {
      if (!(value instanceof Error)) await watch.read(context.actor, askedOf(name, args, info));
      return value;
    });
  };
}
