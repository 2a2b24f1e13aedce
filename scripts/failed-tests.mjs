// Names what failed in a report of vitest's JSON reporter, one line each: `node scripts/failed-tests.mjs <report>`.
// A file with many failures most often has one cause, so each file shows its first ones and counts the rest.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const SHOWN_IN_A_FILE = 3;
const LINE_LENGTH = 300;

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const oneLine = (text) =>
  text
    .replace(/\u001B\[[0-9;]*m/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, LINE_LENGTH);

for (const file of report.testResults) {
  const wrong = file.assertionResults.filter(({ status }) => status !== 'passed');
  if (wrong.length === 0 && file.status === 'passed') continue;
  console.log(`${relative(process.cwd(), file.name)}: ${wrong.length} of ${file.assertionResults.length} tests`);
  if (file.message) console.log(`  ${oneLine(file.message)}`);
  for (const test of wrong.slice(0, SHOWN_IN_A_FILE)) {
    console.log(`  ${test.status}: ${oneLine(test.fullName)}`);
    if (test.failureMessages?.length) console.log(`    ${oneLine(test.failureMessages[0])}`);
  }
  if (wrong.length > SHOWN_IN_A_FILE) console.log(`  and ${wrong.length - SHOWN_IN_A_FILE} more`);
}
