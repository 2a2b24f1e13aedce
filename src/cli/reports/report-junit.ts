import { placeText, type Report, type ReportResult } from './result.js';

/** As JUnit XML, which CI systems show as tests: what is wrong fails, and everything else passes. */
export function junitOf({ command, results }: Report): string {
  const failures = results.filter(({ status }) => status === 'fail').length;
  const name = attribute(`weft ${command}`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name=${name} tests="${results.length}" failures="${failures}" errors="0">
  <testsuite name=${name} tests="${results.length}" failures="${failures}" errors="0" skipped="0">
${results.map(caseOf).join('')}  </testsuite>
</testsuites>
`;
}

function caseOf(result: ReportResult): string {
  const { name, rule, status, message, place } = result;
  const file =
    place === null ? '' : ` file=${attribute(place.file)}${place.line === null ? '' : ` line="${place.line}"`}`;
  const head = `    <testcase name=${attribute(name)} classname=${attribute(rule)}${file}`;
  if (status === 'pass') return `${head}/>\n`;
  const text = escaped([placeText(result), message].filter((part) => part !== '').join(': '));
  if (status === 'fail')
    return `${head}>\n      <failure message=${attribute(message)}>${text}</failure>\n    </testcase>\n`;
  return `${head}>\n      <system-out>${text}</system-out>\n    </testcase>\n`;
}

const attribute = (text: string): string =>
  `"${escaped(text)
    .replaceAll('"', '&quot;')
    .replace(/[\t\n\r]/g, ' ')}"`;

/** XML has no word for most control characters, nor for half a surrogate pair: they are left out. */
function escaped(text: string): string {
  const allowed = text.toWellFormed().replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
  return allowed.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
