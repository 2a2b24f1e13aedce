import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsTable, tableInPage } from '../support/settings-table.js';

const ROOT = join(import.meta.dirname, '../..');
const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.md'),
);
const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'bench/README.md',
  ...docs.map((name) => join('docs', name)),
];
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Links to files, with the heading they name, by the page they lead to. */
function linksOf(page: string): { target: string; heading: string | undefined }[] {
  const links = [...read(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
  return links.map(([, target = '', heading]) => ({
    target: target === '' ? page : join(dirname(page), target),
    heading,
  }));
}

/** As the web shows them: lower case, no punctuation, a dash for a space. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('docs/configuration.md lists every environment variable with its default and meaning', async () => {
  const howToMend =
    'docs/configuration.md and src/config/settings.ts differ. Run: npx tsx test/support/write-settings-table.ts';
  expect(tableInPage(), howToMend).toBe(await settingsTable());
});

test.each(pages)('every link of %s leads to a file, and to a heading that is there', (page) => {
  const links = linksOf(page);
  expect(links.filter(({ target }) => !existsSync(join(ROOT, target))).map(({ target }) => target)).toEqual([]);
  const toHeadings = links.filter(({ target, heading }) => heading !== undefined && target.endsWith('.md'));
  const lost = toHeadings.filter(({ target, heading }) => !headingsOf(target).includes(heading ?? ''));
  expect(lost.map(({ target, heading }) => `${target}#${heading ?? ''}`)).toEqual([]);
});

test('the README is read in five minutes, and every page of docs stands in an index', () => {
  expect(statSync(join(ROOT, 'README.md')).size).toBeLessThan(8_192);
  const listed = (index: string): string[] => linksOf(index).map(({ target }) => target);
  const indexed = new Set([
    ...listed('docs/README.md'),
    ...listed('docs/adr/README.md'),
    ...listed('docs/launchers/README.md'),
  ]);
  const indices = ['docs/README.md', 'docs/adr/README.md'];
  expect(
    docs.map((name) => join('docs', name)).filter((page) => !indexed.has(page) && !indices.includes(page)),
  ).toEqual([]);
});

test('every decision says its status and since when', () => {
  const decisions = docs.filter((name) => /^adr\/\d{4}-/.test(name));
  expect(decisions.filter((name) => !/^Status: \w.*\d{4}-\d\d-\d\d/m.test(read(join('docs', name))))).toEqual([]);
});
