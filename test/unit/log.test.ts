import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openLog } from '../../src/log.js';
import { fullDisk } from '../support/full-disk.js';

const LINE = 'x'.repeat(1_000);

it('The log goes on by itself after its disk was full, and says how many lines were lost', async () => {
  const disk = fullDisk(4);
  const file = join(disk.path, 'server.log');
  const descriptor = openSync(file, 'a', 0o600);
  try {
    const log = openLog('info', descriptor);
    log.info('before');
    disk.fill();
    for (let line = 0; line < 3_000; line += 1) log.info(LINE);
    disk.free();
    log.info(LINE);
    await nextTurn();
    log.info(`and after ${LINE}`);
  } finally {
    closeSync(descriptor);
  }
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const told = lines.map((line) => JSON.parse(line) as { msg: string; lines?: number; why?: string });
  disk.remove();
  const words = told.map(({ msg }) => msg);
  const kept = words.filter((msg) => msg === LINE).length;
  expect([words[0], words.at(-1)]).toEqual(['before', `and after ${LINE}`]);
  const losses = told.filter(({ msg }) => msg.startsWith('Lines of this log were lost'));
  // The line that finds that there is room again is the last that is lost.
  const lost = 3_001 - kept;
  expect(losses).toEqual([expect.objectContaining({ lines: lost, why: disk.says })]);
  expect(kept).toBeGreaterThan(500);
});

it('A log that can never be written stops nothing, and keeps little in memory', () => {
  const descriptor = openSync('/dev/full', 'w');
  const log = openLog('info', descriptor);
  const before = process.memoryUsage().rss;
  for (let line = 0; line < 100_000; line += 1) log.info(LINE);
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  closeSync(descriptor);
});
