import { requireColumns } from './csv.mjs';
import { InputError } from './input-error.mjs';

/** @typedef {Record<string, string>} Row */

/** What is kept, under which name, and from which column of the raw file. */
export const FIELDS = [
  { name: 'species', from: 'Species' },
  { name: 'island', from: 'Island' },
  { name: 'bill_length_mm', from: 'Culmen Length (mm)' },
  { name: 'bill_depth_mm', from: 'Culmen Depth (mm)' },
  { name: 'flipper_length_mm', from: 'Flipper Length (mm)' },
  { name: 'body_mass_g', from: 'Body Mass (g)' },
  { name: 'sex', from: 'Sex' },
];
const MEASUREMENTS = ['Culmen Length (mm)', 'Culmen Depth (mm)', 'Flipper Length (mm)', 'Body Mass (g)'];
const NEEDED = ['Species', 'Island', ...MEASUREMENTS, 'Sex'];

/**
 * The rows that can be learned from: those where a measurement or the sex is missing are dropped.
 *
 * @param {import('./csv.mjs').Table} raw
 * @returns {Row[]} under the names of FIELDS, in the order of the file; the species by its first word, the sex in lower case
 * @throws {InputError} for a column that is missing, a measurement that is no number, or a sex that is neither
 */
export function cleanRows(raw) {
  requireColumns(
    raw,
    FIELDS.map((field) => field.from),
  );
  return raw.rows
    .filter((row) => NEEDED.every((column) => !isMissing(row[column])))
    .map((row) => cleanRow(row, raw.path));
}

/**
 * @param {string | undefined} value
 * @returns {boolean} whether the raw file says that nobody measured this
 */
export function isMissing(value) {
  return value === undefined || value.trim() === '' || value === 'NA';
}

/**
 * @param {Row} row nothing needed is missing
 * @param {string} path for the message
 * @returns {Row}
 */
function cleanRow(row, path) {
  const where = `${path}: the row of study ${row['studyName'] ?? 'unknown'}, sample ${row['Sample Number'] ?? 'unknown'}`;
  const unreadable = MEASUREMENTS.find((column) => !Number.isFinite(Number(row[column])));
  if (unreadable !== undefined) {
    throw new InputError(`${where} has "${row[unreadable]}" as ${unreadable}, which is not a number.`);
  }
  const cleaned = Object.fromEntries(FIELDS.map(({ name, from }) => [name, row[from] ?? '']));
  const sex = cleaned['sex']?.toLowerCase() ?? '';
  if (sex !== 'male' && sex !== 'female') {
    throw new InputError(`${where} has "${cleaned['sex']}" as Sex; MALE, FEMALE or NA is expected.`);
  }
  return { ...cleaned, species: cleaned['species']?.split(' ', 1)[0] ?? '', sex };
}
