import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LineageReceiver, schemaFaults } from '../../support/lineage-receiver.js';
import { WeftCommand } from '../../support/weft-command.js';

const TARGET = join(import.meta.dirname, '../../fixtures/dbt/v12');
const SHOP = join(import.meta.dirname, '../../fixtures/dbt/shop');
const PROFILE = ['--profiles-dir', SHOP, '--profile', 'shop'];

let weft: WeftCommand;
let receiver: LineageReceiver;
let folder: string;

beforeAll(async () => {
  weft = await WeftCommand.build();
  folder = mkdtempSync(join(tmpdir(), 'weftline-import-'));
});
afterAll(() => {
  weft.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  receiver = await new LineageReceiver().start();
});
afterEach(() => receiver.stop());

const settings = (): Record<string, string> => ({ WEFTLINE_URL: receiver.url.href, WEFTLINE_TOKEN: 'a-token' });

describe('npx weft import dbt', () => {
  it('sends what dbt wrote, and the second time the same', async () => {
    const first = await weft.run(['import', 'dbt', TARGET, ...PROFILE], settings());
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^28 of 28 events were taken/);
    const sent = JSON.stringify(receiver.events);
    expect(schemaFaults(receiver.events)).toEqual([]);
    receiver.events.length = 0;
    await weft.run(['import', 'dbt', TARGET, ...PROFILE], settings());
    expect(JSON.stringify(receiver.events)).toBe(sent);
  });

  it('takes server and token from options, and names jobs as it is told', async () => {
    const file = join(folder, 'token');
    writeFileSync(file, 'from-a-file\n');
    const args = [
      '--server',
      receiver.url.href,
      '--token-file',
      file,
      '--dataset-namespace',
      'x',
      '--job-namespace',
      'j',
    ];
    expect((await weft.run(['import', 'dbt', TARGET, ...args])).code).toBe(0);
    expect(receiver.requests[0]?.authorization).toBe('Bearer from-a-file');
    expect(new Set(receiver.events.flatMap(({ job }) => job?.namespace ?? []))).toEqual(new Set(['j']));
    expect(receiver.events[0]?.dataset?.namespace).toBe('x');
  });

  it('prints the events and sends nothing when it is to show them', async () => {
    const shown = await weft.run(['import', 'dbt', TARGET, ...PROFILE, '--dry-run']);
    const events = shown.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect([shown.code, events.length, receiver.requests]).toEqual([0, 28, []]);
  });

  it('says what was refused, and ends with 1', async () => {
    const refusal = { index: 0, reason: 'not yours', retriable: false };
    receiver.replies.push({ status: 200, body: { status: 'partial_success', failed_events: [refusal] } });
    const outcome = await weft.run(['import', 'dbt', TARGET, ...PROFILE], settings());
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/^27 of 28 events/);
    expect(outcome.stderr).toBe('Refused: the data set shop.main.events: not yours\n');
  });

  it.each([
    [[], 2, /target folder is missing/],
    [[TARGET, TARGET], 2, /is another/],
    [[TARGET, '--nothing'], 2, /--nothing/],
    [['/no/such/folder'], 2, /there is no such file or folder/],
    [[join(TARGET, 'manifest.json')], 2, /a folder is wanted/],
    [[SHOP], 1, /manifest\.json: there is no such file/],
    [[TARGET, '--server', 'ftp://x'], 2, /must be an address/],
    [[TARGET, '--server', 'http://user:hush@x'], 2, /without a token in it/],
    [[TARGET, '--profiles-dir', '/nowhere'], 1, /--dataset-namespace/],
  ])('is told how it is called, or what is missing: %j', async (args, code, told) => {
    const outcome = await weft.run(['import', 'dbt', ...args], settings());
    expect(outcome.stderr).toMatch(told);
    expect(outcome.code).toBe(code);
    expect(outcome.stderr).not.toMatch(/hush|a-token/);
    expect(receiver.requests).toEqual([]);
  });

  it('asks for a server and a token', async () => {
    const nowhere = await weft.run(['import', 'dbt', TARGET]);
    expect([nowhere.code, nowhere.stderr]).toEqual([2, expect.stringMatching(/^There is no server/)]);
    const outcome = await weft.run(['import', 'dbt', TARGET, '--server', 'http://127.0.0.1:1']);
    expect([outcome.code, outcome.stderr]).toEqual([2, expect.stringMatching(/^There is no token/)]);
  });
});
