import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { InputError } from './input-error.mjs';

/**
 * @typedef {object} Table
 * @property {string} path
 * @property {string[]} columns in the order of the header
 * @property {Record<string, string>[]} rows
 * @property {number} bytes size of the file
 * @property {string} sha256 of the very bytes the rows were read from, in hex
 */

// One cell and what ends it. Quoted: everything up to the closing quote, with "" for a quote. Bare: no quote inside.
const CELL = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r?\n)/y;

/**
 * Reads CSV as RFC 4180 writes it: quoted cells may hold commas, doubled quotes and line breaks. Blank lines are
 * passed over.
 *
 * @param {string} text
 * @returns {string[][]} one array of cells a record, the header among them
 * @throws {InputError} when a quote stands where none may, or is never closed
 */
export function parseCsv(text) {
  const source = text.replace(/^\uFEFF/, '').replace(/[^\n]$/, '$&\n');
  const records = [];
  /** @type {string[]} */
  let record = [];
  for (let position = 0; position < source.length; position = CELL.lastIndex) {
    CELL.lastIndex = position;
    const match = CELL.exec(source);
    if (match === null) {
      const line = source.slice(0, position).split('\n').length;
      throw new InputError(`Line ${line} is not CSV: a quote is out of place or is never closed.`);
    }
    record.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
    if (match[3] !== ',') {
      if (record.length > 1 || record[0] !== '') records.push(record);
      record = [];
    }
  }
  return records;
}

/**
 * The text `parseCsv` reads back; lines end with "\n".
 *
 * @param {readonly (readonly string[])[]} records
 * @returns {string}
 */
export function formatCsv(records) {
  /** @param {string} cell */
  const format = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return records.map((record) => `${record.map(format).join(',')}\n`).join('');
}

/**
 * Reads a CSV file whose first record names its columns.
 *
 * @param {string} path
 * @returns {Table}
 * @throws {InputError} when the file is missing, is not CSV, or a record is longer or shorter than the header
 */
export function readTable(path) {
  const content = readFile(path);
  const [columns = [], ...records] = parseCsvFile(path, content.toString('utf8'));
  const rows = records.map((record, index) => {
    if (record.length !== columns.length) {
      throw new InputError(
        `${path}: record ${index + 1} has ${record.length} cells, but the header names ${columns.length} columns.`,
      );
    }
    return Object.fromEntries(columns.map((column, cell) => [column, record[cell] ?? '']));
  });
  return { path, columns, rows, bytes: content.length, sha256: sha256(content) };
}

/**
 * @param {Table} table
 * @param {readonly string[]} names
 * @throws {InputError} naming the first column that is missing
 */
export function requireColumns(table, names) {
  const missing = names.find((name) => !table.columns.includes(name));
  if (missing === undefined) return;
  throw new InputError(`${table.path} has no column "${missing}"; its columns are: ${table.columns.join(', ')}.`);
}

/**
 * @param {string | Buffer} content
 * @returns {string} in hex
 */
export function sha256(content) {
  return createHash('sha256').update(content).digest('hex');
}

/**
 * @param {string} path
 * @returns {Buffer}
 */
function readFile(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${/** @type {Error} */ (error).message}.`, { cause: error });
  }
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {string[][]}
 */
function parseCsvFile(path, text) {
  try {
    return parseCsv(text);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${path}: ${error.message}`, { cause: error });
  }
}
