import 'reflect-metadata';
import { type ExecutionResult, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { anonymous, systemActor } from '../src/auth/actor.js';
import { rules } from '../src/auth/rules.js';
import { allow, compileShield, type RuleTree } from '../src/auth/shield.js';
import { givenAttributes } from '../src/catalog/model/attributes.js';
import type { Asset } from '../src/catalog/model/asset.js';
import { unconnectedParts } from '../src/cli/unconnected.js';
import type { Context } from '../src/graphql/context.js';
import { Loaders } from '../src/graphql/loaders.js';
import { wire } from '../src/wiring/wire.js';
import { printTable, saveResults } from './results.js';

const NODES = 1_000;
const FIELDS = 10;
const ROUNDS = { warmUp: 100, measured: 400 };
/** What the issue allows the lock to cost. */
const ALLOWED = 1.2;

const LIST = parse(`{
  assets { nodes { id urn kind namespace name description tags visibility createdAt revision } }
}`);

/** As if each type had a rule of its own in place of `allow`: what dropping those saves. */
const EVERYWHERE: RuleTree = Object.fromEntries(
  Object.entries(rules).map(([type, fields]) => [
    type,
    Object.fromEntries(
      Object.entries(fields).map(([field, guard]) => [
        field,
        guard === allow ? { name: 'yes', check: () => true } : guard,
      ]),
    ),
  ]),
);

interface Candidate {
  name: string;
  schema: GraphQLSchema;
}

/**
 * What graphql-shield costs on a list of 1,000 nodes with 10 fields each: the schema of the product with its rules, and
 * the very same schema without them, run by graphql's execute in this process, in turn. The list is answered from memory
 * by a resolver that does nothing else, so that no database or decoding makes the share of the rules look smaller.
 */
export async function benchShield(): Promise<string> {
  const { candidates, context } = prepare();
  for (const { schema } of candidates) await requireAnswer(schema, context);
  await requireLocks(candidates, context);
  const times = candidates.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS.warmUp + ROUNDS.measured; round += 1) {
    // Whoever comes later in a round may meet the garbage of the one before: so the first place goes round.
    for (let turn = 0; turn < candidates.length; turn += 1) {
      const place = (round + turn) % candidates.length;
      const schema = candidates[place]?.schema;
      if (!schema) throw new Error('There is no such candidate.');
      const ms = await timeOf(schema, context);
      if (round >= ROUNDS.warmUp) times[place]?.push(ms);
    }
  }
  const medians = times.map(median);
  const results = candidates.map(({ name }, place) => ({
    name,
    p50Ms: round(medians[place] ?? Number.NaN),
    ofUnguarded: round((medians[place] ?? Number.NaN) / (medians[0] ?? Number.NaN)),
  }));
  printTable([['', 'p50 ms', 'ratio'], ...results.map((each) => [each.name, `${each.p50Ms}`, `${each.ofUnguarded}`])]);
  const ratio = results[1]?.ofUnguarded ?? Number.NaN;
  process.stdout.write(`The rules cost ${ratio} times the schema without them; ${ALLOWED} is allowed.\n`);
  if (!(ratio <= ALLOWED)) process.exitCode = 1;
  return saveResults('shield', { nodes: NODES, fields: FIELDS, rounds: ROUNDS, allowed: ALLOWED, results });
}

/** The product, wired as it is, but for the list; and its schema as it was before the rules were put on. */
function prepare(): { candidates: Candidate[]; context: () => Context } {
  const unguarded: GraphQLSchema[] = [];
  const weftline = wire(unconnectedParts(), (schema, tree) => {
    answerFromMemory(schema);
    unguarded.push(schema);
    return compileShield(schema, tree);
  });
  const [open] = unguarded;
  if (!open) throw new Error('The schema was not compiled.');
  const candidates = [
    { name: 'without rules', schema: open },
    { name: 'with the rules of the product', schema: weftline.schema },
    { name: 'with a rule on every field, to compare', schema: compileShield(open, EVERYWHERE).schema },
  ];
  const { feeds } = weftline;
  // A fresh one for each request, as the server makes it.
  const context = (): Context => ({
    actor: systemActor('bench'),
    admitted: null,
    loaders: new Loaders(),
    reach: () => Promise.resolve(),
    signal: new AbortController().signal,
    feeds,
  });
  return { candidates, context };
}

/** Replaces the resolver of `assets`: it answers rows that are there already. */
function answerFromMemory(schema: GraphQLSchema): void {
  const list = schema.getQueryType()?.getFields()['assets'];
  if (!list) throw new Error('The schema has no list of assets.');
  const nodes = Array.from({ length: NODES }, (_, index) => dataset(index));
  list.resolve = () => Promise.resolve({ nodes });
}

function dataset(index: number): Asset {
  const at = new Date(Date.UTC(2026, 0, 1) + index);
  return {
    __typename: 'Dataset',
    id: `01a20b38-0000-7000-8000-${String(index).padStart(12, '0')}`,
    urn: `urn:weft:dataset:lake:table-${index}`,
    kind: 'DATASET',
    namespace: 'lake',
    name: `table-${index}`,
    description: 'A table of the lake.',
    tags: ['bench', 'lake'],
    properties: {},
    visibility: 'DISCOVERABLE',
    visibilityInherited: false,
    ...{ createdAt: at, updatedAt: at, retiredAt: null, revision: 1 },
    ...givenAttributes('DATASET', { format: 'parquet' }),
    isJoined: false,
    symlinks: [],
    fieldsThen: null,
    ownersThen: null,
  };
}

/** Milliseconds of one execution, checked to be an answer. */
async function timeOf(schema: GraphQLSchema, context: () => Context): Promise<number> {
  const contextValue = context();
  const started = performance.now();
  const answer: ExecutionResult = await execute({ schema, document: LIST, contextValue });
  const ms = performance.now() - started;
  if (answer.errors) throw new Error(`The list was refused: ${answer.errors.join(', ')}`);
  return ms;
}

/** Throws unless the schema answers all nodes with all fields: else it would be quick for nothing. */
async function requireAnswer(schema: GraphQLSchema, context: () => Context): Promise<void> {
  const problems = validate(schema, LIST);
  if (problems.length > 0) throw new Error(problems.join(', '));
  const answer = await execute({ schema, document: LIST, contextValue: context() });
  const { nodes } = answer.data?.['assets'] as { nodes: object[] };
  const complete = nodes.every((node) => Object.values(node).filter((value) => value !== null).length === FIELDS);
  if (nodes.length !== NODES || !complete) throw new Error('The list is not complete.');
}

/** Throws unless the first schema answers whoever asks, and the others refuse who did not sign in. */
async function requireLocks(candidates: readonly Candidate[], context: () => Context): Promise<void> {
  const nobody = { ...context(), actor: anonymous({ requestId: 'bench', operation: 'bench' }) };
  for (const [place, { name, schema }] of candidates.entries()) {
    const answer = await execute({ schema, document: LIST, contextValue: { ...nobody } });
    if ((answer.errors === undefined) !== (place === 0)) throw new Error(`The schema ${name} is not what it is to be.`);
  }
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
