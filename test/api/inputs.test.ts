/** A version says what its bytes are; a job that would read others does not begin. On the real local launcher. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEAVES_A_MODEL, node, Workbench } from '../support/training.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

let server: TestWeftline;
let data: string;
let files = 0;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'weftline-data-'));
  server = await startTestWeftline({ runner: true });
});

afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

function write(content: string): string {
  const path = join(data, `in-${(files += 1)}.csv`);
  writeFileSync(path, content);
  return path;
}

/** A bench with a version of its data, published with the digest of the file. */
async function published(content: string): Promise<{ bench: Workbench; path: string; version: string }> {
  const bench = await Workbench.open(server, `inputs-${files}`);
  const path = write(content);
  const version = await bench.seed.datasetVersion(bench.data.id, 'exact', {
    uri: `file://${path}`,
    digest: sha256(content),
  });
  return { bench, path, version };
}

describe('a job whose input is a file of the machine', { timeout: 120_000 }, () => {
  it('begins while the file is what was published, also when it was touched', async () => {
    const { bench, path, version } = await published('a,b\n1,2\n');
    const command = node(LEAVES_A_MODEL);
    expect(await bench.runToEnd(command, { inputs: [version] })).toMatchObject({ state: 'SUCCEEDED' });
    utimesSync(path, new Date(), new Date(1_000));
    expect(await bench.runToEnd(command, { inputs: [version] })).toMatchObject({ state: 'SUCCEEDED' });
  });

  it('does not begin when the file was changed since: both digests are told, and in the audit log', async () => {
    const { bench, path, version } = await published('a,b\n1,2\n');
    writeFileSync(path, 'a,b\n1,9\n');
    const began = join(data, 'began');
    const command = node(`fs.writeFileSync(${JSON.stringify(began)}, ''); ${LEAVES_A_MODEL}`);
    const job = await bench.runToEnd(command, { inputs: [version], maxRetries: 2 });
    expect(job).toMatchObject({
      state: 'FAILED',
      startedAt: null,
      modelVersion: null,
      failure: { code: 'INPUT_CHANGED' },
    });
    expect(job.attempts).toHaveLength(1);
    expect(job.failure?.message).toContain(sha256('a,b\n1,2\n'));
    expect(job.failure?.message).toContain(sha256('a,b\n1,9\n'));
    expect(() => rmSync(began)).toThrow('ENOENT');
    const query =
      'query ($of: AssetRef!) { audit(filter: { actions: ["training:end"], asset: $of }) { nodes { after } } }';
    const { audit } = await bench.owner.data<{ audit: { nodes: unknown[] } }>(query, { of: bench.model.id });
    const found = { version, state: 'CHANGED', digest: sha256('a,b\n1,9\n'), bytes: '8' };
    expect(audit.nodes).toMatchObject([{ after: { failure: 'INPUT_CHANGED', inputs: [found] } }]);
  });

  it('does not begin without the file', async () => {
    const { bench, path, version } = await published('x');
    rmSync(path);
    const job = await bench.runToEnd(node(LEAVES_A_MODEL), { inputs: [version] });
    expect(job).toMatchObject({ state: 'FAILED', startedAt: null, failure: { code: 'INPUT_MISSING' } });
    expect(job.failure?.message).toContain(path);
  });

  it('is checked again by a retry', async () => {
    const { bench, path, version } = await published('x');
    const command = node(`fs.writeFileSync(${JSON.stringify(path)}, 'y'); process.exit(75);`);
    const job = await bench.runToEnd(command, { inputs: [version], maxRetries: 1, retryOnExitCodes: [75] });
    expect(job).toMatchObject({ state: 'FAILED', failure: { code: 'INPUT_CHANGED' } });
    expect(job.attempts.map(({ exitCode }) => exitCode)).toEqual([75, null]);
  });
});

