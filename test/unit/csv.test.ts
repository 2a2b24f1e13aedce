import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CsvReader, type Table } from '../../src/disk/content/csv.js';
import { type ColumnType, typeOf } from '../../src/disk/content/csv-types.js';

/** Reads the text in pieces of so many bytes. */
function read(text: string | Buffer, size = 7, separator: ',' | '\t' | null = null): Table {
  const reader = new CsvReader(separator);
  const bytes = Buffer.from(text as string);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return reader.end();
}

const table = (rows: number, ...columns: (readonly [string, ColumnType | null])[]) => ({
  rows: BigInt(rows),
  columns: columns.map(([name, type]) => ({ name, type })),
});

describe('rows and columns of CSV', () => {
  it.each<[string, string, Table]>([
    ['nothing', '', table(0)],
    ['empty lines alone', '\n\r\n\n', table(0)],
    ['a header alone', 'a,b', table(0, ['a', null], ['b', null])],
    ['a last line without an end', 'a,b\n1,x', table(1, ['a', 'integer'], ['b', 'string'])],
    ['empty lines among others', 'a,b\n\n1,x\n\n2,y\n\n', table(2, ['a', 'integer'], ['b', 'string'])],
    ['line ends of Windows', 'a,b\r\n1,x\r\n', table(1, ['a', 'integer'], ['b', 'string'])],
    ['line ends of old', 'a,b\r1,x\r', table(1, ['a', 'integer'], ['b', 'string'])],
    ['a byte order mark', '\ufeffa,b\n1,2\n', table(1, ['a', 'integer'], ['b', 'integer'])],
    ['line ends within quotes', '"a\nb","c"\n"1\n2","x,y"\n', table(1, ['a\nb', 'string'], ['c', 'string'])],
    ['doubled quotes', '"a""b"\n"x""y"\n', table(1, ['a"b', 'string'])],
    ['quotes within a plain field', 'a\n5" pipe\n', table(1, ['a', 'string'])],
    ['an empty value in quotes, which is a row', 'a\n""\n', table(1, ['a', 'string'])],
    ['semicolons', 'a;b\n1;2,5\n', table(1, ['a', 'integer'], ['b', 'string'])],
    ['tabs', 'a\tb\n1\t2\n', table(1, ['a', 'integer'], ['b', 'integer'])],
    ['empty values', 'a,b\n,1\n2,\n', table(2, ['a', 'integer'], ['b', 'integer'])],
    ['a mark within a name', 'preis €,b\n1,2\n', table(1, ['preis €', 'integer'], ['b', 'integer'])],
  ])('are found in %s', (_, text, wanted) => {
    for (const size of [1, 2, 3, 7, 1_000]) expect(read(text, size)).toEqual(wanted);
  });

  it.each<[string, string | Buffer, string]>([
    ['too few fields', 'a,b\n1\n', '1 fields in row 1, and 2'],
    ['too many fields', 'a,b\n1,2\n1,2,3\n', '3 fields in row 2, and 2'],
    ['a quote that is not closed', 'a\n"1\n', 'within a quoted field'],
    ['something after a quote', 'a\n"1"2\n', 'after a closing quote'],
    ['a NUL', 'a\n1\0\n', 'NUL'],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), 'UTF-8'],
    ['a first line without an end', 'a'.repeat(5 * 1024 * 1024), 'first line'],
  ])('are not told of what is no CSV: %s', (_, text, fault) => {
    const found = read(text, 65_536);
    expect('fault' in found && found.fault).toContain(fault);
  });

  it('are those that were written, however they are quoted and cut in pieces', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '€', '"', ',', '\n', '\r', ';', ' ', '1') });
    const rows = fc
      .integer({ min: 2, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      );
    const end = fc.constantFrom('\n', '\r\n', '\r');
    fc.assert(
      fc.property(rows, end, fc.integer({ min: 1, max: 9 }), (all, lineEnd, size) => {
        const text = all.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join(lineEnd);
        const found = read(text, size);
        if ('fault' in found) throw new Error(found.fault);
        expect(found.rows).toBe(BigInt(all.length - 1));
        expect(found.columns.map(({ name }) => name)).toEqual(all[0]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the type of a column', () => {
  const typed = (...values: string[]): string | null => {
    const found = read(`a,z\n${values.map((value) => `${value},z\n`).join('')}`);
    return 'columns' in found ? (found.columns[0]?.type ?? null) : null;
  };

  it.each([
    [['1', '-2', '0'], 'integer'],
    [['1', '2.5'], 'decimal'],
    [['1e10', '3'], 'decimal'],
    [['01234', '12345'], 'string'],
    [['+1'], 'string'],
    [['1234567890123456789012'], 'decimal'],
    [['true', 'False'], 'boolean'],
    [['true', '1'], 'string'],
    [['2024-02-29'], 'date'],
    [['2023-02-29'], 'string'],
    [['2024-01-01T10:00:00Z', '2024-01-01 10:00:00.5+02:00'], 'timestamp'],
    [['2024-01-01', '2024-01-01T10:00:00Z'], 'string'],
    [['1', 'n/a'], 'string'],
    [['NaN'], 'string'],
    [[' 1'], 'string'],
    [['1', '9'.repeat(100)], 'string'],
    [['', ''], null],
  ])('is said only where all values are of it: %j', (values, wanted) => {
    expect(typed(...values)).toBe(wanted);
  });

  it('never takes a text for something else that is not printed so', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        expect(typeOf(String(value))).toBe('integer');
      }),
    );
    fc.assert(
      fc.property(fc.string(), (value) => {
        if (typeOf(value) === 'integer') expect(String(BigInt(value))).toBe(value);
      }),
    );
  });
});
