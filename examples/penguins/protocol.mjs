// What a program started by Weftline meets (docs/training-protocol.md): where its inputs and parameters lie, where the
// model goes, and how it reports while it runs.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readTable } from './csv.mjs';
import { InputError } from './input-error.mjs';

/** @typedef {{ urn: string, version: string, digest: string | null, uri: string | null, path: string | null }} Input */
/** @typedef {import('./csv.mjs').Table} Table */

/**
 * @typedef {object} Invocation
 * @property {string} job "<id> attempt <number>", for people
 * @property {Input[]} inputs
 * @property {Record<string, unknown>} parameters
 * @property {string} output the folder for the model; it exists
 * @property {string} events
 */

/**
 * @returns {Invocation}
 * @throws {InputError} naming the variable that is not set, or the file that is not what the protocol says
 */
export function readInvocation() {
  const inputs = readJson('WEFTLINE_INPUTS').inputs;
  if (!Array.isArray(inputs)) throw new InputError('The file WEFTLINE_INPUTS names holds no list "inputs".');
  const output = readVariable('WEFTLINE_OUTPUT');
  mkdirSync(output, { recursive: true });
  return {
    job: `${readVariable('WEFTLINE_JOB_ID')} attempt ${readVariable('WEFTLINE_ATTEMPT')}`,
    inputs,
    parameters: readJson('WEFTLINE_PARAMETERS'),
    output,
    events: readVariable('WEFTLINE_EVENTS'),
  };
}

/**
 * Tells the training input from the test input by a word that starts with "train" or "test" in the name of the asset
 * or of the file ("latest.csv" is no test file). A single input is the training input, whatever its name.
 *
 * @param {readonly Input[]} inputs
 * @returns {{ train: Input, test: Input | null }} test: null when nothing is held out
 * @throws {InputError} when there is no training input, or more than one of either
 */
export function chooseInputs(inputs) {
  const [only] = inputs;
  if (only !== undefined && inputs.length === 1) return { train: only, test: null };
  const named = { train: inputs.filter(isNamed('train')), test: inputs.filter(isNamed('test')) };
  const [train] = named.train;
  if (train === undefined || named.train.length > 1 || named.test.length > 1) {
    const names = inputs.map((input) => input.urn).join(', ') || 'none';
    throw new InputError(
      `Exactly one input has to have the word "train" in its name and at most one the word "test"; given: ${names}.`,
    );
  }
  return { train, test: named.test[0] ?? null };
}

/**
 * Reads an input and makes sure that it holds the very bytes that were pinned when the job was launched.
 *
 * @param {Input} input
 * @returns {Table}
 * @throws {InputError} when it is not a local file, cannot be read, or has another SHA-256
 */
export function readVerified(input) {
  if (input.path === null) {
    throw new InputError(`${input.urn} lies at ${input.uri ?? 'no known place'}; this program reads local files only.`);
  }
  const table = readTable(input.path);
  const digest = `sha256:${table.sha256}`;
  if (input.digest !== null && input.digest !== digest) {
    throw new InputError(
      `${input.path} has the digest ${digest}, but version ${input.version} of ${input.urn} is pinned to ` +
        `${input.digest}: the file was changed after it was published. Nothing was trained.`,
    );
  }
  return table;
}

/**
 * @param {string} events
 * @param {Record<string, number>} metrics
 * @param {number} step
 */
export function reportMetrics(events, metrics, step) {
  const lines = Object.entries(metrics).map(([name, value]) => JSON.stringify({ type: 'metric', name, value, step }));
  appendFileSync(events, lines.map((line) => `${line}\n`).join(''));
}

/**
 * @param {string} events
 * @param {number} fraction 0 to 1
 * @param {string} message
 */
export function reportProgress(events, fraction, message) {
  appendFileSync(events, `${JSON.stringify({ type: 'progress', fraction, message })}\n`);
}

/** @param {string} word */
function isNamed(word) {
  /** @param {Input} input */
  return (input) =>
    [decodeURIComponent(input.urn.split(':').at(-1) ?? ''), basename(input.path ?? '')].some((name) =>
      name
        .toLowerCase()
        .split(/[^a-z]+/)
        .some((part) => part.startsWith(word)),
    );
}

/** @param {string} name */
function readVariable(name) {
  const value = process.env[name];
  if (value !== undefined && value !== '') return value;
  throw new InputError(`${name} is not set: start this program through Weftline, or see the README beside it.`);
}

/**
 * @param {string} variable
 * @returns {Record<string, unknown>}
 */
function readJson(variable) {
  const path = readVariable(variable);
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new InputError(`${path}, named by ${variable}, is no JSON file: ${/** @type {Error} */ (error).message}.`);
  }
}
