import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTime, GraphQLJSON } from 'graphql-scalars';
import { ErrorCode } from '../errors.js';

/** RFC 3339 time, UTC on the way out. */
export const DateTime = new GraphQLScalarType({
  ...GraphQLDateTime.toConfig(),
  name: 'DateTime',
  description: 'A time as RFC 3339 writes it, for example 2026-11-23T09:30:00.000Z. Answers are in UTC.',
  extensions: {},
});

export const Json = new GraphQLScalarType({
  ...GraphQLJSON.toConfig(),
  name: 'JSON',
  description: 'Any JSON value; where an input asks for properties or parameters, an object.',
});

const MAX_COUNT = 2n ** 63n - 1n;

export const BigIntScalar = new GraphQLScalarType<bigint, number | string>({
  name: 'BigInt',
  description:
    'A 64-bit whole number: bytes, rows. A JSON number while a JavaScript client can hold it exactly (below 2^53), a string of digits beyond; both are accepted.',
  serialize: (value) => (typeof value === 'bigint' ? writeCount(value) : invalid('BigInt', value)),
  parseValue: readCount,
  parseLiteral: (node) =>
    node.kind === Kind.INT || node.kind === Kind.STRING ? readCount(node.value) : invalid('BigInt', node.kind),
});

function writeCount(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
    ? Number(value)
    : value.toString();
}

function readCount(value: unknown): bigint {
  const written = typeof value === 'bigint' || Number.isSafeInteger(value) ? String(value) : value;
  if (typeof written !== 'string' || !/^-?\d{1,19}$/.test(written)) return invalid('BigInt', value);
  const count = globalThis.BigInt(written);
  return count > MAX_COUNT || count < -MAX_COUNT ? invalid('BigInt', value) : count;
}

/** Throws BAD_USER_INPUT naming the scalar and the value it cannot be. */
export function invalid(scalar: string, value: unknown): never {
  const text = typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
  throw new GraphQLError(`${scalar} cannot be ${text.length > 80 ? `${text.slice(0, 80)}…` : text}.`, {
    extensions: { code: ErrorCode.BAD_USER_INPUT },
  });
}
