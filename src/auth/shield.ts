/**
 * The outer lock: may this actor try this operation? One readable tree (auth/rules.ts), compiled onto the schema here.
 *
 * graphql-shield is frozen and has sharp edges, so nothing else imports it. Its ESM build imports `util.isUndefined`,
 * which Node 24 no longer has, so it cannot even be linked there; its CommonJS build only calls it, and it is given back
 * below before that build is loaded. Rules on interfaces would be ignored without a word: they are refused. Rules that
 * are `allow` are dropped, because shield makes a promise for each field it guards. It guards `resolve` but not
 * `subscribe`, so a refused listener would still hold an open stream: subscribe is guarded here.
 */
import { createRequire } from 'node:module';
import type * as GraphqlMiddleware from 'graphql-middleware';
import type * as GraphqlShield from 'graphql-shield';
import {
  GraphQLObjectType,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';
import type { Context } from '../graphql/context.js';
import { forbidden } from '../errors.js';

const require = createRequire(import.meta.url);
const util = require('node:util') as { isUndefined?: (value: unknown) => boolean };
util.isUndefined ??= (value) => value === undefined;
const { rule, shield, deny: shieldDeny } = require('graphql-shield') as typeof GraphqlShield;
const { applyMiddleware } = require('graphql-middleware') as typeof GraphqlMiddleware;

/** A rule of the tree. It reads nothing but the context and what is selected: no database, so it can be checked anywhere. */
export interface Guard {
  readonly name: string;
  /** true, or the error the caller gets. */
  check(context: Context, info: GraphQLResolveInfo): true | Error;
}

/**
 * Type name, then field name or '*', to guard. A root field that is not named fails the start; what it leads to holds only what the
 * caller may see, and is open unless it is named.
 */
export type RuleTree = Readonly<Record<string, Readonly<Record<string, Guard>>>>;

export const allow: Guard = { name: 'allow', check: () => true };
export const deny: Guard = { name: 'deny', check: () => forbidden('Nobody may do this.') };

/** `Type.field` and the name of its rule, for every field of the schema. */
export type RuleMatrix = ReadonlyMap<string, string>;

/** The guarded schema. Throws at start, listing them, when root fields have no rule or rules name what is not there. */
export function compileShield(schema: GraphQLSchema, tree: RuleTree): { schema: GraphQLSchema; matrix: RuleMatrix } {
  const guards = expand(schema, tree);
  const guarded: Record<string, Record<string, ReturnType<ReturnType<typeof rule>>>> = {};
  for (const [coordinate, guard] of guards) {
    if (guard === allow) continue;
    const [type = '', field = ''] = coordinate.split('.');
    const check = rule(coordinate, { cache: 'no_cache' })((_parent, _args, context: Context, info) =>
      guard.check(context, info),
    );
    (guarded[type] ??= {})[field] = check;
  }
  const generator = shield(guarded, {
    fallbackRule: shieldDeny,
    allowExternalErrors: true,
    fallbackError: () => forbidden('You may not do this.'),
  });
  const middleware = prune(generator.generate(schema) as Record<string, Record<string, unknown>>, guarded);
  const compiled = applyMiddleware(schema, middleware as Parameters<typeof applyMiddleware>[1]);
  guardSubscribe(compiled, guards);
  return { schema: compiled, matrix: new Map([...guards].map(([coordinate, guard]) => [coordinate, guard.name])) };
}

function expand(schema: GraphQLSchema, tree: RuleTree): Map<string, Guard> {
  const problems: string[] = [];
  const guards = new Map<string, Guard>();
  for (const [typeName, fields] of Object.entries(tree)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type))
      problems.push(`${typeName}: ${type ? 'rules on interfaces and unions have no effect' : 'no such type'}`);
    else
      for (const field of Object.keys(fields))
        if (field !== '*' && !type.getFields()[field]) problems.push(`${typeName}.${field}: no such field`);
  }
  const roots = new Set<unknown>([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.keys(type.getFields())) {
      const guard = tree[type.name]?.[field] ?? tree[type.name]?.['*'] ?? (roots.has(type) ? null : allow);
      if (guard) guards.set(`${type.name}.${field}`, guard);
      else problems.push(`${type.name}.${field}: no rule`);
    }
  }
  if (problems.length > 0)
    throw new Error(`The permission rules (src/auth/rules.ts) do not fit the schema:\n  ${problems.join('\n  ')}`);
  return guards;
}

/** Shield's fallback covers every field; only those with a rule of ours are to be wrapped. */
function prune(
  middleware: Record<string, Record<string, unknown>>,
  guarded: Record<string, object>,
): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(guarded).map(([type, fields]) => [
      type,
      Object.fromEntries(Object.keys(fields).map((field) => [field, middleware[type]?.[field]])),
    ]),
  );
}

function guardSubscribe(schema: GraphQLSchema, guards: ReadonlyMap<string, Guard>): void {
  const type = schema.getSubscriptionType();
  if (!(type instanceof GraphQLObjectType)) return;
  for (const [name, field] of Object.entries(type.getFields())) {
    const guard = guards.get(`${type.name}.${name}`) ?? deny;
    const open = field.subscribe as GraphQLFieldResolver<unknown, Context> | undefined;
    field.subscribe = (source, args, context: Context, info) => {
      const answer = guard.check(context, info);
      if (answer !== true) throw answer;
      return open?.(source, args as Record<string, unknown>, context, info);
    };
  }
}
