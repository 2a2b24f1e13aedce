import { DuckDBTypeId, type DuckDBType } from '@duckdb/node-api';
import type { OutgoingField } from '../events/outgoing.js';
import type { Column } from './duck.js';

/** Deeper than this, a type is told as a text. */
const DEEPEST = 30;

/** The columns as fields, and within structs, lists and maps what lies in them. */
export const fieldsOf = (columns: readonly Column[]): OutgoingField[] =>
  columns.map(({ name, type }) => fieldOf(name, type, 0));

function fieldOf(name: string, type: DuckDBType, depth: number): OutgoingField {
  const inner = depth === DEEPEST ? [] : innerOf(type, depth + 1);
  return { name, type: String(type), ...(inner.length === 0 ? {} : { fields: inner }) };
}

/** What a list holds is called element, and what a map holds key and value, as Spark reports them. */
function innerOf(type: DuckDBType, depth: number): OutgoingField[] {
  if (type.typeId === DuckDBTypeId.STRUCT)
    return type.entryNames.flatMap((name, at) => {
      const inner = type.entryTypes[at];
      return inner === undefined ? [] : [fieldOf(name, inner, depth)];
    });
  if (type.typeId === DuckDBTypeId.LIST || type.typeId === DuckDBTypeId.ARRAY)
    return innerOf(type.valueType, depth).length === 0 ? [] : [fieldOf('element', type.valueType, depth)];
  if (type.typeId === DuckDBTypeId.MAP)
    return [fieldOf('key', type.keyType, depth), fieldOf('value', type.valueType, depth)];
  return [];
}
