// Trains a softmax regression that tells the three penguin species apart by four measurements. Exit codes: 0 a model was
// written; 2 the inputs or parameters have to be mended first, do not retry; 143 stopped by SIGTERM.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError, runProgram } from './input-error.mjs';
import { readParameters } from './parameters.mjs';
import { readInvocation, reportMetrics, reportProgress } from './protocol.mjs';
import { descend, evaluate, initialise } from './softmax-regression.mjs';
import { readTrainingData } from './training-data.mjs';

/** @typedef {import('./softmax-regression.mjs').Coefficients} Coefficients */
/** @typedef {import('./training-data.mjs').TrainingData} TrainingData */
/** @typedef {{ epoch: number, coefficients: Coefficients }} State after so many epochs */

const CHECKPOINT = 'checkpoint.json';
/** A run reports about this often, however many epochs it has. */
const REPORTS = 30;

async function train() {
  const invocation = readInvocation();
  const { sleepMs, ...parameters } = readParameters(invocation.parameters);
  console.log(`Softmax regression on penguins, job ${invocation.job}, ${JSON.stringify(parameters)}`);
  const data = readTrainingData(invocation.inputs);
  // What the model depends on, and nothing else: no time, no path, no pause. The same recipe gives the same bytes.
  const recipe = { classes: data.classes, features: data.features, parameters, inputs: data.digests };
  const state = resume(recipe) ?? {
    epoch: 0,
    coefficients: initialise(data.classes.length, data.features.length, parameters.seed),
  };
  // Not `once`: a second SIGTERM while the checkpoint is written would then kill the program.
  process.on('SIGTERM', () => stop(recipe, state));
  await fit(state, data, { ...parameters, sleepMs }, invocation.events);
  const metrics = measure(state, data);
  writeJson(join(invocation.output, 'model.json'), { kind: 'softmax-regression', ...recipe, ...state.coefficients });
  writeJson(join(invocation.output, 'manifest.json'), { model: 'model.json', metrics, ...circumstances(parameters) });
  console.log(`Done: ${JSON.stringify(metrics)}`);
}

/**
 * @param {State} state moves on with each epoch, so that a stop always finds a whole one
 * @param {TrainingData} data
 * @param {import('./parameters.mjs').Parameters} parameters
 * @param {string} events
 */
async function fit(state, data, { epochs, learningRate, l2, sleepMs }, events) {
  const every = Math.max(1, Math.round(epochs / REPORTS));
  while (state.epoch < epochs) {
    state.coefficients = descend(state.coefficients, data.train, { learningRate, l2 });
    state.epoch += 1;
    if (state.epoch === 1 || state.epoch === epochs || state.epoch % every === 0) report(state, data, epochs, events);
    // Also without a pause: a signal is only heard between two turns of the event loop.
    await sleep(sleepMs);
  }
}

/**
 * @param {State} state
 * @param {TrainingData} data
 * @param {number} epochs
 * @param {string} events
 */
function report(state, data, epochs, events) {
  const { loss, accuracy } = evaluate(state.coefficients, data.train);
  if (!Number.isFinite(loss)) {
    throw new InputError(`The loss is no longer a number after epoch ${state.epoch}; lower learningRate or l2.`);
  }
  const held = data.test === null ? {} : { testAccuracy: evaluate(state.coefficients, data.test).accuracy };
  const message = `epoch ${state.epoch} of ${epochs}`;
  reportMetrics(events, { loss, accuracy, ...held }, state.epoch);
  reportProgress(events, state.epoch / epochs, message);
  const tail = held.testAccuracy === undefined ? '' : `  test accuracy ${held.testAccuracy.toFixed(4)}`;
  console.log(`${message}  loss ${loss.toFixed(4)}  accuracy ${accuracy.toFixed(4)}${tail}`);
}

/**
 * @param {State} state
 * @param {TrainingData} data
 */
function measure(state, data) {
  const train = evaluate(state.coefficients, data.train);
  const metrics = {
    epochs: state.epoch,
    trainRows: data.train.labels.length,
    trainAccuracy: train.accuracy,
    trainMacroF1: train.macroF1,
    trainLoss: train.loss,
  };
  if (data.test === null) return metrics;
  const { accuracy, macroF1, loss } = evaluate(state.coefficients, data.test);
  return {
    ...metrics,
    testRows: data.test.labels.length,
    testAccuracy: accuracy,
    testMacroF1: macroF1,
    testLoss: loss,
  };
}

/**
 * What somebody who wants the same model needs beside the recipe. There is no lock of packages: none is used.
 *
 * @param {{ seed: number }} parameters
 */
function circumstances({ seed }) {
  return { seeds: { weights: seed }, environment: { node: process.versions.node } };
}

/**
 * @param {object} recipe
 * @param {State} state
 */
function stop(recipe, state) {
  writeJson(CHECKPOINT, { recipe, ...state });
  console.log(`Stopped by SIGTERM after epoch ${state.epoch}; ${CHECKPOINT} holds what was learned so far.`);
  process.exit(143);
}

/**
 * @param {object} recipe
 * @returns {State | null} from the checkpoint in the working directory; null without one, or when it is of another recipe
 */
function resume(recipe) {
  if (!existsSync(CHECKPOINT)) return null;
  const checkpoint = JSON.parse(readFileSync(CHECKPOINT, 'utf8'));
  if (JSON.stringify(checkpoint.recipe) !== JSON.stringify(recipe)) return null;
  console.log(`Going on from ${CHECKPOINT} after epoch ${checkpoint.epoch}.`);
  return { epoch: checkpoint.epoch, coefficients: checkpoint.coefficients };
}

/**
 * Under another name first: a file that has the name is whole, whenever the program is killed.
 *
 * @param {string} path
 * @param {object} value
 */
function writeJson(path, value) {
  writeFileSync(`${path}.partial`, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(`${path}.partial`, path);
}

await runProgram(train);
