// Part of `npm run check`: no pattern in src may take longer than its input grows, for a request could be made to be slow.
// recheck judges each pattern, which takes it seconds for some, so those it has found linear are kept in
// linear-patterns.txt beside this file. `node scripts/check-regexes.mjs --write` judges new ones and keeps them;
// `--all` judges every one again.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const recordFile = join(root, 'scripts', 'linear-patterns.txt');
const [write, all] = ['--write', '--all'].map((flag) => process.argv.includes(flag));

const found = sourceFiles().flatMap(patternsIn);
const written = [...new Set(found.flatMap(({ written }) => written ?? []))].sort();
const recorded = new Set(readFileSync(recordFile, 'utf8').split('\n'));
const verdicts = new Map();
for (const pattern of written) if (all || !recorded.has(pattern)) verdicts.set(pattern, await judge(pattern));

const problems = found.flatMap(({ place, written, problem }) => {
  if (problem) return [`${place}: ${problem}`];
  const verdict = verdicts.get(written);
  if (verdict === undefined) return [];
  if (verdict !== 'linear') return [`${place}: ${written} is ${verdict}`];
  return write || recorded.has(written)
    ? []
    : [`${place}: ${written} is new: run "node scripts/check-regexes.mjs --write"`];
});
if (write && problems.length === 0) writeFileSync(recordFile, `${written.join('\n')}\n`);
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length === 0) process.stdout.write(`${written.length} patterns are linear.\n`);
process.exitCode = problems.length === 0 ? 0 : 1;

function sourceFiles() {
  return readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => join(root, 'src', name));
}

/** Every pattern of a file: literals, and what is given to RegExp and to the methods that make one of a text. */
function patternsIn(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const patterns = [];
  const visit = (node) => {
    const at = () => `${relative(root, file)}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`;
    if (ts.isRegularExpressionLiteral(node)) patterns.push({ place: at(), written: node.text });
    else if (isCallOfRegExp(node)) patterns.push({ place: at(), ...patternOf(node) });
    else if (isTextTakenAsPattern(node)) patterns.push({ place: at(), written: `/${node.arguments[0].text}/` });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return patterns;
}

function isCallOfRegExp(node) {
  return (
    (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
    /^(?:globalThis\.)?RegExp$/.test(node.expression.getText())
  );
}

/** `text.match('a+')` makes a pattern of a text as well. */
function isTextTakenAsPattern(node) {
  return (
    ts.isCallExpression(node) &&
    ts.isPropertyAccessExpression(node.expression) &&
    ['match', 'matchAll'].includes(node.expression.name.text) &&
    node.arguments.length === 1 &&
    ts.isStringLiteralLike(node.arguments[0])
  );
}

/** What stands in a template is taken for a plain letter: whoever puts text of others there has to escape it. */
function patternOf({ arguments: [pattern, flags] = [] }) {
  if (pattern && ts.isRegularExpressionLiteral(pattern)) return { written: pattern.text };
  const source = textOf(pattern);
  const suffix = flags === undefined ? '' : textOf(flags);
  return source === null || suffix === null
    ? { problem: 'cannot be checked: write the pattern where RegExp is called' }
    : { written: `/${new RegExp(source).source}/${suffix}` };
}

function textOf(node) {
  if (node === undefined) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map(({ literal }) => `x${literal.text}`).join('');
}

/** "linear", or what is wrong with it. Times count for nothing, so that it is the same on a busy machine. */
async function judge(pattern) {
  const { check } = await import('recheck');
  const end = pattern.lastIndexOf('/');
  const noClock = { timeout: null, attackTimeout: null, incubationTimeout: null, seedingTimeout: null };
  const judged = await check(pattern.slice(1, end), pattern.slice(end + 1), { ...noClock, randomSeed: 0 });
  if (judged.status === 'safe') return 'linear';
  if (judged.status === 'vulnerable') return `${judged.complexity.summary}, as for ${judged.attack.pattern}`;
  return `not judged: ${judged.error.kind}`;
}
