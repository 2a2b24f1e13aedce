import type { Report, ReportResult, ReportStatus } from './result.js';

const LEVELS: Readonly<Record<ReportStatus, string>> = { pass: 'none', note: 'none', warn: 'warning', fail: 'error' };

/** As SARIF 2.1.0, which code hosts show beside the lines: what passed is told as such, so that its alert is closed. */
export function sarifOf({ command, results, rules }: Report): object {
  const ids = [...new Set([...rules.keys(), ...results.map(({ rule }) => rule)])];
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: `weft ${command}`,
            rules: ids.map((id) => ({ id, shortDescription: { text: rules.get(id) ?? id } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: results.map((result) => resultOf(result, ids)),
      },
    ],
  };
}

function resultOf({ rule, name, status, message, place }: ReportResult, ids: readonly string[]): object {
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    kind: status === 'pass' ? 'pass' : status === 'note' ? 'informational' : 'fail',
    // The standard wants `none` of all that is no failure.
    level: LEVELS[status],
    message: { text: message === '' ? name : `${name}: ${message}` },
    locations: place === null ? [] : [{ physicalLocation: locationOf(place) }],
  };
}

function locationOf({ file, line, column }: NonNullable<ReportResult['place']>): object {
  const artifactLocation = { uri: file.split(/[\\/]/).map(encodeURIComponent).join('/') };
  if (line === null) return { artifactLocation };
  return { artifactLocation, region: { startLine: line, ...(column === null ? {} : { startColumn: column }) } };
}
