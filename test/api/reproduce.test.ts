import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GraphQLInputObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

interface Reproduction {
  input: Record<string, unknown> | null;
  missing: { part: string; message: string }[];
  modelVersion: { id: string };
}

interface Training {
  job: { id: string };
  command: string[];
  image: string | null;
  parameters: Record<string, unknown>;
  codeRef: { repository: string | null; revision: string | null; path: string | null } | null;
  seeds: Record<string, unknown>;
  environment: Record<string, unknown>;
  hardware: Record<string, unknown>;
  inputs: { id: string }[];
  hiddenInputs: number;
}

const REPRODUCE = `query ($id: ID!) {
  reproduce(modelVersion: $id) { input missing { part message } modelVersion { id } }
}`;
const TRAINING = `query ($id: ID!) { node(id: $id) { ... on ModelVersion { training {
  job { id } command image parameters codeRef { repository revision path } seeds environment hardware hiddenInputs
  inputs { ... on DatasetVersion { id } ... on ModelVersion { id } }
} } } }`;
const RETIRE = 'mutation ($input: RetireAssetInput!) { retireAsset(input: $input) { asset { id } } }';
const LOCK = `sha256:${'a'.repeat(64)}`;
const IMAGE = `sha256:${'b'.repeat(64)}`;
const CODE = { repository: 'https://example.org/train.git', revision: 'c0ffee', path: 'train.py' };

/** A program whose model depends on what it is told alone, and which tells all there is to know of itself. */
const TELLS_ALL = node(`
  const parameters = JSON.parse(fs.readFileSync(process.env.WEFTLINE_PARAMETERS, 'utf8'));
  let state = 7; const draw = () => (state = (state * 48271) % 2147483647);
  fs.writeFileSync(out + '/model', JSON.stringify([parameters, process.env.FLAVOUR, draw(), draw()]));
  fs.writeFileSync(out + '/manifest.json', JSON.stringify({
    model: 'model', metrics: { loss: 0.5 }, seeds: { draw: 7 }, hardware: { gpu: 'none' },
    environment: { imageDigest: '${IMAGE}', packageLockDigest: '${LOCK}', python: '3.12' },
  }));
`);
const TELLS_NOTHING = node("fs.writeFileSync(out + '/model', 'weights');");

const folder = mkdtempSync(join(tmpdir(), 'weftline-reproduce-'));
let server: TestWeftline;
let bench: Workbench;
let count = 0;