describe('what a model was trained on', { timeout: 120_000 }, () => {
  const CHECK = 'check { state note digest bytes at }';
  const ASKED = `query ($id: ID!) {
    node(id: $id) { ... on ModelVersion {
      contentCheck { state note }
      generatedBy { inputChecks { version { ... on DatasetVersion { id } } ${CHECK} } }
      provenance { edges { source target ${CHECK} } }
    } }
    trainedOn(modelVersion: $id) { edges { node { id } ${CHECK} } }
    reproduce(modelVersion: $id) { missing { part message } }
  }`;
  interface Told {
    node: {
      contentCheck: { state: string; note: string | null };
      generatedBy: { inputChecks: { version: { id: string }; check: Check }[] };
      provenance: { edges: { source: string; target: string; check: Check | null }[] };
    };
    trainedOn: { edges: { node: { id: string }; check: Check }[] };
    reproduce: { missing: { part: string; message: string }[] };
  }
  interface Check {
    state: string;
    note: string | null;
    digest: string | null;
    at: string | null;
  }

  /** All that is told of each input of a run that made a model of these versions. */
  async function told(bench: Workbench, inputs: string[]) {
    const job = await bench.runToEnd(node(LEAVES_A_MODEL), { inputs });
    const answer = await bench.owner.data<Told>(ASKED, { id: job.modelVersion?.id });
    const { node: model, trainedOn, reproduce } = answer;
    expect(model.contentCheck).toEqual({ state: 'VERIFIED', note: null });
    expect(model.provenance.edges.find(({ source }) => source === job.run.id)?.check).toBeNull();
    return inputs.map((id) => {
      const checks = [
        model.generatedBy.inputChecks.find(({ version }) => version.id === id)?.check,
        model.provenance.edges.find(({ source }) => source === id)?.check,
        trainedOn.edges.find((edge) => edge.node.id === id)?.check,
      ];
      expect(checks[1]).toEqual(checks[0]);
      expect(checks[2]).toEqual(checks[0]);
      const missing = reproduce.missing.filter(({ part }) => part === 'INPUT').map(({ message }) => message);
      return { check: checks[0], missing };
    });
  }

  it('says of each input whether it was verified, everywhere it is told of', async () => {
    const { bench, version } = await published('a\n1\n');
    const digest = sha256('elsewhere');
    const remote = await bench.seed.datasetVersion(bench.data.id, 'remote', { uri: 's3://bucket/in.csv', digest });
    const [exact, far] = await told(bench, [version, remote]);
    expect(exact?.check).toMatchObject({
      state: 'VERIFIED',
      note: null,
      digest: null,
      at: expect.any(String) as string,
    });
    expect(far?.check).toMatchObject({ state: 'NOT_VERIFIED', note: expect.stringContaining('s3:') as string });
    expect(exact?.missing).toHaveLength(1);
    expect(exact?.missing[0]).toMatch(/@remote was not verified when the job read it\. It lies in another store/);
  });

  it('is not verified where a run was reported from outside', async () => {
    const { bench, version } = await published('a\n2\n');
    const made = await bench.seed.modelVersion(bench.model.id, 'outside');
    await bench.seed.run(bench.trainer.id, [version], [made]);
    const { trainedOn } = await bench.owner.data<Told>(ASKED, { id: made });
    expect(trainedOn.edges).toMatchObject([{ check: { state: 'NOT_VERIFIED', at: null } }]);
  });

  it('is told of a run that was kept from beginning too', async () => {
    const { bench, path, version } = await published('a\n3\n');
    writeFileSync(path, 'a\n4\n');
    const job = await bench.runToEnd(node(LEAVES_A_MODEL), { inputs: [version] });
    const query = `query ($id: ID!) { node(id: $id) { ... on Run { inputChecks { ${CHECK} } } } }`;
    expect(await bench.owner.data(query, { id: job.run.id })).toMatchObject({
      node: { inputChecks: [{ check: { state: 'CHANGED', digest: sha256('a\n4\n') } }] },
    });
  });

  it('hides what was found of a version that is hidden', async () => {
    const { bench, version } = await published('a\n5\n');
    const job = await bench.runToEnd(node(LEAVES_A_MODEL), { inputs: [version] });
    const hide = 'mutation ($input: UpdateAssetInput!) { updateAsset(input: $input) { asset { id } } }';
    await bench.owner.data(hide, { input: { ref: bench.data.id, visibility: 'RESTRICTED' } });
    const other = await server.user();
    const { node: model, trainedOn } = await other.data<Omit<Told, 'reproduce'>>(ASKED, { id: job.modelVersion?.id });
    expect(model.generatedBy.inputChecks).toEqual([]);
    expect(model.provenance.edges.map(({ check }) => check)).toEqual([null, null]);
    expect(trainedOn.edges).toEqual([]);
  });
});
