/**
 * Rows and columns of a CSV file as its bytes pass by (RFC 4180): quoted fields with line ends, separators and doubled quotes;
 * lines that end in LF, CRLF or CR; a byte order mark. Empty lines are no rows. Nothing is kept of a row. What is not
 * written so has no columns here, and is told why.
 */
import { type ColumnType, LONGEST_TYPED, typeWith } from './csv-types.js';

interface Column {
  name: string;
  /** null: it has no value anywhere. */
  type: ColumnType | null;
}

export type Table = { rows: bigint; columns: Column[] } | { fault: string };

const [LF, CR, QUOTE, NUL] = [10, 13, 34, 0];
/** Found in the first line where they divide it: the first of these that is there. */
const SEPARATORS = [',', ';', '\t', '|'].map((sign) => sign.charCodeAt(0));
const LONGEST_HEADER = 4 * 1024 * 1024;
const MOST_COLUMNS = 10_000;
const BOM = Buffer.from([0xef, 0xbb, 0xbf]);

type Place = 'START' | 'PLAIN' | 'QUOTED' | 'CLOSED';

export class CsvReader {
  private place: Place = 'START';
  private text = Buffer.alloc(1_024);
  private length = 0;
  private isQuoted = false;
  private afterCr = false;
  /** Of the present record. */
  private fields = 0;
  private header: string[] | null = null;
  private names: string[] = [];
  private readonly types: (ColumnType | null)[] = [];
  private rows = 0n;
  private fault: string | null = null;
  private separator: number | null = null;
  /** Until its first record is whole. */
  private first = Buffer.alloc(0);
  private hasBegun = false;

  /** `separator`: null to find it in the first line. */
  constructor(separator: ',' | '\t' | null) {
    if (separator !== null) this.separator = separator.charCodeAt(0);
  }

  /** The next bytes of the file. */
  push(bytes: Buffer): void {
    if (this.fault !== null) return;
    if (this.hasBegun) {
      this.readAll(bytes);
      return;
    }
    this.first = Buffer.concat([this.first, bytes]);
    if (this.first.length > LONGEST_HEADER) this.stop(`has a first line of more than ${LONGEST_HEADER} bytes`);
    else if (endOfFirstRecord(this.first) !== null) this.begin();
  }

  /** After the last byte. */
  end(): Table {
    if (!this.hasBegun && this.fault === null) this.begin();
    if (this.fault === null && this.place === 'QUOTED') this.stop('ends within a quoted field');
    if (this.fault === null && (this.fields > 0 || this.place !== 'START')) this.endRecord();
    if (this.fault !== null) return { fault: this.fault };
    const columns = (this.header ?? []).map((name, index) => ({ name, type: this.types[index] ?? null }));
    return { rows: this.rows, columns };
  }

  private begin(): void {
    const bytes = this.first.subarray(0, 3).equals(BOM) ? this.first.subarray(3) : this.first;
    this.first = Buffer.alloc(0);
    this.hasBegun = true;
    if (bytes[0] === 0xff || bytes[0] === 0xfe) {
      this.stop('is not UTF-8');
      return;
    }
    const end = endOfFirstRecord(bytes) ?? bytes.length;
    this.separator ??= separatorIn(bytes.subarray(0, end));
    this.readAll(bytes);
  }

  private readAll(bytes: Buffer): void {
    for (const byte of bytes) {
      this.read(byte);
      if (this.fault !== null) return;
    }
  }

  private read(byte: number): void {
    const isSecond = byte === LF && this.afterCr;
    this.afterCr = false;
    if (isSecond) return;
    if (byte === NUL) this.stop('has a NUL, as no text has');
    else if (this.place === 'QUOTED') this.readQuoted(byte);
    else if (byte === this.separator) this.endField();
    else if (byte === LF || byte === CR) this.endLine(byte);
    else if (byte === QUOTE && this.place !== 'PLAIN') {
      // The second of two within a quoted field stands for one.
      if (this.place === 'CLOSED') this.keep(byte);
      this.place = 'QUOTED';
      this.isQuoted = true;
    } else if (this.place === 'CLOSED') this.stop(`has something after a closing quote in row ${this.rows + 1n}`);
    else {
      this.place = 'PLAIN';
      this.keep(byte);
    }
  }

  private readQuoted(byte: number): void {
    if (byte === QUOTE) this.place = 'CLOSED';
    else this.keep(byte);
  }

  private endLine(byte: number): void {
    this.afterCr = byte === CR;
    if (this.fields > 0 || this.place !== 'START') this.endRecord();
  }

  private endRecord(): void {
    this.endField();
    const { fields } = this;
    this.fields = 0;
    if (this.header === null) {
      this.header = this.names;
      this.names = [];
    } else if (fields === this.header.length) this.rows += 1n;
    else this.stop(`has ${fields} fields in row ${this.rows + 1n}, and ${this.header.length} in its first line`);
  }

  private endField(): void {
    const index = this.fields++;
    if (this.header === null) this.names.push(this.value());
    else if (this.types[index] !== 'string' && (this.length > 0 || this.isQuoted))
      this.types[index] = typeWith(this.types[index] ?? null, this.value());
    if (this.fields > MOST_COLUMNS) this.stop(`has more than ${MOST_COLUMNS} columns`);
    this.length = 0;
    this.isQuoted = false;
    this.place = 'START';
  }

  private value(): string {
    return this.text.toString('utf8', 0, this.length);
  }

  /** Of a value no more than tells its type, of a column that is text already nothing. */
  private keep(byte: number): void {
    if (this.header !== null && (this.length > LONGEST_TYPED || this.types[this.fields] === 'string')) {
      this.length = LONGEST_TYPED + 1;
      return;
    }
    if (this.length === this.text.length) this.text = Buffer.concat([this.text, Buffer.alloc(this.text.length)]);
    this.text[this.length++] = byte;
  }

  private stop(fault: string): void {
    this.fault ??= fault;
  }
}

/** null while it goes on. */
function endOfFirstRecord(bytes: Buffer): number | null {
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted && at > 0 && (byte === LF || byte === CR)) return at;
  }
  return null;
}

function separatorIn(line: Buffer): number | null {
  let isQuoted = false;
  const found = new Set<number>();
  for (const byte of line) {
    if (byte === QUOTE) isQuoted = !isQuoted;
    else if (!isQuoted) found.add(byte);
  }
  return SEPARATORS.find((separator) => found.has(separator)) ?? SEPARATORS[0] ?? null;
}
