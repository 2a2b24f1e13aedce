import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsTable, tableInReadme } from '../support/settings-table.js';

const ROOT = join(import.meta.dirname, '../..');

test('the README lists every environment variable with its default and meaning', async () => {
  const howToMend = 'README.md and src/config.ts differ. Run: npx tsx test/support/write-settings-table.ts';
  expect(tableInReadme(), howToMend).toBe(await settingsTable());
});

test.each(['README.md', 'CONTRIBUTING.md', 'SECURITY.md'])('every link of %s to a file leads to one', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1] ?? '');
  expect(targets.filter((target) => !existsSync(join(ROOT, target)))).toEqual([]);
});
