import { UsageError } from '../calling/command.js';
import { junitOf } from './report-junit.js';
import { sarifOf } from './report-sarif.js';
import { placeText, type Report } from './result.js';

const OUTPUTS = ['table', 'json', 'junit', 'sarif'] as const;
export type Output = (typeof OUTPUTS)[number];

/** The value of `--output`, a table where it is not said. Throws UsageError. */
export function outputOf(given: string | undefined): Output {
  const output = OUTPUTS.find((each) => each === (given ?? 'table'));
  if (output === undefined)
    throw new UsageError(`--output is ${JSON.stringify(given)}; there are ${OUTPUTS.join(', ')}.`);
  return output;
}

/** The report as it is asked for, with the last line ended. */
export function written(report: Report, output: Output): string {
  switch (output) {
    case 'table':
      return tableOf(report);
    case 'json':
      return `${JSON.stringify(report.json, null, 2)}\n`;
    case 'junit':
      return junitOf(report);
    case 'sarif':
      return `${JSON.stringify(sarifOf(report), null, 2)}\n`;
  }
}

function tableOf({ results, summary }: Report): string {
  const rows = results.map((result) => [result.status.toUpperCase(), result.name, placeText(result), result.message]);
  const widths = [0, 1, 2].map((column) => Math.min(60, Math.max(0, ...rows.map((row) => row[column]?.length ?? 0))));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => oneLine(cell).padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...lines, ...summary].map((line) => `${line}\n`).join('');
}

/** Whatever a name or a message holds, it stays on its line. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
