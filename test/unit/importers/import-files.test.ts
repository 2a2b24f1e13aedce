import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LineageReceiver, schemaFaults } from '../../support/lineage-receiver.js';
import { WeftCommand } from '../../support/weft-command.js';

let weft: WeftCommand;
let receiver: LineageReceiver;
let folder: string;

beforeAll(async () => {
  weft = await WeftCommand.build();
});
afterAll(() => weft.remove());
beforeEach(async () => {
  receiver = await new LineageReceiver().start();
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-import-files-')));
  for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, `${name}.csv`), 'id,name\n1,x\n');
});
afterEach(async () => {
  await receiver.stop();
  rmSync(folder, { recursive: true });
});

const run = (...args: string[]) =>
  weft.run(['import', 'files', ...args], { WEFTLINE_URL: receiver.url.href, WEFTLINE_TOKEN: 'a-token' });

describe('npx weft import files', () => {
  it('sends each file, and the second time the same', async () => {
    const outcome = await run(folder);
    expect(outcome).toMatchObject({ code: 0, stderr: '3 files were read, 0 could not be.\n' });
    expect(outcome.stdout).toMatch(/^3 of 3 events were taken/);
    expect(schemaFaults(receiver.events)).toEqual([]);
    const sent = JSON.stringify(receiver.events);
    receiver.events.length = 0;
    await run(folder);
    expect(JSON.stringify(receiver.events)).toBe(sent);
  });

  it('goes on after what it cannot read, names it on one line, and ends with 1', async () => {
    writeFileSync(join(folder, 'b\n.csv'), '');
    const outcome = await run(folder);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(`Not read: ${JSON.stringify(join(folder, 'b\n.csv'))}: it is empty.\n`);
    expect(receiver.events).toHaveLength(3);
  });

  it('reads no more than it may, and ends with 1', async () => {
    const outcome = await run(`${folder}/*.csv`, '--max-files', '2');
    expect([outcome.code, receiver.events.length]).toEqual([1, 2]);
    expect(outcome.stderr).toContain('1 more than --max-files 2 were left out.');
  });

  it('prints the events when it is to show them', async () => {
    const shown = await weft.run(['import', 'files', folder, '--dry-run']);
    expect([shown.code, shown.stdout.trim().split('\n').length]).toEqual([0, 3]);
  });

  it.each([
    [[], /folder or pattern is missing/],
    [['/no/such/folder'], /there is no such file or folder/],
    [['/tmp', '--max-files', '0'], /--max-files is a whole number/],
    [['/tmp', '--max-files', 'many'], /--max-files is a whole number/],
  ])('is told how it is called: %j', async (args, told) => {
    const outcome = await run(...args);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(told);
  });
});
