import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import {
  Event,
  modelDigest,
  pinOutputs,
  prepareJob,
  RAW,
  readManifest,
  runSplit,
  sha256,
  split,
  train,
  type Pin,
  type Report,
} from '../support/example-programs.js';

const RAW_SHA256 = '144f623143c9360fd77322a4f86acb06dc198814dbd2669724c63e6457b907bd';

let scratch: string;
let report: Report;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'weftline-examples-'));
  report = await split(join(scratch, 'data'), RAW, '7');
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe('clean-and-split', () => {
  it('reads the data as it was published', () => {
    expect(report.input).toMatchObject({ sha256: RAW_SHA256, rows: 344, bytes: 53_098 });
  });

  it('accounts for every row: train, test and dropped add up', () => {
    const [train, test] = report.outputs;
    expect([train.rows, test.rows, report.droppedRows]).toEqual([249, 84, 11]);
    expect(train.rows + test.rows + report.droppedRows).toBe(344);
  });

  it('puts no row into both parts', async () => {
    const rows = [...(await readRows('data/train.csv')), ...(await readRows('data/test.csv'))];
    expect(rows).toHaveLength(333);
    expect(new Set(rows).size).toBe(333);
  });

  it('holds out the same share of each species', async () => {
    expect(countSpecies(await readRows('data/train.csv'))).toEqual({ Adelie: 109, Chinstrap: 51, Gentoo: 89 });
    expect(countSpecies(await readRows('data/test.csv'))).toEqual({ Adelie: 37, Chinstrap: 17, Gentoo: 30 });
  });

  it('reports size, digest and fields of what it wrote', async () => {
    for (const output of report.outputs) {
      const content = await readFile(output.path);
      expect(output).toMatchObject({ sha256: sha256(content), bytes: content.length });
      expect(content.toString().split('\n', 1)[0]).toBe(output.fields.map((field) => field.name).join(','));
    }
    expect(report.outputs[0].fields).toContainEqual({ name: 'body_mass_g', type: 'integer', from: 'Body Mass (g)' });
  });

  it('writes the same bytes for the same seed and others for another', async () => {
    const again = await split(join(scratch, 'again'), RAW, '7');
    const other = await split(join(scratch, 'other'), RAW, '8');
    expect(again.outputs.map((output) => output.sha256)).toEqual(report.outputs.map((output) => output.sha256));
    expect(other.outputs[0].sha256).not.toBe(report.outputs[0].sha256);
  });

  it('reads quoted cells that hold commas, quotes and line breaks', async () => {
    const raw = (await readFile(RAW, 'utf8')).replace('Not enough blood for isotopes.', '"Said ""no"",\r\nthen left."');
    await writeFile(join(scratch, 'quoted.csv'), raw);
    const { outputs } = await split(join(scratch, 'quoted'), join(scratch, 'quoted.csv'), '7');
    expect(outputs.map((output) => output.sha256)).toEqual(report.outputs.map((output) => output.sha256));
  });

  it.each([
    ['a missing file', 'absent.csv', null, /absent\.csv cannot be read/],
    ['a missing column', 'column.csv', 'Species,Island\nAdelie,Dream\n', /has no column "Culmen Length \(mm\)"/],
    ['a quote that is never closed', 'quote.csv', 'Species\n"Adelie\n', /Line 2 is not CSV/],
    ['a record that is too short', 'short.csv', 'Species,Island\nAdelie\n', /record 1 has 1 cells/],
  ])('refuses %s with one sentence and exit code 2', async (_, name, content, message) => {
    const input = join(scratch, name);
    if (content !== null) await writeFile(input, content);
    const ended = await runSplit(['--input', input, '--output-dir', join(scratch, 'unused')]);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});

describe('train', () => {
  it('learns to tell the species of penguins it never saw', async () => {
    const job = await prepareJob(scratch, pinOutputs(report));
    expect(await train(job)).toMatchObject({ code: 0, stderr: '' });
    const { model, metrics } = await readManifest(job);
    expect(model).toBe('model.json');
    expect(metrics).toMatchObject({ epochs: 300, trainRows: 249, testRows: 84 });
    expect(metrics['testAccuracy']).toBeGreaterThanOrEqual(0.95);
    expect(metrics['testMacroF1']).toBeGreaterThanOrEqual(0.95);
    expect(metrics['trainLoss']).toBeLessThan(0.1);
  });

  it('says beside the model what it was drawn with and ran on', async () => {
    const job = await prepareJob(scratch, pinOutputs(report), { epochs: 5, seed: 11 });
    await train(job);
    const { seeds, environment } = await readManifest(job);
    expect({ seeds, environment }).toEqual({ seeds: { weights: 11 }, environment: { node: process.versions.node } });
  });

  it('records in the model exactly what it read', async () => {
    const job = await prepareJob(scratch, pinOutputs(report), { epochs: 5 });
    await train(job);
    const [trainPin, testPin] = pinOutputs(report);
    expect(JSON.parse(await readFile(join(job.directory, 'output/model.json'), 'utf8'))).toMatchObject({
      classes: ['Adelie', 'Chinstrap', 'Gentoo'],
      inputs: { train: trainPin?.digest, test: testPin?.digest },
      parameters: { epochs: 5, seed: 7 },
    });
  });

  it('writes the same model for the same seed and another for another', async () => {
    const digests = [];
    for (const seed of [7, 7, 8]) {
      const job = await prepareJob(scratch, pinOutputs(report), { epochs: 20, seed });
      await train(job);
      digests.push(await modelDigest(job));
    }
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it('reports falling loss and rising progress as events of the protocol', async () => {
    const job = await prepareJob(scratch, pinOutputs(report), { epochs: 60 });
    await train(job);
    const lines = (await readFile(join(job.directory, 'events.jsonl'), 'utf8')).trimEnd().split('\n');
    const events = lines.map((line) => Event.parse(JSON.parse(line)));
    const losses = events.flatMap((event) => (event.type === 'metric' && event.name === 'loss' ? [event] : []));
    const fractions = events.flatMap((event) => (event.type === 'progress' ? [event.fraction] : []));
    expect(losses.map((loss) => loss.value)).toEqual(losses.map((loss) => loss.value).sort((a, b) => b - a));
    expect(losses.at(-1)?.step).toBe(60);
    expect(fractions).toEqual([...fractions].sort((a, b) => a - b));
    expect(fractions.at(-1)).toBe(1);
  });

  it('says that nothing is held out when there is one input', async () => {
    const job = await prepareJob(scratch, pinOutputs(report).slice(0, 1), { epochs: 5 });
    expect((await train(job)).stdout).toContain('nothing is held out');
    expect((await readManifest(job)).metrics).not.toHaveProperty('testAccuracy');
  });

  it('does not take "latest" for a test input', async () => {
    const [trainPin, testPin] = pinOutputs(report);
    if (trainPin === undefined || testPin === undefined) throw new Error('two inputs are expected');
    const renamed = { ...testPin, urn: 'urn:weft:dataset:demo:latest', path: await copyAs(testPin.path, 'latest.csv') };
    const job = await prepareJob(scratch, [trainPin, renamed], { epochs: 5 });
    const { stdout } = await train(job);
    expect(stdout).toContain('nothing is held out');
    expect(stdout).toContain('demo:latest: neither "train" nor "test" by its name, so it is not read');
  });

  it.each<[string, (pin: Pin) => Pin, Record<string, unknown>, RegExp]>([
    ['an input whose digest is not the pinned one', withDigest, {}, /is pinned to sha256:0{64}.*Nothing was trained/],
    ['an input that is missing', (pin) => ({ ...pin, path: '/nowhere/train.csv' }), {}, /train\.csv cannot be read/],
    ['an input that is no local file', (pin) => ({ ...pin, path: null, uri: 's3://a/b' }), {}, /lies at s3:\/\/a\/b/],
    ['a parameter it does not know', (pin) => pin, { epoch: 3 }, /no parameter "epoch"/],
    ['a parameter out of range', (pin) => pin, { epochs: 0 }, /epochs is 0; it has to be a whole number/],
    ['a learning rate that diverges', (pin) => pin, { learningRate: 1e308 }, /lower learningRate/],
  ])('refuses %s with one sentence and exit code 2', async (_, change, parameters, message) => {
    const [first, ...others] = pinOutputs(report);
    if (first === undefined) throw new Error('an input is expected');
    const job = await prepareJob(scratch, [change(first), ...others], parameters);
    const ended = await train(job);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(join(job.directory, 'output/model.json'))).toBe(false);
  });

  it('stops on SIGTERM with a checkpoint, and going on from there ends with the very same model', async () => {
    const whole = await prepareJob(scratch, pinOutputs(report), { epochs: 40 });
    const stopped = await prepareJob(scratch, pinOutputs(report), { epochs: 40, sleepMs: 200 });
    await train(whole);
    expect(await train(stopped, 'epoch 2 of 40')).toMatchObject({ code: 143, signal: null });
    expect(existsSync(join(stopped.directory, 'work/checkpoint.json'))).toBe(true);
    expect(existsSync(join(stopped.directory, 'output/model.json'))).toBe(false);
    await writeFile(join(stopped.directory, 'parameters.json'), JSON.stringify({ epochs: 40 }));
    expect((await train(stopped)).stdout).toContain('Going on from checkpoint.json');
    expect(await modelDigest(stopped)).toBe(await modelDigest(whole));
  });
});

function withDigest(pin: Pin): Pin {
  return { ...pin, digest: `sha256:${'0'.repeat(64)}` };
}

async function copyAs(path: string | null, name: string): Promise<string> {
  await writeFile(join(scratch, name), await readFile(path ?? ''));
  return join(scratch, name);
}

async function readRows(file: string): Promise<string[]> {
  return (await readFile(join(scratch, file), 'utf8')).trimEnd().split('\n').slice(1);
}

function countSpecies(rows: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const row of rows) {
    const species = row.split(',', 1)[0] ?? '';
    counts[species] = (counts[species] ?? 0) + 1;
  }
  return counts;
}
