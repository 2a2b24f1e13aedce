import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { onceThereIsRoom } from '../../../src/launchers/runner/room.js';
import { RunFolder } from '../../../src/launchers/run-folder/run-folder.js';
import { systemError } from '../../support/disk-faults.js';

/** Finds no room so many times, and then some. */
function refused(times: number): () => Promise<string> {
  let tries = 0;
  return () => (++tries > times ? Promise.resolve('done') : Promise.reject(systemError('ENOSPC', 'write', 'room')));
}

it('A supervisor waits for a disk as long as it takes, and gives up soon only what it may', async () => {
  const path = mkdtempSync(join(tmpdir(), 'weftline-room-'));
  const run = new RunFolder(path);
  writeFileSync(run.order, '{}');
  try {
    const [waited, given] = await Promise.allSettled([
      onceThereIsRoom(run, refused(7)),
      onceThereIsRoom(run, refused(7), { mayGiveUp: () => true }),
    ]);
    expect(waited).toEqual({ status: 'fulfilled', value: 'done' });
    expect(given).toMatchObject({ status: 'rejected', reason: { code: 'ENOSPC' } });
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});
