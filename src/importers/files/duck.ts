import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection, type DuckDBType } from '@duckdb/node-api';
import type { FileFormat } from './find-files.js';

/** How a format is read. The path is a parameter: a name is never part of a statement. */
const READERS: Readonly<Record<FileFormat, string>> = {
  csv: 'read_csv($1, sample_size = 20480)',
  parquet: 'read_parquet($1)',
  json: 'read_json_auto($1, maximum_object_size = 33554432)',
};

export interface Column {
  name: string;
  type: DuckDBType;
}

/** What is known of the values of a column; null where its type has no such thing. */
export interface ColumnProfile {
  count: number;
  nullCount: number;
  distinctCount: number | null;
  min: number | null;
  max: number | null;
  quantiles: Readonly<Record<string, number>> | null;
}

export interface Table {
  columns: readonly Column[];
  rowCount: number;
  profiles: ReadonlyMap<string, ColumnProfile>;
}

/** A table wider than this has its columns told, and no profile: the statement would be longer than what it asks for is worth. */
const MOST_PROFILED = 2_000;

/** Reads tables out of files, in a database of its own that lives in memory. */
export class Duck {
  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly scratch: string,
  ) {}

  /** Nothing is fetched: extensions are neither installed nor loaded, and nothing can turn that on again. */
  static async open(): Promise<Duck> {
    const scratch = mkdtempSync(join(tmpdir(), 'weftline-files-'));
    const instance = await DuckDBInstance.create(':memory:', {
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      threads: '2',
      memory_limit: '1GB',
      temp_directory: scratch,
    });
    const connection = await instance.connect();
    await connection.run('SET preserve_insertion_order = false');
    await connection.run('SET lock_configuration = true');
    return new Duck(instance, connection, scratch);
  }

  async read(path: string, format: FileFormat): Promise<Table> {
    const from = READERS[format];
    const asked = [escapedGlob(path)];
    const shape = await this.connection.runAndReadAll(`SELECT * FROM ${from} LIMIT 0`, asked);
    const types = shape.columnTypes();
    const columns = shape.columnNames().flatMap((name, at) => {
      const type = types[at];
      return type === undefined ? [] : [{ name, type }];
    });
    const profiled = columns.length > MOST_PROFILED ? [] : columns;
    const wanted = ['count(*) AS "rows"', ...profiled.flatMap(measures)];
    const read = await this.connection.runAndReadAll(`SELECT ${wanted.join(', ')} FROM ${from}`, asked);
    const row = read.getRowsJson()[0] ?? [];
    const values = row[Symbol.iterator]();
    const next = (): unknown => values.next().value;
    const rowCount = Number(next());
    return { columns, rowCount, profiles: new Map(profiled.map((column) => [column.name, profileOf(column, next)])) };
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.scratch, { recursive: true, force: true });
  }
}

/** DuckDB takes a path for a pattern: signs of one that stand in a name are put into brackets, where they stand for themselves. */
const escapedGlob = (path: string): string => path.replaceAll(/[*?[]/g, '[$&]');

const QUANTILES = [0.25, 0.5, 0.75];
const NUMBERS = /^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|UINTEGER|FLOAT|DOUBLE|DECIMAL.*)$/;
const isNumber = ({ type }: Column): boolean => NUMBERS.test(String(type));
/** Of what lies in each other, no two values are counted as different: it would cost more than all the rest. */
const isPlain = ({ type }: Column): boolean => !/[[\]()]|BLOB/.test(String(type).replace(/^DECIMAL.*/, ''));

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** What is asked of a column, in the order in which it is read. */
function measures(column: Column): string[] {
  const name = quoted(column.name);
  const number = isNumber(column)
    ? [
        `min(${name})::DOUBLE`,
        `max(${name})::DOUBLE`,
        ...QUANTILES.map((at) => `quantile_disc(${name}, ${at})::DOUBLE`),
      ]
    : [];
  return [`count(${name})`, `count(*)`, ...(isPlain(column) ? [`count(DISTINCT ${name})`] : []), ...number];
}

function profileOf(column: Column, next: () => unknown): ColumnProfile {
  const count = Number(next());
  const nullCount = Number(next()) - count;
  const distinctCount = isPlain(column) ? Number(next()) : null;
  if (!isNumber(column)) return { count, nullCount, distinctCount, min: null, max: null, quantiles: null };
  const [min, max] = [finite(next()), finite(next())];
  const found = QUANTILES.map((at) => [String(at), finite(next())] as const);
  const quantiles = found.filter((each): each is [string, number] => each[1] !== null);
  return { count, nullCount, distinctCount, min, max, quantiles: Object.fromEntries(quantiles) };
}

/** JSON has no NaN and no infinity. */
const finite = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
