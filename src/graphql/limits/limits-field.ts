import {
  getNamedType,
  getNullableType,
  GraphQLInt,
  isCompositeType,
  isListType,
  isScalarType,
  valueFromAST,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
} from 'graphql';

/** What a long value usually weighs, far below what it may. */
const USUAL_BYTES: Readonly<Record<string, number>> = { description: 1_000, JSON: 2_000 };
const USUAL_LEAF = 20;

/** What one value of a leaf adds to an answer, usually; 0 of what holds other fields. */
export function bytesOfField(field: GraphQLField<unknown, unknown>): number {
  const type = getNamedType(field.type);
  return isCompositeType(type) ? 0 : (USUAL_BYTES[field.name] ?? USUAL_BYTES[type.name] ?? USUAL_LEAF);
}

const PAGE_ARGUMENTS = ['first', 'last'];

/** What the arguments of one field say about how many items it answers. */
export interface FieldSize {
  /** How often the selections below the field are computed; at least 1. */
  multiplier: number;
  /** The field answers one object that holds the page: the lists directly in it are counted already. */
  holdsPage: boolean;
  /** The page sizes asked for, as given or by the default of the argument. */
  pages: { argument: string; size: number }[];
}

/**
 * How many items a field answers. One that takes a list of ids as well as `first` answers at most `first` items but does
 * work for each id: the larger of the two counts. A list with neither is taken to be as long as its
 * `extensions.listSize` says, or as a default page.
 */
export function sizeOfField(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
  place: { insidePage: boolean; defaultPageSize: number },
): FieldSize {
  const paged = field.args.filter(isPageArgument);
  const pages = paged.flatMap((argument) => {
    const size = valueOfArgument(argument, node, variables);
    return typeof size === 'number' ? [{ argument: argument.name, size }] : [];
  });
  const lists = field.args.filter(isListOfIds).flatMap((argument) => {
    const ids = valueOfArgument(argument, node, variables);
    return Array.isArray(ids) ? [ids.length] : [];
  });
  const isList = isListType(getNullableType(field.type));
  const sizes = [...pages.map(({ size }) => size), ...lists];
  if (paged.length > 0 && pages.length === 0) sizes.push(place.defaultPageSize);
  if (sizes.length === 0 && isList && !place.insidePage) sizes.push(assumedLength(field) ?? place.defaultPageSize);
  return { multiplier: Math.max(1, ...sizes), holdsPage: paged.length > 0 && !isList, pages };
}

/** `extensions.complexity` of the field; without one, 1 where something has to be fetched and 0 for a leaf. */
export function weightOfField(field: GraphQLField<unknown, unknown>): number {
  const complexity: unknown = field.extensions['complexity'];
  if (typeof complexity === 'number') return complexity;
  return isCompositeType(getNamedType(field.type)) ? 1 : 0;
}

/** `extensions.maxPageSize` of the field, for one whose pages may be larger or smaller than usual. */
export function largestPageOf(field: GraphQLField<unknown, unknown>): number | undefined {
  const size: unknown = field.extensions['maxPageSize'];
  return typeof size === 'number' ? size : undefined;
}

const isPageArgument = (argument: GraphQLArgument): boolean =>
  PAGE_ARGUMENTS.includes(argument.name) && getNamedType(argument.type) === GraphQLInt;

/** A list of scalars names the things to answer; a list of enum values narrows them and multiplies nothing. */
const isListOfIds = (argument: GraphQLArgument): boolean =>
  isListType(getNullableType(argument.type)) && isScalarType(getNamedType(argument.type));

function assumedLength(field: GraphQLField<unknown, unknown>): number | undefined {
  const size: unknown = field.extensions['listSize'];
  return typeof size === 'number' ? size : undefined;
}

/** The value execution would hand to the resolver; undefined when the argument is left out or cannot be read. */
function valueOfArgument(argument: GraphQLArgument, node: FieldNode, variables: Record<string, unknown>): unknown {
  const given = node.arguments?.find(({ name }) => name.value === argument.name);
  const value = given && valueFromAST(given.value, argument.type, variables);
  return value === undefined ? argument.defaultValue : value;
}
