import 'reflect-metadata';
import { everydayStatements } from '../everyday.statements.js';
import { asSent } from '../neo4j/parameter-map.js';
import { failWhenOutputIsLost, runMain } from '../run-main.js';
import { describeParameters, type DescribedParameter } from './cypher-parameters.js';

const USAGE = `npm run cypher -- NAME [--all]
Prints the statement of that name as Neo4j gets it, with what its parameters mean, for whoever tunes it: put EXPLAIN or PROFILE
before it. One that is made for several shapes of a question has a text for each: --all prints them too. Without NAME: all names.
`;

/** `npm run cypher -- lineage.page`: connects to nothing. */
function main(args: readonly string[]): void {
  const [wanted, ...more] = args.filter((arg) => arg !== '--all');
  if (args.includes('--help') || args.includes('-h')) process.stdout.write(USAGE);
  else if (more.length > 0) refuse(USAGE);
  else print(wanted ?? null, args.includes('--all'));
}

function print(wanted: string | null, all: boolean): void {
  const texts = everydayStatements().map((cypher) => ({ name: nameOf(cypher), cypher }));
  const names = [...new Set(texts.map(({ name }) => name))].sort();
  const found = texts.filter(({ name }) => name === wanted);
  if (wanted === null) process.stdout.write(`${names.join('\n')}\n`);
  else if (found.length === 0) refuse(`There is no statement ${wanted}. ${nearest(wanted, names)}\n`);
  else process.stdout.write(shown(found, all));
}

function shown(found: readonly { cypher: string }[], all: boolean): string {
  const some = all ? found : found.slice(0, 1);
  const rest = found.length - some.length;
  const more = rest > 0 ? `\n${rest} more text(s) of this name, for other shapes of the question: --all.\n` : '';
  return `${some.map(({ cypher }) => `${asSent(cypher)}\n\n${parametersOf(cypher)}`).join('\n\n')}${more}`;
}

const nameOf = (cypher: string): string => /^\/\/ (\S+)/.exec(cypher)?.[1] ?? '';

/** As a comment, so that the whole can be handed to Neo4j. */
function parametersOf(cypher: string): string {
  const described = describeParameters(cypher);
  if (described.length === 0) return '// No parameters.\n';
  return `// Parameters, all within the map $p:\n${described.map(lineOf).join('')}`;
}

function lineOf({ name, members, meaning }: DescribedParameter): string {
  const read = members.length === 0 ? '' : ` (.${members.join(', .')})`;
  return `//   ${name}${read}: ${meaning ?? 'not described'}\n`;
}

function nearest(wanted: string, names: readonly string[]): string {
  const [feature = ''] = wanted.split('.');
  const close = names.filter((name) => name.startsWith(`${feature}.`) || name.endsWith(`.${wanted}`));
  return close.length === 0 ? 'Without a name, all names are printed.' : `There are: ${close.join(', ')}.`;
}

function refuse(text: string): void {
  process.stderr.write(text);
  process.exitCode = 2;
}

failWhenOutputIsLost();
await runMain(() => Promise.resolve(process.argv.slice(2)).then(main));
