import { mkdtempSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PublishedData } from '../../src/catalog/versions/published-data.policy.js';
import { DataFolders } from '../../src/disk/data-folders.js';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'weftline-published-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOTHING_SAID = { digest: null, bytes: null, rowCount: null };
const about = (path: string) => ({ namespace: 'any', path, table: 'csv' as const });

it('data that takes longer than a publisher waits is not verified, and has its size', async () => {
  const path = join(folder, 'huge.csv');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 43);
  const data = new PublishedData(new DataFolders([{ path: folder, namespace: null }], []), () => new Date(), 50);
  const all = await Promise.all(Array.from({ length: 5 }, () => data.look(NOTHING_SAID, about(path))));
  for (const seen of all)
    expect(seen).toMatchObject({ digest: null, bytes: 2n ** 43n, fields: null, check: { state: 'NOT_VERIFIED' } });
  await expect(data.look({ ...NOTHING_SAID, bytes: 1n }, about(path))).rejects.toThrow('`bytes` is 1');
  // Those that were given up hold up nobody.
  writeFileSync(path, 'a\n1\n');
  const patient = new PublishedData(new DataFolders([{ path: folder, namespace: null }], []), () => new Date());
  expect(await patient.look(NOTHING_SAID, about(path))).toMatchObject({ rowCount: 1n, check: { state: 'VERIFIED' } });
});
