/** Values and requests of somebody who means no good, made from the schema itself: every argument, input and scalar of it. */
import fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import type { Asking } from './routes.js';

const ODD_TEXTS = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202eevil',
  'İſK',
  '👩‍👩‍👧‍👦',
  '%00%ff',
  "' OR 1=1 --",
  '${process.exit()}',
  '__proto__',
  'constructor',
  'urn:weft:dataset:%zz:%',
  'urn:weft::::::',
  'NaN',
  '-1',
  '99999999999999999999',
  '0000-00-00T99:99:99Z',
  '+275760-09-13T00:00:00.001Z',
  '*:*^1e308~',
  '((((((((((',
  'eyJ'.repeat(100),
  'a'.repeat(2_000),
  '0'.repeat(36),
  'AAAA'.repeat(20),
];
const texts = fc.oneof(fc.constantFrom(...ODD_TEXTS), fc.string({ unit: 'binary', maxLength: 20 }));
const numbers = fc.constantFrom(0, -0, -1, 1, 0.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, -1e308, 5e-324, 201);
const junk: fc.Arbitrary<unknown> = fc.oneof(
  texts,
  numbers,
  fc.constantFrom(true, null, [], {}, [[[[[]]]]]),
  fc.dictionary(texts, fc.oneof(texts, numbers, fc.constant(null)), { maxKeys: 5, noNullPrototype: true }),
  fc.array(fc.oneof(texts, numbers), { maxLength: 5 }),
);

/** Mostly what the type asks for, filled with odd things, so that it comes as far as the services; and some of anything. */
function valuesOf(type: GraphQLInputType, depth = 0): fc.Arbitrary<unknown> {
  const fitting = fittingValues(type, depth);
  return fc.oneof({ weight: 12, arbitrary: fitting }, { weight: 1, arbitrary: junk });
}

function fittingValues(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fittingValues(type.ofType, depth);
  if (isListType(type)) return fc.array(valuesOf(type.ofType, depth + 1), { maxLength: 3 });
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name));
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter((field) => isRequiredInputField(field) || depth < 4);
    return fc.record(Object.fromEntries(fields.map((field) => [field.name, valuesOf(field.type, depth + 1)])), {
      requiredKeys: fields.filter(isRequiredInputField).map(({ name }) => name),
      noNullPrototype: true,
    });
  }
  if (type.name === 'Int' || type.name === 'Float' || type.name === 'BigInt') return numbers;
  if (type.name === 'Boolean') return fc.boolean();
  if (type.name === 'JSON') return junk;
  if (type.name === 'DateTime') return fc.oneof(texts, fc.constant('2026-11-23T09:30:00Z'));
  return texts;
}

/** A call of a root field with values for all that it takes, in variables or written into the document. */
export function callsOf(
  schema: GraphQLSchema,
  kind: 'query' | 'mutation' | 'subscription',
): [string, fc.Arbitrary<Asking>][] {
  const root = {
    query: schema.getQueryType(),
    mutation: schema.getMutationType(),
    subscription: schema.getSubscriptionType(),
  }[kind];
  return Object.values(root?.getFields() ?? {}).map((field) => [field.name, callOf(kind, field)]);
}

function callOf(kind: string, field: GraphQLField<unknown, unknown>): fc.Arbitrary<Asking> {
  const { name, args } = field;
  const below = isCompositeType(getNamedType(field.type)) ? '{ __typename }' : '';
  const values = fc.record(Object.fromEntries(args.map((argument) => [argument.name, valuesOf(argument.type)])), {
    requiredKeys: args.filter(isRequiredArgument).map((argument) => argument.name),
    noNullPrototype: true,
  });
  return fc.tuple(values, fc.boolean()).map(([variables, written]) => {
    const given = args.filter((argument) => argument.name in variables);
    if (written)
      return {
        query: `${kind} { ${name}${inBrackets(given.map((each) => `${each.name}: ${literal(variables[each.name], each)}`))} ${below} }`,
      };
    const declared = inBrackets(given.map((each) => `$${each.name}: ${String(each.type)}`));
    return {
      query: `${kind} ${declared} { ${name}${inBrackets(given.map((each) => `${each.name}: $${each.name}`))} ${below} }`,
      variables,
    };
  });
}

const inBrackets = (parts: readonly string[]): string => (parts.length > 0 ? `(${parts.join(', ')})` : '');

/** As GraphQL writes it; words of enums bare, keys that are no names left out. */
function literal(value: unknown, { type }: Pick<GraphQLArgument, 'type'>): string {
  if (Array.isArray(value)) return `[${value.map((each) => literal(each, { type })).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const named = getNamedType(type);
    const fields = isInputObjectType(named) ? named.getFields() : {};
    const written = Object.entries(value).flatMap(([key, each]) =>
      /^[_A-Za-z]\w*$/.test(key) ? [`${key}: ${literal(each, { type: fields[key]?.type ?? type })}`] : [],
    );
    return `{${written.join(', ')}}`;
  }
  if (typeof value === 'string' && isEnumType(getNamedType(type)) && /^[A-Z_]+$/.test(value)) return value;
  return JSON.stringify(value);
}

/** Headers with what HTTP lets through: odd bytes, long and malformed values. */
export const HOSTILE_HEADERS: readonly Record<string, string>[] = [
  { 'x-request-id': 'é'.repeat(500) },
  { 'x-request-id': 'a'.repeat(9_000) },
  { authorization: 'Bearer' },
  { authorization: `Bearer ${'eyJ'.repeat(3_000)}` },
  { authorization: `Bearer wft_${'0'.repeat(32)}_${'é'.repeat(43)}` },
  { authorization: `Bearer${' '.repeat(9_000)}x y` },
  { authorization: `Bearer ${'.'.repeat(9_000)}` },
  { authorization: `Bearer eyJhbGciOiJub25lIn0.${'W'.repeat(8_000)}.x` },
  { 'weftline-consistency': ','.repeat(9_000) },
  { 'weftline-consistency': 'a,'.repeat(4_000) },
  { 'weftline-consistency': 'A'.repeat(3_900) },
  { 'weftline-consistency': 'é, ü' },
  { cookie: 'a=b; '.repeat(1_500) },
  { accept: `${'a/b;q=0.1,'.repeat(900)}text/event-stream` },
  { accept: ';;;===,,,/' },
  { 'accept-language': 'x'.repeat(9_000) },
  { 'content-type': `application/json; ${'a=b; '.repeat(1_500)}` },
  { 'content-type': 'application/json; charset=utf-16' },
  { 'content-type': '/////' },
  { 'content-encoding': 'gzip, br, zstd' },
  { 'x-graphql-event-stream-token': '__proto__' },
  { 'x-forwarded-for': '1,'.repeat(4_000) },
  { origin: 'null' },
  { 'apollo-require-preflight': '' },
];
