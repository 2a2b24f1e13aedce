/** The server as people run it, on a machine that fails it: no more files, a disk that can only be read, a log that takes no line. */
import { closeSync, openSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findFreePort } from '../../src/neo4j/embedded/process.js';
import { type FullDisk, fullDisk } from '../support/full-disk.js';
import { allowFilesAgain, allowNoMoreFiles, canLimitFiles } from '../support/open-files.js';
import { ServerProcess } from '../support/server-process.js';
import { sharedEnvironment, startTestWeftline, testKeyFile, type TestWeftline } from '../support/weftline.js';

let disk: FullDisk;
let environment: Record<string, string>;
let beside: TestWeftline;
let server: ServerProcess;
let token: string | null;
/** Kept open: whoever may open no more files takes no new connection either. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

beforeAll(async () => {
  beside = await startTestWeftline();
  ({ token } = await beside.user());
  disk = fullDisk(16);
  environment = {
    ...sharedEnvironment(),
    WEFTLINE_MIN_FREE_BYTES: '0',
    WEFTLINE_AUDIT_KEY_FILE: testKeyFile(disk.path),
    WEFTLINE_HOME: join(disk.path, 'home'),
  };
  server = await ServerProcess.start(join(disk.path, 'home'), environment);
});

afterAll(async () => {
  disk.free();
  agent.destroy();
  await server.kill('SIGTERM');
  await beside.stop();
  disk.remove();
});

interface Answer {
  status: number;
  body: { reason?: string; data?: unknown; errors?: { extensions: { code: string } }[] };
}

function call(address: string, path: string, query?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = query === undefined ? 'GET' : 'POST';
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token ?? ''}` };
    const asked = request(`${address}${path}`, { agent, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Answer['body'] }));
    });
    asked.on('error', reject).end(query === undefined ? undefined : JSON.stringify({ query }));
  });
}

const readiness = (): Promise<Answer> => call(server.address, '/readyz');
/** Others share the database, and what they do to its log may be another reason not to be ready. */
const whyNotReady = async (): Promise<string> => (await readiness()).body.reason ?? '';
const LAUNCHERS = '{ launchers { name available message } }';

/** What is said of the launcher; null where the question itself finds no connection to the database. */
async function local(): Promise<{ available: boolean; message: string | null } | null> {
  const { body } = await call(server.address, '/graphql', LAUNCHERS);
  if (codesOf(body).length > 0) return null;
  const { launchers } = body.data as { launchers: { name: string; available: boolean; message: string | null }[] };
  const { available, message } = launchers.find(({ name }) => name === 'local') ?? { available: false, message: null };
  return { available, message };
}

const codesOf = ({ errors }: Answer['body']): string[] => (errors ?? []).map(({ extensions }) => extensions.code);

/**
 * While it fails so, both say why, what is asked is answered or refused as UNAVAILABLE (a connection to the database is a file
 * too), and all is well again by itself.
 */
async function failsSaying(why: string, mend: () => void): Promise<void> {
  try {
    const reason = `cannot be written to: ${why}. What waits for it goes on by itself`;
    await expect.poll(whyNotReady).toContain(reason);
    expect((await readiness()).status).toBe(503);
    await expect.poll(local).toEqual({ available: false, message: expect.stringContaining(why) as string });
    const codes = [];
    for (let times = 0; times < 20; times += 1)
      codes.push(...codesOf((await call(server.address, '/graphql', '{ assets(first: 1) { totalCount } }')).body));
    expect(codes.filter((code) => code !== 'UNAVAILABLE')).toEqual([]);
  } finally {
    mend();
  }
  await expect.poll(whyNotReady).not.toContain('cannot be written to');
  await expect.poll(local).toEqual({ available: true, message: null });
}

it.runIf(canLimitFiles)('may open no more files', async () => {
  expect(await whyNotReady()).not.toContain('cannot be written to');
  await Promise.all(Array.from({ length: 5 }, () => local()));
  allowNoMoreFiles(server.pid);
  await failsSaying('too many files are open', () => allowFilesAgain(server.pid));
});

it('has a disk that can only be read', async () => {
  expect(await local()).toEqual({ available: true, message: null });
  await failsSaying(disk.lock(), () => disk.free());
});

it.runIf(process.platform === 'linux')('says nothing that is ever read, and serves all the same', async () => {
  const output = openSync('/dev/full', 'w');
  const port = await findFreePort();
  const more = { WEFTLINE_HOME: join(disk.path, 'unheard'), WEFTLINE_PORT: String(port), WEFTLINE_LOG_LEVEL: 'debug' };
  const unheard = ServerProcess.spawn({ ...environment, ...more }, output);
  closeSync(output);
  const address = `http://127.0.0.1:${port}`;
  await expect
    .poll(
      () =>
        call(address, '/readyz').then(
          ({ status }) => status,
          () => 0,
        ),
      { timeout: 60_000 },
    )
    .toBeGreaterThan(0);
  for (let times = 0; times < 50; times += 1)
    expect((await call(address, '/graphql', '{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
  expect(await unheard.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(unheard.output).toBe('');
});
