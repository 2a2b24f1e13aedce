/** What kind of values a column has, said only where every one of them is of it: a postal code is no number. */

export type ColumnType = 'integer' | 'decimal' | 'boolean' | 'date' | 'timestamp' | 'string';

const INTEGER = /^(?:0|-?[1-9]\d{0,17})$/;
const DECIMAL = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?$/;
const BOOLEAN = /^(?:true|false|True|False|TRUE|FALSE)$/;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const TIMESTAMP = /^\d{4}-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/;

/** Longer is text, whatever is in it. */
export const LONGEST_TYPED = 64;

/** The type of a column that had the one before, once it has this value too; null: no value was seen yet. */
export function typeWith(before: ColumnType | null, value: string): ColumnType {
  if (before === 'string') return before;
  const type = typeOf(value);
  if (before === null || before === type) return type;
  const isNumber = (each: ColumnType): boolean => each === 'integer' || each === 'decimal';
  return isNumber(before) && isNumber(type) ? 'decimal' : 'string';
}

export function typeOf(value: string): ColumnType {
  if (value.length > LONGEST_TYPED) return 'string';
  if (INTEGER.test(value)) return 'integer';
  if (DECIMAL.test(value)) return 'decimal';
  if (BOOLEAN.test(value)) return 'boolean';
  if (DATE.test(value)) return isDay(value) ? 'date' : 'string';
  return TIMESTAMP.test(value) && isDay(value.slice(0, 10)) ? 'timestamp' : 'string';
}

/** Not the 30th of February. */
function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
