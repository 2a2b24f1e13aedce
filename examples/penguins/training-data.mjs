import { requireColumns } from './csv.mjs';
import { InputError } from './input-error.mjs';
import { chooseInputs, readVerified } from './protocol.mjs';
import { encode, measureFeatures } from './softmax-regression.mjs';

/** @typedef {import('./protocol.mjs').Input} Input */
/** @typedef {import('./softmax-regression.mjs').Examples} Examples */

/**
 * @typedef {object} TrainingData
 * @property {string[]} classes the species, sorted
 * @property {import('./softmax-regression.mjs').Feature[]} features
 * @property {{ train: string, test: string | null }} digests of what was read, "sha256:<hex>"
 * @property {Examples} train
 * @property {Examples | null} test null when nothing is held out
 */

const LABEL = 'species';
const FEATURES = ['bill_length_mm', 'bill_depth_mm', 'flipper_length_mm', 'body_mass_g'];

/**
 * Reads and checks the inputs, tells training from test rows, and standardises both with what the training rows show.
 *
 * @param {readonly Input[]} inputs
 * @returns {TrainingData}
 * @throws {InputError} for anything about the inputs that cannot be trained on
 */
export function readTrainingData(inputs) {
  const chosen = chooseInputs(inputs);
  const train = readPart('train', chosen.train);
  const test = chosen.test === null ? null : readPart('test', chosen.test);
  for (const { urn } of inputs.filter((input) => input !== chosen.train && input !== chosen.test)) {
    console.log(`${urn}: neither "train" nor "test" by its name, so it is not read`);
  }
  if (test === null) console.log('test: no such input; nothing is held out, so only the training rows are measured');
  const classes = [...new Set(train.rows.map((row) => row[LABEL] ?? ''))].sort();
  const features = measureFeatures(train.rows, FEATURES);
  return {
    classes,
    features,
    digests: { train: `sha256:${train.sha256}`, test: test === null ? null : `sha256:${test.sha256}` },
    train: encode(train.rows, features, LABEL, classes),
    test: test === null ? null : encode(test.rows, features, LABEL, classes),
  };
}

/**
 * @param {string} part
 * @param {Input} input
 */
function readPart(part, input) {
  const table = readVerified(input);
  requireColumns(table, [LABEL, ...FEATURES]);
  if (table.rows.length === 0) throw new InputError(`${table.path} has a header but no rows.`);
  const check = input.digest === null ? 'nobody pinned a digest' : 'as pinned';
  console.log(
    `${part}: ${input.urn} version ${input.version}, ${table.rows.length} rows, sha256:${table.sha256}, ${check}`,
  );
  return table;
}
