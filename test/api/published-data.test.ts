/** What a version says of its bytes is held against them, where the server may read them. */
import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Seed } from '../support/seed.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const PUBLISH = `mutation ($input: PublishDatasetVersionInput!) { publishDatasetVersion(input: $input) { datasetVersion {
  digest uri rowCount bytes contentCheck { state note at } dataset { revision fields { name type } } } } }`;
const CSV = 'id,name,"amount, €",day\n1,"Ada\n""L""",0.5,2024-02-29\n2,Grace,3,2024-03-01\n';
const HEX = '0'.repeat(64);

interface Made {
  digest: string | null;
  uri: string | null;
  rowCount: number | null;
  bytes: number | null;
  contentCheck: { state: string; note: string | null; at: string | null };
  dataset: { revision: number; fields: { name: string; type: string | null }[] };
}

let root: string;
let open: string;
let server: TestWeftline;
let owner: Client;
let seed: Seed;
let count = 0;

beforeAll(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-published-')));
  open = join(root, 'open');
  for (const folder of ['open', 'open/closed', 'theirs', 'secret']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'secret', 'in.csv'), CSV);
  const folders = `${open},nobody.else=${join(root, 'theirs')},nobody.else=${join(open, 'closed')}`;
  server = await startTestWeftline({ environment: { WEFTLINE_DATA_FOLDERS: folders } });
  owner = await server.user();
  seed = new Seed(owner, server.namespace);
});

afterAll(async () => {
  await server.stop();
  rmSync(root, { recursive: true, force: true });
});

function write(content: string, name = `in-${(count += 1)}.csv`): string {
  const path = join(open, name);
  writeFileSync(path, content);
  return path;
}

async function inputOf(more: Record<string, unknown>, about = {}): Promise<{ input: Record<string, unknown> }> {
  const { id } = await seed.dataset(`data-${(count += 1)}`, about);
  return { input: { dataset: id, version: '1', ...more } };
}

async function publish(more: Record<string, unknown>, about = {}): Promise<Made> {
  const answer = await owner.data<{ publishDatasetVersion: { datasetVersion: Made } }>(
    PUBLISH,
    await inputOf(more, about),
  );
  return answer.publishDatasetVersion.datasetVersion;
}

const refused = async (more: Record<string, unknown>) => owner.error(PUBLISH, await inputOf(more));

describe('a version of a file that the server may read', () => {
  it('is filled in: location, size, digest, rows and columns', async () => {
    const path = write(CSV);
    expect(await publish({ uri: path })).toMatchObject({
      uri: pathToFileURL(path).href,
      digest: sha256(CSV),
      bytes: Buffer.byteLength(CSV),
      rowCount: 2,
      contentCheck: { state: 'VERIFIED', note: null },
      dataset: {
        fields: [
          { name: 'id', type: 'integer' },
          { name: 'name', type: 'string' },
          { name: 'amount, €', type: 'decimal' },
          { name: 'day', type: 'date' },
        ],
      },
    });
  });

  it('is the same in every spelling', async () => {
    const path = write(CSV, 'ä #1?.csv');
    const { href } = pathToFileURL(path);
    const spellings = [
      path,
      href,
      href.replace('file:', 'FILE:'),
      href.replace('file://', 'file://localhost'),
      `file:${href.slice(7)}`,
    ];
    for (const uri of [...spellings, join(open, 'closed', '..').concat('/closed/../ä #1?.csv')])
      expect(await publish({ uri }), uri).toMatchObject({ uri: href, digest: sha256(CSV) });
  });

  it.each([
    ['digest', { digest: `sha256:${HEX}` }, [`sha256:${HEX}`, sha256(CSV)]],
    ['bytes', { bytes: 3 }, ['3', String(Buffer.byteLength(CSV))]],
    ['rowCount', { rowCount: 3 }, ['3', '2']],
  ])('is refused with another %s, and both are told', async (what, more, told) => {
    const { extensions, message } = await refused({ uri: write(CSV), ...more });
    expect(extensions.code).toBe('BAD_USER_INPUT');
    for (const each of [what, ...told]) expect(message).toContain(each);
  });

  it('is compared by the algorithm of its own digest, and verified only by a strong one', async () => {
    const path = write(CSV);
    const by = (name: string): string => `${name}:${createHash(name).update(CSV).digest('hex')}`;
    expect(await publish({ uri: path, digest: by('sha512') })).toMatchObject({ contentCheck: { state: 'VERIFIED' } });
    expect(await publish({ uri: path, digest: by('md5') })).toMatchObject({ contentCheck: { state: 'NOT_VERIFIED' } });
    expect((await refused({ uri: path, digest: `sha512:${HEX}${HEX}` })).extensions.code).toBe('BAD_USER_INPUT');
    const unknown = await publish({ uri: path, digest: `blake3:${HEX}` });
    expect(unknown).toMatchObject({ digest: `blake3:${HEX}`, contentCheck: { state: 'NOT_VERIFIED' } });
  });

  it('keeps the fields that the data set has', async () => {
    const { dataset } = await publish({ uri: write(CSV) }, { fields: [{ name: 'own', type: 'int64' }] });
    expect(dataset.fields).toEqual([{ name: 'own', type: 'int64' }]);
  });

  it.each([
    ['empty', '', { rowCount: 0, bytes: 0, digest: sha256('') }, []],
    ['of columns twice', 'a,a\n1,2\n', { rowCount: 1 }, []],
    ['without a header', '1,2\n3,4\n', { rowCount: null }, []],
    ['of rows of all lengths', 'a,b\n1\n', { rowCount: null }, []],
    ['with a byte order mark', '\ufeffa\n1\n', { rowCount: 1 }, [{ name: 'a', type: 'integer' }]],
  ])('has as many rows and columns as can be told: %s', async (_, content, wanted, fields) => {
    expect(await publish({ uri: write(content) })).toMatchObject({ ...wanted, dataset: { fields } });
  });

  it('has no rows where it is no CSV, unless its data set says so', async () => {
    expect(await publish({ uri: write(CSV, 'rows.bin') })).toMatchObject({ rowCount: null, digest: sha256(CSV) });
    expect(await publish({ uri: write(CSV, 'more.bin') }, { format: 'CSV' })).toMatchObject({ rowCount: 2 });
    expect(await publish({ uri: write(CSV) }, { format: 'parquet' })).toMatchObject({ rowCount: null });
  });

  it('may be a folder', async () => {
    mkdirSync(join(open, 'parts', 'day=1'), { recursive: true });
    writeFileSync(join(open, 'parts', 'day=1', 'p.csv'), 'one');
    const digest = sha256(`${sha256('one').slice(7)}  day=1/p.csv\n`);
    expect(await publish({ uri: `${join(open, 'parts')}/` })).toMatchObject({ digest, bytes: 3, rowCount: null });
  });

  it('is refused when it is not there', async () => {
    for (const uri of [join(open, 'none.csv'), join(open, 'no', 'folder.csv')])
      expect(await refused({ uri })).toMatchObject({
        extensions: { code: 'BAD_USER_INPUT' },
        message: expect.stringContaining('not there') as string,
      });
  });

  it('is published as not verified when it is no file, and nobody waits for it', async () => {
    execFileSync('mkfifo', [join(open, 'pipe.csv')]);
    expect(await publish({ uri: join(open, 'pipe.csv'), digest: sha256('x') })).toMatchObject({
      digest: sha256('x'),
      contentCheck: { state: 'NOT_VERIFIED' },
    });
  });

  it('of a model is filled in as well', async () => {
    const model = await seed.model('ranker');
    const query = `mutation ($input: PublishModelVersionInput!) { publishModelVersion(input: $input) { modelVersion {
      digest bytes contentCheck { state } } } }`;
    const answer = await owner.data(query, {
      input: { model: model.id, version: '1', uri: write('weights', 'w.csv') },
    });
    const modelVersion = { digest: sha256('weights'), bytes: 7, contentCheck: { state: 'VERIFIED' } };
    expect(answer).toEqual({ publishModelVersion: { modelVersion } });
  });
});

describe('what the server may not read', () => {
  it('tells nothing of itself: there or not, linked to or not, true or not', async () => {
    const links = ['there.csv', 'gone.csv', 'folder', 'loop'].map((name) => join(open, name));
    const targets = [
      join(root, 'secret', 'in.csv'),
      join(root, 'secret', 'none.csv'),
      join(root, 'secret'),
      join(open, 'loop'),
    ];
    links.forEach((link, index) => symlinkSync(targets[index] ?? '', link));
    const paths = [
      ...[join(root, 'secret', 'in.csv'), join(root, 'secret', 'none.csv'), join(root, 'secret')],
      ...[`${open}/../secret/in.csv`, `${open}-more/in.csv`, '/etc/passwd', '/proc/self/environ', '/dev/zero'],
      ...[join(root, 'theirs', 'in.csv'), join(open, 'closed', 'in.csv')],
      ...[...links, join(open, 'folder', 'in.csv'), join(open, 'folder', 'none.csv')],
    ];
    const answers = await Promise.all(
      paths.map((uri) => publish({ uri, digest: `sha256:${HEX}`, bytes: 1, rowCount: 1 })),
    );
    for (const [index, answer] of answers.entries()) {
      const { digest, bytes, rowCount, contentCheck, dataset } = answer;
      expect({ digest, bytes, rowCount, fields: dataset.fields }, paths[index]).toEqual({
        digest: `sha256:${HEX}`,
        bytes: 1,
        rowCount: 1,
        fields: [],
      });
      expect(contentCheck, paths[index]).toEqual({
        state: 'NOT_VERIFIED',
        note: answers[0]?.contentCheck.note,
        at: null,
      });
    }
  });

  it('is not looked at for who may not publish there', async () => {
    const { input } = await inputOf({ uri: write(CSV), digest: `sha256:${HEX}` });
    const stranger = await server.user();
    expect((await stranger.error(PUBLISH, { input })).extensions.code).toBe('FORBIDDEN');
  });

  it('is told of an object store', async () => {
    expect(await publish({ uri: 's3://bucket/in.csv', digest: sha256('x') })).toMatchObject({
      uri: 's3://bucket/in.csv',
      contentCheck: { state: 'NOT_VERIFIED' },
    });
  });

  it.each([
    'data/in.csv',
    'C:\\in.csv',
    'file://elsewhere/in.csv',
    'file:///data/a#b.csv',
    'file:in.csv',
    '/data/a\0b',
    '',
  ])('is refused with the form wanted when it is no location: %j', async (uri) => {
    const { extensions, message } = await refused({ uri });
    expect(extensions.code).toBe('BAD_USER_INPUT');
    expect(message).toContain('file:///data/in.csv');
  });
});

describe('data that takes long to read', () => {
  it('is told to change while somebody writes there', async () => {
    const path = write(`a\n${'1\n'.repeat(2_000_000)}`);
    const input = await inputOf({ uri: path });
    const writing = { goesOn: true };
    const answer = owner.error(PUBLISH, input).finally(() => (writing.goesOn = false));
    while (writing.goesOn) {
      appendFileSync(path, '1\n');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await answer).extensions.code).toBe('CONFLICT');
  });
});

describe('a server that names no folders for data', () => {
  it('reads none', async () => {
    const other = await startTestWeftline();
    const client = await other.user();
    const dataset = (await new Seed(client, other.namespace).dataset('closed')).id;
    const answer = await client.data(PUBLISH, { input: { dataset, version: '1', uri: write(CSV) } });
    await other.stop();
    expect(answer).toMatchObject({
      publishDatasetVersion: { datasetVersion: { digest: null, contentCheck: { state: 'NOT_VERIFIED', at: null } } },
    });
  });
});
