import {
  getNamedType,
  getNullableType,
  GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  isCompositeType,
  isInputObjectType,
  isListType,
  isNonNullType,
} from 'graphql';

/** A place below an argument of a root field that takes a value of the wanted scalar, or a list. */
export interface Place {
  /** "Mutation.updateAsset" */
  field: string;
  /** As an error names it: "input.fields[0].name". */
  path: string;
  /** Where the schema says what it takes: "FieldInput.name", "Query.search(query)". Many places share one. */
  coordinate: string;
  /** What the schema says of it. */
  description: string;
  /** An operation whose variables are the arguments, and those with the value in the place. */
  operation: string;
  variables: (value: unknown) => Record<string, unknown>;
  type: GraphQLInputType;
}

interface Step {
  path: string;
  coordinate: string;
  description: string;
  type: GraphQLInputType;
  put: (value: unknown) => unknown;
}

/** Every place of the root fields below which input stands, nested inputs and items of lists included. */
export function placesOf(schema: GraphQLSchema): Place[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) =>
    Object.values(root?.getFields() ?? {}).flatMap((field) => placesOfField(root?.name ?? '', field)),
  );
}

function placesOfField(root: string, field: GraphQLField<unknown, unknown>): Place[] {
  const needed = field.args.filter((argument) => isNonNullType(argument.type) && argument.defaultValue === undefined);
  const below = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
  return field.args.flatMap((argument) => {
    const given = [...needed.filter(({ name }) => name !== argument.name), argument];
    const declared = given.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
    const passed = given.map(({ name }) => `${name}: $${name}`).join(', ');
    const operation = `${root.toLowerCase()}(${declared}) { ${field.name}(${passed})${below} }`;
    const rest = Object.fromEntries(given.map(({ name, type }) => [name, least(type)]));
    const start: Step = {
      path: argument.name,
      coordinate: `${root}.${field.name}(${argument.name})`,
      description: argument.description ?? '',
      type: argument.type,
      put: (value) => ({ ...rest, [argument.name]: value }),
    };
    return stepsBelow(start, []).map(({ put, ...step }) => ({
      ...step,
      field: `${root}.${field.name}`,
      operation,
      variables: put as Place['variables'],
    }));
  });
}

function stepsBelow(step: Step, above: readonly string[]): Step[] {
  const bare = getNullableType(step.type);
  if (isListType(bare)) {
    const item = { ...step, path: `${step.path}[0]`, type: bare.ofType, put: (value: unknown) => step.put([value]) };
    return [step, ...stepsBelow(item, above)];
  }
  if (!isInputObjectType(bare)) return [step];
  if (above.includes(bare.name)) return [];
  const rest = least(bare) as Record<string, unknown>;
  return Object.values(bare.getFields()).flatMap((field) =>
    stepsBelow(
      {
        path: `${step.path}.${field.name}`,
        coordinate: `${bare.name}.${field.name}`,
        description: field.description ?? '',
        type: field.type,
        put: (value) => step.put({ ...rest, [field.name]: value }),
      },
      [...above, bare.name],
    ),
  );
}

const LEAST: Readonly<Record<string, unknown>> = {
  String: 'a',
  ID: 'a',
  AssetRef: 'a',
  Urn: 'urn:weft:model:a:b',
  Int: 1,
  Float: 1,
  BigInt: 1,
  Boolean: false,
  JSON: {},
  DateTime: '2026-01-01T00:00:00Z',
};

/** The smallest value of a type. */
export function least(type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [];
  if (bare instanceof GraphQLEnumType) return bare.getValues()[0]?.name;
  if (!isInputObjectType(bare)) return LEAST[bare.name];
  const needed = Object.values(bare.getFields()).filter(
    (field) => isNonNullType(field.type) && field.defaultValue === undefined,
  );
  return Object.fromEntries(needed.map((field) => [field.name, least(field.type)]));
}
