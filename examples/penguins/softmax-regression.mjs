// Multinomial logistic regression by full-batch gradient descent, written out: no library, nothing hidden.
import { InputError } from './input-error.mjs';
import { mulberry32 } from './random.mjs';

/** @typedef {{ name: string, mean: number, standardDeviation: number }} Feature */
/** @typedef {{ weights: number[][], biases: number[] }} Coefficients one row of weights and one bias a class */
/** @typedef {{ inputs: number[][], labels: number[] }} Examples standardised features, and the index of the class */
/** @typedef {{ accuracy: number, macroF1: number, loss: number }} Quality loss: mean cross-entropy in nats, no penalty */

/**
 * Mean and standard deviation of each feature. Measure them on the training rows only: statistics of test rows would
 * leak into the model.
 *
 * @param {readonly Record<string, string>[]} rows
 * @param {readonly string[]} names
 * @returns {Feature[]}
 * @throws {InputError} when a value is no number, or is the same in every row
 */
export function measureFeatures(rows, names) {
  return names.map((name) => {
    const values = rows.map((row) => readNumber(row, name));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    if (!(variance > 0)) throw new InputError(`${name} does not vary over the ${values.length} training rows.`);
    return { name, mean, standardDeviation: Math.sqrt(variance) };
  });
}

/**
 * @param {readonly Record<string, string>[]} rows
 * @param {readonly Feature[]} features
 * @param {string} label the column that holds the class
 * @param {readonly string[]} classes
 * @returns {Examples}
 * @throws {InputError} when a value is no number, or a class is not among `classes`
 */
export function encode(rows, features, label, classes) {
  const inputs = rows.map((row) =>
    features.map(({ name, mean, standardDeviation }) => (readNumber(row, name) - mean) / standardDeviation),
  );
  const labels = rows.map((row) => classes.indexOf(row[label] ?? ''));
  const unknown = rows[labels.indexOf(-1)];
  if (unknown !== undefined) {
    throw new InputError(`A test row has ${label} "${unknown[label]}", which the training rows never show.`);
  }
  return { inputs, labels };
}

/**
 * @param {number} classCount
 * @param {number} featureCount
 * @param {number} seed
 * @returns {Coefficients} small random weights between -0.01 and 0.01, biases 0
 */
export function initialise(classCount, featureCount, seed) {
  const random = mulberry32(seed);
  const weights = Array.from({ length: classCount }, () =>
    Array.from({ length: featureCount }, () => (random() - 0.5) * 0.02),
  );
  return { weights, biases: Array.from({ length: classCount }, () => 0) };
}

/**
 * One step down the gradient of: mean cross-entropy + l2 / 2 * the sum of squared weights. Biases carry no penalty.
 *
 * @param {Coefficients} coefficients left as they are
 * @param {Examples} examples
 * @param {{ learningRate: number, l2: number }} options
 * @returns {Coefficients}
 */
export function descend({ weights, biases }, { inputs, labels }, { learningRate, l2 }) {
  const errors = inputs.map((input, row) =>
    predict({ weights, biases }, input).map((probability, index) => probability - (labels[row] === index ? 1 : 0)),
  );
  /** @param {(row: number) => number} term */
  const average = (term) => inputs.reduce((sum, _, row) => sum + term(row), 0) / inputs.length;
  return {
    weights: weights.map((vector, index) =>
      vector.map((weight, feature) => {
        const slope = average((row) => at(errors[row], index) * at(inputs[row], feature));
        return weight - learningRate * (slope + l2 * weight);
      }),
    ),
    biases: biases.map((bias, index) => bias - learningRate * average((row) => at(errors[row], index))),
  };
}

/**
 * @param {Coefficients} coefficients
 * @param {Examples} examples
 * @returns {Quality} macroF1 counts each class the same, however many rows it has
 */
export function evaluate(coefficients, { inputs, labels }) {
  const probabilities = inputs.map((input) => predict(coefficients, input));
  const guesses = probabilities.map((row) => row.indexOf(Math.max(...row)));
  const losses = probabilities.map((row, index) => -Math.log(at(row, at(labels, index))));
  const scores = coefficients.biases.map((_, index) => {
    const hits = guesses.filter((guess, row) => guess === index && labels[row] === index).length;
    const claimed = guesses.filter((guess) => guess === index).length;
    const actual = labels.filter((label) => label === index).length;
    return claimed + actual === 0 ? 0 : (2 * hits) / (claimed + actual);
  });
  return {
    accuracy: guesses.filter((guess, row) => guess === labels[row]).length / labels.length,
    macroF1: scores.reduce((sum, score) => sum + score, 0) / scores.length,
    loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  };
}

/**
 * @param {Coefficients} coefficients
 * @param {readonly number[]} input
 * @returns {number[]} the probability of each class
 */
function predict({ weights, biases }, input) {
  const scores = weights.map((vector, index) =>
    vector.reduce((sum, weight, feature) => sum + weight * at(input, feature), at(biases, index)),
  );
  // Without taking the highest score off, exp overflows for confident models.
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/**
 * @param {Record<string, string>} row
 * @param {string} name
 */
function readNumber(row, name) {
  const text = row[name] ?? '';
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InputError(`A row has "${text}" as ${name}, which is not a number.`);
  }
  return value;
}

/**
 * @param {readonly number[] | undefined} values
 * @param {number} index
 */
const at = (values, index) => values?.[index] ?? Number.NaN;
