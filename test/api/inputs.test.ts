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
