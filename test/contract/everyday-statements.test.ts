import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ACCOUNTING } from '../../src/audit/record/record.js';
import { everydayStatements } from '../../src/everyday.statements.js';

const SRC = join(import.meta.dirname, '../../src');
/** Those of migrations run before a server serves. */
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.cypher.ts') && !file.startsWith('neo4j/'),
);

function statementsIn(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('// ') ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(statementsIn) : [];
}

it.each(files)('the statements of %s are planned ahead', async (file) => {
  const planned = new Set(everydayStatements());
  const missing = statementsIn({ ...((await import(join(SRC, file))) as object) }).filter((each) => !planned.has(each));
  expect(missing.map((each) => each.split('\n')[0])).toEqual([]);
});

it('no statement is planned ahead twice, and none is empty', () => {
  const all = everydayStatements();
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((each) => /^\/\/ \w+\.\w+\n/.test(each))).toBe(true);
  expect(all.length).toBeGreaterThan(200);
});

it('whoever seals the log is woken by every statement that adds to it', () => {
  const adding = everydayStatements().filter((each) => /CREATE \(\w*:AuditEntry\b/.test(each));
  expect(new Set(adding.map((each) => /^\/\/ (\S+)/.exec(each)?.[1]))).toEqual(ACCOUNTING);
});
