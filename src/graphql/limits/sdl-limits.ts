import {
  buildSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isScalarType,
  type GraphQLInputType,
  type GraphQLNamedType,
} from 'graphql';

/** Scalars whose values are small by themselves. */
const BOUNDED = new Set(['Int', 'Float', 'Boolean']);
const TELLS_ITEMS = /\bAt most [\d,]+ items\b/;
const TELLS_SIZE = /\bat most [\d,]+ (characters|bytes|digits)\b/i;

/**
 * The arguments and input fields of a printed schema that take texts or lists of any size: neither their description nor
 * their scalar says how much. Empty when all are bounded, as `npm run check` asks.
 */
export function unboundedInputs(sdl: string): string[] {
  return inputsOf(Object.values(buildSchema(sdl).getTypeMap())).flatMap(({ path, type, description }) => {
    const scalar = getNamedType(type);
    const text = isScalarType(scalar) && !BOUNDED.has(scalar.name);
    const told = `${description ?? ''} ${isScalarType(scalar) ? (scalar.description ?? '') : ''}`;
    return [
      ...(isListType(getNullableType(type)) && !TELLS_ITEMS.test(description ?? '') ? [`${path}: items`] : []),
      ...(text && !TELLS_SIZE.test(told) ? [`${path}: characters`] : []),
    ];
  });
}

interface Input {
  path: string;
  type: GraphQLInputType;
  description: string | null | undefined;
}

function inputsOf(types: readonly GraphQLNamedType[]): Input[] {
  return types
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => {
      if (isInputObjectType(type)) {
        return Object.values(type.getFields()).map((field) => ({ ...field, path: `${type.name}.${field.name}` }));
      }
      if (!isObjectType(type) && !isInterfaceType(type)) return [];
      return Object.values(type.getFields()).flatMap((field) =>
        field.args.map((argument) => ({ ...argument, path: `${type.name}.${field.name}(${argument.name})` })),
      );
    });
}
