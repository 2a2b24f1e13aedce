import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import { ErrorCode } from '../errors.js';

export { Json } from './json.scalar.js';

const time = GraphQLDateTime.toConfig();
/** More than any time has that somebody writes: fractions of a second may have many digits. */
const LONGEST_TIME = 64;

/** RFC 3339 time, UTC on the way out. */
export const DateTime = new GraphQLScalarType({
  ...time,
  name: 'DateTime',
  description: `A time as RFC 3339 writes it, for example 2026-11-23T09:30:00.000Z. Answers are in UTC. At most ${LONGEST_TIME} characters.`,
  parseValue: (value) => readTime(value, () => time.parseValue(value)),
  parseLiteral: (node, variables) => {
    if (node.kind !== Kind.STRING) return invalid('DateTime', node.kind);
    return readTime(node.value, () => time.parseLiteral(node, variables));
  },
  extensions: {},
});

/** The library would repeat what it cannot read, however long, and without our code. */
function readTime(written: unknown, read: () => Date): Date {
  if (typeof written !== 'string' || written.length > LONGEST_TIME) return invalid('DateTime', written);
  try {
    return read();
  } catch {
    return invalid('DateTime', written);
  }
}

const MAX_COUNT = 2n ** 63n - 1n;

export const BigIntScalar = new GraphQLScalarType<bigint, number | string>({
  name: 'BigInt',
  description:
    'A 64-bit whole number: bytes, rows. A JSON number while a JavaScript client can hold it exactly (below 2^53), a string of digits beyond; both are accepted. At most 19 digits.',
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

/** How a value of each is written. */
const FORMS: Readonly<Record<string, string>> = {
  DateTime: ' Write a day and a time with its zone, such as "2026-11-23T09:30:00Z".',
  BigInt: ' Write a whole number of at most 19 digits, such as 42, or "9007199254740993" as a string beyond 2^53.',
  AssetRef: ' Write the id of an asset or its urn, such as "urn:weft:dataset:sales:orders".',
  Urn: ' Write it as "urn:weft:dataset:sales:orders".',
};

/** Throws BAD_USER_INPUT naming the scalar, the value it cannot be and the form wanted; of a value with parts, only what it is. */
export function invalid(scalar: string, value: unknown): never {
  throw new GraphQLError(`${scalar} cannot be ${shown(value)}.${FORMS[scalar] ?? ''}`, {
    extensions: { code: ErrorCode.BAD_USER_INPUT },
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : String(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
