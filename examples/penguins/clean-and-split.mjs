// Cleans the raw Palmer penguins and splits them into a training and a test part. The same input, seed and share give
// byte-identical files, so their digests can be pinned; the report on stdout is what a catalog needs to register them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cleanRows, FIELDS, isMissing } from './cleaning.mjs';
import { formatCsv, readTable, sha256 } from './csv.mjs';
import { InputError, runProgram } from './input-error.mjs';
import { mulberry32, shuffle } from './random.mjs';

/** @typedef {import("./cleaning.mjs").Row} Row */

const USAGE =
  'Usage: node clean-and-split.mjs --input penguins-raw.csv --output-dir DIR [--seed 7] [--test-share 0.25]';

function cleanAndSplit() {
  const { input, outputDir, seed, testShare } = readArguments();
  const raw = readTable(input);
  const cleaned = cleanRows(raw);
  const test = chooseTestRows(cleaned, seed, testShare);
  const train = cleaned.filter((row) => !test.has(row));
  if (train.length === 0 || test.size === 0) {
    throw new InputError(`${cleaned.length} usable rows are too few to hold out a share of ${testShare} for testing.`);
  }
  mkdirSync(outputDir, { recursive: true });
  const rawFields = raw.columns.map((name) => ({ name, type: inferType(raw.rows.map((row) => row[name] ?? '')) }));
  const fields = FIELDS.map(({ name, from }) => ({ name, type: typeOf(rawFields, from), from }));
  const report = {
    input: { path: input, sha256: raw.sha256, rows: raw.rows.length, bytes: raw.bytes, fields: rawFields },
    outputs: [
      { name: 'train', ...writeTable(join(outputDir, 'train.csv'), train), fields },
      { name: 'test', ...writeTable(join(outputDir, 'test.csv'), [...test]), fields },
    ],
    droppedRows: raw.rows.length - cleaned.length,
    seed,
    testShare,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

function readArguments() {
  const values = parseCommandLine();
  if (values.input === undefined || values['output-dir'] === undefined) {
    throw new InputError(`--input and --output-dir are needed. ${USAGE}`);
  }
  const seed = Number(values.seed);
  const testShare = Number(values['test-share']);
  if (!Number.isSafeInteger(seed)) throw new InputError(`--seed is "${values.seed}"; it has to be a whole number.`);
  if (!(testShare > 0 && testShare < 1)) {
    throw new InputError(`--test-share is "${values['test-share']}"; it has to lie between 0 and 1.`);
  }
  return { input: resolve(values.input), outputDir: resolve(values['output-dir']), seed, testShare };
}

function parseCommandLine() {
  try {
    return parseArgs({
      options: {
        input: { type: 'string' },
        'output-dir': { type: 'string' },
        seed: { type: 'string', default: '7' },
        'test-share': { type: 'string', default: '0.25' },
      },
    }).values;
  } catch (error) {
    throw new InputError(`${/** @type {Error} */ (error).message}. ${USAGE}`, { cause: error });
  }
}

/**
 * Draws the test rows from each species separately, so that both parts hold the species in the same proportions.
 *
 * @param {readonly Row[]} rows
 * @param {number} seed
 * @param {number} testShare
 * @returns {Set<Row>} in the order of `rows`
 */
function chooseTestRows(rows, seed, testShare) {
  const random = mulberry32(seed);
  const chosen = new Set();
  for (const species of [...new Set(rows.map((row) => row['species']))].sort()) {
    const ofSpecies = rows.filter((row) => row['species'] === species);
    const count = Math.round(ofSpecies.length * testShare);
    for (const row of shuffle(ofSpecies, random).slice(0, count)) chosen.add(row);
  }
  return new Set(rows.filter((row) => chosen.has(row)));
}

/**
 * @param {readonly string[]} values
 * @returns {'integer' | 'double' | 'string'} the narrowest type every value that is not missing fits
 */
function inferType(values) {
  const present = values.filter((value) => !isMissing(value));
  if (present.length === 0 || present.some((value) => !Number.isFinite(Number(value)))) return 'string';
  return present.every((value) => /^-?\d+$/.test(value)) ? 'integer' : 'double';
}

/**
 * @param {readonly { name: string, type: string }[]} fields
 * @param {string} name
 */
const typeOf = (fields, name) => fields.find((field) => field.name === name)?.type ?? 'string';

/**
 * @param {string} path
 * @param {readonly Row[]} rows
 */
function writeTable(path, rows) {
  const names = FIELDS.map((field) => field.name);
  const text = formatCsv([names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]);
  writeFileSync(path, text);
  return { path, sha256: sha256(text), rows: rows.length, bytes: Buffer.byteLength(text) };
}

await runProgram(cleanAndSplit);