beforeAll(async () => {
  server = await startTestWeftline({ runner: true });
  bench = await Workbench.open(server, 'reproduce');
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function reproduce(id: string, as = bench.owner): Promise<Reproduction> {
  return (await as.data<{ reproduce: Reproduction }>(REPRODUCE, { id })).reproduce;
}

async function trainingOf(id: string, as = bench.owner): Promise<Training | null> {
  return (await as.data<{ node: { training: Training | null } }>(TRAINING, { id })).node.training;
}

/** A transformation and a version that lack nothing. */
async function complete(more = {}): Promise<{ transformation: string; data: string; inputs: string[] }> {
  const name = `complete-${(count += 1)}`;
  const { seed } = bench;
  const data = await seed.dataset(name, more);
  const transformation = (await seed.transformation(`${name}-train`, { codeRef: CODE })).id;
  const uri = join(folder, `${name}.csv`);
  writeFileSync(uri, 'a\n1\n');
  const pinned = { uri, digest: `sha256:${createHash('sha256').update('a\n1\n').digest('hex')}` };
  return { transformation, data: data.id, inputs: [await seed.datasetVersion(data.id, '1', pinned)] };
}

/** Trains to the end; the id of the model version, with its digest. */
async function trained(command: readonly string[], more: Record<string, unknown> = {}) {
  const { modelVersion, failure } = await bench.runToEnd(command, more);
  if (!modelVersion) throw new Error(`There is no model: ${JSON.stringify(failure)}`);
  return modelVersion;
}

const partsOf = ({ missing }: Reproduction): string[] => missing.map(({ part }) => part);

describe('reproduce', { timeout: 300_000 }, () => {
  it('gives a launch that makes the very same model again, when nothing is missing', async () => {
    const { data: _data, ...given } = await complete();
    const asked = {
      ...given,
      parameters: { rate: 0.1, layers: [1, 2] },
      environment: { FLAVOUR: 'sweet' },
      resources: { gpus: 0, cpus: 1, memoryBytes: '1073741824', nodes: 1 },
      timeoutSeconds: 600,
      maxRetries: 2,
      retryOnExitCodes: [75],
      queueTimeoutSeconds: 3600,
      purpose: 'To be repeated',
    };
    const first = await trained(TELLS_ALL, asked);
    const { input, missing, modelVersion } = await reproduce(first.id);
    expect(missing).toEqual([]);
    expect(modelVersion.id).toBe(first.id);
    expect(input).toMatchObject({ ...asked, command: TELLS_ALL, output: bench.model.id, image: null });
    // A member that a launch learns later must not be lost here.
    const type = server.weftline.schema.getType('LaunchTrainingInput') as GraphQLInputObjectType;
    expect(Object.keys(input ?? {}).sort()).toEqual(Object.keys(type.getFields()).sort());
    const launched = await launch(bench.owner, input ?? {});
    expect(launched).toMatchObject({ __typename: 'TrainingJob' });
    const again = await bench.untilOver(launched.id ?? '');
    expect(again.modelVersion).toMatchObject({ digest: first.digest });
    expect(again.modelVersion?.id).not.toBe(first.id);
    // Asked again it is another launch, not the one just made.
    expect((await reproduce(first.id)).input?.['idempotencyKey']).not.toBe(input?.['idempotencyKey']);
  });

  it('says all that was not recorded', async () => {
    const version = await trained(TELLS_NOTHING);
    const answer = await reproduce(version.id);
    expect(partsOf(answer)).toEqual(['CODE_REVISION', 'IMAGE_DIGEST', 'PACKAGE_LOCK', 'SEED', 'INPUT', 'INPUT']);
    expect(answer.missing.map(({ message }) => message).join('\n')).toMatch(
      new RegExp(`${bench.data.urn}@1 has no digest[^]*${bench.data.urn}@1 has no uri`),
    );
    expect(answer.input).toMatchObject({ inputs: [bench.version], transformation: bench.trainer.id });
  });

  it('says what is no more: the code, what was retired, and the launcher', async () => {
    const { data, ...given } = await complete();
    const version = await trained(TELLS_ALL, given);
    const revised = { ref: given.transformation, codeRef: { ...CODE, revision: 'decaf' } };
    const update = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }';
    await bench.owner.data(update, { input: revised });
    for (const ref of [data, given.transformation]) {
      await bench.owner.data(RETIRE, { input: { ref, retired: true } });
    }
    const gone = 'MATCH (j:TrainingJob {modelVersionId: $id}) SET j.launcher = "the old cluster"';
    await server.graph.write({ requestId: 'test', operation: 'test' }, (tx) => tx.run(gone, { id: version.id }));
    const answer = await reproduce(version.id);
    expect(partsOf(answer)).toEqual(['CODE_REVISION', 'INPUT', 'TRANSFORMATION', 'LAUNCHER']);
    expect(answer.missing[0]?.message).toMatch(/revision c0ffee; the transformation now names decaf/);
    expect(answer.missing[3]?.message).toContain('"the old cluster"');
    expect(answer.input).toMatchObject({ launcher: null });
  });

  it('counts inputs that are hidden, and names nothing of them', async () => {
    const { data, ...given } = await complete({ visibility: 'RESTRICTED' });
    const version = await trained(TELLS_ALL, { ...given, inputs: [...given.inputs, bench.version] });
    const stranger = await server.user();
    const answer = await reproduce(version.id, stranger);
    expect(answer.input).toMatchObject({ inputs: [bench.version] });
    expect(answer.missing).toContainEqual({
      part: 'INPUT',
      message: '1 of its inputs you may not see; the launch input leaves them out.',
    });
    expect(JSON.stringify(answer)).not.toMatch(new RegExp(`${data}|${given.inputs.join('|')}`));
    expect(await trainingOf(version.id, stranger)).toMatchObject({ hiddenInputs: 1, inputs: [{ id: bench.version }] });
  });

  it('tells that no job is known of a version from outside, or of one whose transformation is hidden', async () => {
    const stranger = await server.user();
    const outside = await bench.seed.modelVersion(bench.model.id, 'by-hand');
    expect(await reproduce(outside)).toMatchObject({ input: null, missing: [{ part: 'JOB' }] });
    expect(await trainingOf(outside)).toBeNull();
    const secret = await bench.seed.transformation('secret-train', { visibility: 'RESTRICTED' });
    const version = await trained(TELLS_ALL, { transformation: secret.id });
    const hidden = await reproduce(version.id, stranger);
    expect(hidden).toMatchObject({ input: null, missing: (await reproduce(outside)).missing });
    expect(await trainingOf(version.id, stranger)).toBeNull();
    const { id } = await bench.seed.model('secret-model', { visibility: 'RESTRICTED' });
    const unseen = await bench.seed.modelVersion(id);
    expect(await stranger.code(REPRODUCE, { id: unseen })).toBe('NOT_FOUND');
    expect(await stranger.code(REPRODUCE, { id: 'nothing' })).toBe('NOT_FOUND');
    expect(await bench.owner.code(REPRODUCE, { id: bench.version })).toBe('BAD_USER_INPUT');
  });
});

describe('the record of a training', { timeout: 300_000 }, () => {
  it('holds what it was asked, what its program says, and the machine', async () => {
    const { data: _data, ...given } = await complete();
    const version = await trained(TELLS_ALL, { ...given, parameters: { rate: 1 } });
    const training = await trainingOf(version.id);
    expect(training).toMatchObject({
      ...{ command: TELLS_ALL, image: null, parameters: { rate: 1 }, codeRef: CODE, seeds: { draw: 7 } },
      environment: { imageDigest: IMAGE, packageLockDigest: LOCK, python: '3.12' },
      hardware: { gpu: 'none', host: { platform: process.platform, arch: process.arch } },
      inputs: given.inputs.map((id) => ({ id })),
    });
  });

  it.each([
    ['seeds that are no object', { seeds: 42 }, '"seeds" must be an object'],
    ['seeds that are a list', { seeds: [42] }, '"seeds" must be an object'],
    ['a seed that is an object', { seeds: { numpy: {} } }, 'each of "seeds" must be a number or a text'],
    ['an environment that is a text', { environment: 'conda' }, '"environment" must be an object'],
    ['a tag for a digest', { environment: { imageDigest: 'train:latest' } }, '"environment.imageDigest" must have'],
    ['a revision that is a number', { code: { revision: 1 } }, '"code.revision" must be a text'],
    ['hardware that is a list', { hardware: ['gpu'] }, '"hardware" must be an object'],
    ['more than is kept', { hardware: { text: 'x'.repeat(70_000) } }, 'must not be longer than 65536 bytes'],
  ])('is refused with %s', async (_what, manifest, message) => {
    const text = JSON.stringify(JSON.stringify(manifest)).replace(/'/g, "\\'");
    const program = node(`fs.writeFileSync(out + '/model', 'm'); fs.writeFileSync(out + '/manifest.json', ${text});`);
    const { failure } = await bench.runToEnd(program);
    expect(failure).toMatchObject({ code: 'RESULT_INVALID', message: expect.stringContaining(message) as string });
  });
});
