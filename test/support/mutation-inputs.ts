import {
  getNamedType,
  getNullableType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLArgument,
  type GraphQLInputField,
} from 'graphql';

/** A place in the arguments of a mutation where an asset or something by its id can be named. */
export interface RefPlace {
  mutation: string;
  /** `input.flows.source`: from the argument down. */
  path: string;
}

/** Types of what names a thing. */
const NAMES_A_THING = new Set(['AssetRef', 'ID', 'Urn']);
const DEPTH = 4;

/** Every place of every mutation where a thing can be named. */
export function refPlaces(schema: GraphQLSchema): RefPlace[] {
  return mutationsOf(schema).flatMap(({ name, args }) =>
    args.flatMap((arg) => pathsIn(arg, arg.name, 0).map((path) => ({ mutation: name, path }))),
  );
}

/** What stands at a place, by its path and type; undefined: what the type offers. */
export type Chosen = (path: string, type: string) => unknown;

/** Variables that the schema accepts, with every place of a name filled by `chosen`, and the operation that takes them. */
export function mutationWith(schema: GraphQLSchema, name: string, chosen: Chosen) {
  const field = schema.getMutationType()?.getFields()[name];
  if (!field) throw new Error(`There is no mutation ${name}.`);
  const wanted = field.args.filter((arg) => isRequiredArgument(arg) || pathsIn(arg, arg.name, 0).length > 0);
  const declared = wanted.map((arg) => `$${arg.name}: ${String(arg.type)}`).join(', ');
  const passed = wanted.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const variables = Object.fromEntries(wanted.map((arg) => [arg.name, valueOf(arg.type, arg.name, chosen, 0)]));
  return { query: `mutation (${declared}) { ${name}(${passed}) { __typename } }`, variables };
}

const mutationsOf = (schema: GraphQLSchema) => Object.values(schema.getMutationType()?.getFields() ?? {});

function pathsIn({ type }: GraphQLArgument | GraphQLInputField, path: string, depth: number): string[] {
  const named = getNamedType(type);
  if (NAMES_A_THING.has(named.name)) return [path];
  if (!isInputObjectType(named) || depth > DEPTH) return [];
  return Object.values(named.getFields()).flatMap((each) => pathsIn(each, `${path}.${each.name}`, depth + 1));
}

function valueOf(type: GraphQLInputType, path: string, chosen: Chosen, depth: number): unknown {
  const given = getNullableType(type);
  if (isListType(given)) return [valueOf(given.ofType, path, chosen, depth)];
  const named = getNamedType(given);
  const own = chosen(path, named.name);
  if (own !== undefined) return own;
  if (isEnumType(named)) return named.getValues()[0]?.name;
  if (!isInputObjectType(named)) return PLAIN[named.name];
  const fields = Object.values(named.getFields()).filter(
    (each) => isRequiredInputField(each) || pathsIn(each, each.name, depth + 1).length > 0,
  );
  return Object.fromEntries(
    fields.map((each) => [each.name, valueOf(each.type, `${path}.${each.name}`, chosen, depth + 1)]),
  );
}

const PLAIN: Readonly<Record<string, unknown>> = {
  String: 'x',
  Int: 1,
  Float: 1,
  Boolean: true,
  BigInt: 1,
  JSON: {},
  DateTime: new Date(Date.now() + 3_600_000).toISOString(),
};
