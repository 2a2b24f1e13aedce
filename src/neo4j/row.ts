import { type DateTime, isDateTime, type Record as Neo4jRecord } from 'neo4j-driver';
import { readStoredObject } from '../json/stored.js';

/**
 * A row lacks what the statement gives: another transaction deleted what it was read from while the statement ran, for a read sees
 * each commit beside it; asked again, the row is whole or absent. Where it comes again, the statement is wrong.
 */
export class TornRow extends TypeError {
  override readonly name = 'TornRow';
}

/**
 * One row, read with a loud failure on anything unexpected: a repository decodes once, and nothing of the driver
 * (Integer, DateTime, Node) goes further up. The driver runs with `useBigInt`, so every integer arrives as a bigint.
 */
export class Row {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  static of(record: Neo4jRecord): Row {
    return new Row(record.toObject());
  }

  /** A value as it is stored, of whatever type: for what anybody may have written. */
  raw(key: string): unknown {
    return this.values[key] ?? null;
  }

  text(key: string): string {
    return this.maybeText(key) ?? this.missing(key, 'a string');
  }

  maybeText(key: string): string | null {
    const value = this.values[key] ?? null;
    return value === null || typeof value === 'string' ? value : this.wrong(key, 'a string');
  }

  int(key: string): number {
    return this.maybeInt(key) ?? this.missing(key, 'an integer');
  }

  maybeInt(key: string): number | null {
    const value = this.maybeBigInt(key);
    return value === null ? null : Number(value);
  }

  maybeBigInt(key: string): bigint | null {
    const value = this.values[key] ?? null;
    return value === null || typeof value === 'bigint' ? value : this.wrong(key, 'an integer');
  }

  maybeFloat(key: string): number | null {
    const value = this.values[key] ?? null;
    if (value === null || typeof value === 'number') return value;
    return typeof value === 'bigint' ? Number(value) : this.wrong(key, 'a number');
  }

  flag(key: string): boolean {
    const value = this.values[key];
    return typeof value === 'boolean' ? value : this.missing(key, 'a boolean');
  }

  textOrFlag(key: string): string | boolean {
    const value = this.values[key];
    return typeof value === 'string' || typeof value === 'boolean' ? value : this.missing(key, 'a string or boolean');
  }

  time(key: string): Date {
    return this.maybeTime(key) ?? this.missing(key, 'a time');
  }

  maybeTime(key: string): Date | null {
    const value = this.values[key] ?? null;
    if (value === null) return null;
    return isDateTime(value) ? standardDate(value) : this.wrong(key, 'a time');
  }

  /** A JSON object kept as a string; {} when absent. One that cannot be read says so in its place. */
  json(key: string): Record<string, unknown> {
    const value = this.maybeText(key);
    return value === null ? {} : readStoredObject(value);
  }

  texts(key: string): string[] {
    const value = this.list(key);
    return value.every((item): item is string => typeof item === 'string')
      ? value
      : this.wrong(key, 'a list of strings');
  }

  ints(key: string): number[] {
    return this.list(key).map((item) =>
      typeof item === 'bigint' ? Number(item) : this.wrong(key, 'a list of integers'),
    );
  }

  flags(key: string): boolean[] {
    return this.list(key).map((item) => (typeof item === 'boolean' ? item : this.wrong(key, 'a list of booleans')));
  }

  times(key: string): Date[] {
    return this.list(key).map((item) => (isDateTime(item) ? standardDate(item) : this.wrong(key, 'a list of times')));
  }

  /** A map, or a node whose properties are meant; null when absent. */
  maybeRow(key: string): Row | null {
    const value = this.values[key] ?? null;
    if (value === null) return null;
    return isMap(value) ? new Row(value) : this.wrong(key, 'a map');
  }

  row(key: string): Row {
    return this.maybeRow(key) ?? this.missing(key, 'a map');
  }

  rows(key: string): Row[] {
    return this.list(key).map((item) => (isMap(item) ? new Row(item) : this.wrong(key, 'a list of maps')));
  }

  /** A list of lists of maps. */
  groups(key: string): Row[][] {
    const items = this.list(key);
    return items.map((_, index) => new Row(items as unknown as Record<string, unknown>).rows(String(index)));
  }

  /** A list of pairs of strings. */
  pairs(key: string): [string, string][] {
    return this.list(key).map((item) => {
      const [one, other] = Array.isArray(item) ? (item as unknown[]) : [];
      return typeof one === 'string' && typeof other === 'string' ? [one, other] : this.wrong(key, 'a list of pairs');
    });
  }

  private list(key: string): unknown[] {
    const value = this.values[key] ?? [];
    return Array.isArray(value) ? (value as unknown[]) : this.wrong(key, 'a list');
  }

  private missing(key: string, wanted: string): never {
    throw new TornRow(
      `The database row has no "${key}" (${wanted} is needed); it has: ${Object.keys(this.values).join(', ')}.`,
    );
  }

  private wrong(key: string, wanted: string): never {
    throw new TypeError(`The database row's "${key}" is not ${wanted}.`);
  }
}

/** A stored value that is a text; null: it is none. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A stored value that is a time; null: it is none. */
export function dateOf(value: unknown): Date | null {
  return isDateTime(value) ? standardDate(value) : null;
}

/**
 * The driver writes a time out as a text and reads that, forty times as long as it takes to count: most of decoding a list of
 * claims was that. What is kept with the name of a zone and no offset is left to it.
 */
function standardDate(time: DateTime): Date {
  const { year, month, day, hour, minute, second, nanosecond, timeZoneOffsetSeconds: offset } = time;
  if (offset == null) return time.toStandardDate();
  const date = new Date(0);
  // Not Date.UTC, which takes the years before 100 for those after 1900.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  date.setUTCHours(Number(hour), Number(minute), Number(second) - Number(offset), Math.floor(Number(nanosecond) / 1e6));
  return date;
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
