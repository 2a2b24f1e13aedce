import {
  coerceInputValue,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  type VariableDefinitionNode,
  valueFromAST,
} from 'graphql';
import { shorten } from './input-bounds.js';

/** Reading stops with this many faults. Each is a message to its caller, and who sends thousands reads none of them. */
const MAX_FAULTS = 10;
const MAX_PRINTED = 80;
const MAX_REASON = 300;

export type CoercedVariables = { values: Record<string, unknown> } | { faults: readonly GraphQLError[] };

/**
 * The variables of an operation, as execution reads them. graphql's own reading prints the whole value into each of its
 * faults, so that an object of n unknown keys costs n² characters; here a fault names the variable and the place in it,
 * and shows the beginning of what stands there.
 *
 * @param given as the client sent them.
 * @param hints whether faults may tell names of the schema that are like the one given.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
  hints: boolean,
): CoercedVariables {
  const faults = new Faults();
  const values: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  try {
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value;
      const type = typeFromAST(schema, definition.type);
      // No input type: validation has refused it.
      if (!isInputType(type)) continue;
      if (Object.hasOwn(given, name)) {
        values[name] = read(given[name], { type, definition, hints }, faults);
      } else if (definition.defaultValue) {
        values[name] = valueFromAST(definition.defaultValue, type);
      } else if (isNonNullType(type)) {
        faults.add(definition, `Variable "$${name}" of required type "${String(type)}" was not provided.`);
      }
    }
  } catch (error) {
    if (!(error instanceof EnoughFaults)) throw error;
  }
  return faults.found.length > 0 ? { faults: faults.found } : { values };
}

interface Expected {
  type: GraphQLInputType;
  definition: VariableDefinitionNode;
  hints: boolean;
}

function read(value: unknown, { type, definition, hints }: Expected, faults: Faults): unknown {
  const name = definition.variable.name.value;
  if (value === null && isNonNullType(type)) {
    faults.add(definition, `Variable "$${name}" of non-null type "${String(type)}" must not be null.`);
    return undefined;
  }
  return coerceInputValue(
    value,
    type,
    (path, found, error) => {
      const place = path.length > 0 ? ` at "${shorten(name + path.map(step).join(''), 200)}"` : '';
      const reason = shorten(error.message, MAX_REASON);
      faults.add(definition, `Variable "$${name}" got invalid value ${print(found)}${place}; ${reason}`);
    },
    !hints,
  );
}

class EnoughFaults extends Error {}

class Faults {
  readonly found: GraphQLError[] = [];

  /** Throws EnoughFaults when more are not worth looking for: nothing else stops the reading of a list. */
  add(definition: VariableDefinitionNode, message: string): void {
    this.found.push(new GraphQLError(message, { nodes: definition }));
    if (this.found.length >= MAX_FAULTS) throw new EnoughFaults();
  }
}

const step = (key: string | number): string => (typeof key === 'number' ? `[${key}]` : `.${key}`);

/** A leaf by its beginning, anything else by its kind: what is in it may be long. */
function print(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(shorten(value, MAX_PRINTED)) : String(value);
}
