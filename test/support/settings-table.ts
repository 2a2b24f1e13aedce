import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { settings } from '../../src/config/settings.js';

const PAGE = join(import.meta.dirname, '../../docs/configuration.md');
const BEGIN = '<!-- settings: made by `npx tsx test/support/write-settings-table.ts` -->\n\n';
const END = '\n<!-- end of settings -->';

/** The table of all environment variables as src/config/settings.ts has them, in Markdown as prettier writes it. */
export function settingsTable(): Promise<string> {
  const rows = Object.entries(settings).map(([name, schema]) => {
    const value = schema.parse(undefined);
    const byDefault = value === undefined ? 'none' : `\`${String(value)}\``;
    return `| \`${name}\` | ${byDefault} | ${schema.description ?? ''} |`;
  });
  return format(['| Variable | Default | Meaning |', '| --- | --- | --- |', ...rows].join('\n'), {
    parser: 'markdown',
  });
}

/** The table as the page has it. Throws when the page has no place for it. */
export function tableInPage(): string {
  const { text, from, to } = findTable();
  return text.slice(from, to);
}

/** Puts the table into the page in place of the one there. */
export async function writeSettingsTable(): Promise<void> {
  const { text, from, to } = findTable();
  writeFileSync(PAGE, text.slice(0, from) + (await settingsTable()) + text.slice(to));
}

function findTable(): { text: string; from: number; to: number } {
  const text = readFileSync(PAGE, 'utf8');
  const begin = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (begin < 0 || to < begin)
    throw new Error('docs/configuration.md has lost the comments around its table of settings.');
  return { text, from: begin + BEGIN.length, to };
}
