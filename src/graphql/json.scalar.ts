import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { ErrorCode } from '../errors.js';
import { beyondExact, isInexact } from '../json/exact-numbers.js';
import { JSON_LIMITS } from '../json/limits.js';
import { toShow } from '../json/stored.js';

const limits = `${JSON_LIMITS.maxBytes.toLocaleString('en-US')} bytes as JSON, ${JSON_LIMITS.maxDepth} levels of objects and lists, ${JSON_LIMITS.maxEntries.toLocaleString('en-US')} keys and items`;

/**
 * The limits are held where those of texts are, in graphql/limits/bounded-arguments.ts: there the place is known, and a variable
 * within a literal has its value. Here nothing walks a value by calling itself, but for a literal, which the parser has
 * walked before.
 */
export const Json = new GraphQLScalarType<unknown>({
  name: 'JSON',
  description: `Any JSON value; where an input asks for properties or parameters, an object. At most ${limits}. Of what was stored before there was a limit, a value that cannot be told is { "$unreadable": "why" }.`,
  specifiedByURL: 'http://www.ecma-international.org/publications/files/ECMA-ST/ECMA-404.pdf',
  serialize: toShow,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueOf(node, variables ?? {}) ?? null,
});

/** undefined for a variable that has no value: it leaves its key out. */
function valueOf(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
      if (isInexact(node.value)) throw refused(`A number in JSON ${beyondExact(node.value)}`, node);
      return Number(node.value);
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.VARIABLE:
      return variables[node.name.value];
    case Kind.LIST:
      return node.values.map((item) => valueOf(item, variables) ?? null);
    case Kind.OBJECT:
      return objectOf(node.fields, variables);
    case Kind.ENUM:
      throw refused(`JSON cannot be the name ${node.value.slice(0, 80)}. Write a string in quotes.`, node);
  }
}

const refused = (message: string, nodes: ValueNode): GraphQLError =>
  new GraphQLError(message, { nodes, extensions: { code: ErrorCode.BAD_USER_INPUT } });

/** Without a prototype: the key `__proto__` is a key here. */
function objectOf(
  fields: readonly { name: { value: string }; value: ValueNode }[],
  variables: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const object = Object.create(null) as Record<string, unknown>;
  for (const field of fields) {
    const value = valueOf(field.value, variables);
    if (value !== undefined) object[field.name.value] = value;
  }
  return object;
}
