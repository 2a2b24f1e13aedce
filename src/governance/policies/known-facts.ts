import { allFacts, type FactKinds } from './facts-schema.js';
import type { FactKind, Facts } from './facts.js';

/** What is known, as the engine takes it: what is not in it is unknown. */
export interface KnownContext {
  [name: string]: string | number | boolean | string[] | KnownContext;
}

const MOST_CHARACTERS = 20_000;
const MOST_CODES = 10_000;

/**
 * The facts that a schema declares and somebody knows; every record is there, however empty. `faults`: what is given as
 * another kind than the schema says, or is named as unknown and is no fact at all: nothing is decided by such a record.
 */
export function knownFacts(kinds: FactKinds, facts: Facts): { context: KnownContext; faults: string[] } {
  const { unknown, faults } = unknownNames(kinds, facts);
  const context: KnownContext = {};
  for (const [name, kind] of kinds) {
    const steps = name.split('.');
    const record = recordAt(context, steps.slice(0, -1));
    const value = valueAt(facts, steps);
    if (value === undefined || value === null || covers(unknown, name)) continue;
    const known = asKind(value, kind);
    if (known === null) faults.push(`The fact ${name} is ${shown(value)}, and the policies want ${WANTED[kind]}.`);
    else record[steps.at(-1) ?? ''] = known;
  }
  return { context, faults };
}

/** Whether a fact, by its name, is in there. */
export function isKnown(context: KnownContext, name: string): boolean {
  return valueAt(context, name.split('.')) !== undefined;
}

const ALL = new Set(allFacts().map(({ name }) => name));

/** What is named as unknown. A label of a dimension of the site is part of the one fact that tells these. */
function unknownNames(kinds: FactKinds, facts: Facts): { unknown: ReadonlySet<string>; faults: string[] } {
  if (!isRecord(facts) || !isCodes(facts.unknown))
    return { unknown: new Set(), faults: ['The facts do not say which are unknown.'] };
  const known = [...kinds.keys(), ...ALL];
  const faults: string[] = [];
  const unknown = facts.unknown.map((name) => {
    if (known.some((each) => each === name || each.startsWith(`${name}.`))) return name;
    if (name.startsWith('labels.') && !name.slice('labels.'.length).includes('.')) return 'labels.own';
    faults.push(`There is no fact ${JSON.stringify(name.slice(0, 200))} that could be unknown.`);
    return name;
  });
  return { unknown: new Set(unknown), faults };
}

/** Whether the name, or a record it is in, is among them. */
function covers(names: ReadonlySet<string>, name: string): boolean {
  const steps = name.split('.');
  return steps.some((_, index) => names.has(steps.slice(0, index + 1).join('.')));
}

function recordAt(context: KnownContext, steps: readonly string[]): KnownContext {
  let record = context;
  for (const step of steps) {
    if (!Object.hasOwn(record, step)) record[step] = {};
    record = record[step] as KnownContext;
  }
  return record;
}

function valueAt(from: unknown, steps: readonly string[]): unknown {
  let value = from;
  for (const step of steps) value = isRecord(value) && Object.hasOwn(value, step) ? value[step] : undefined;
  return value;
}

function asKind(value: unknown, kind: FactKind): string | number | boolean | string[] | null {
  if (kind === 'Bool') return typeof value === 'boolean' ? value : null;
  if (kind === 'Long') return Number.isSafeInteger(value) ? (value as number) : null;
  if (kind === 'String') return isText(value) ? value : null;
  return isCodes(value) ? [...value] : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MOST_CHARACTERS && value.isWellFormed();
const isCodes = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length <= MOST_CODES && value.every(isText);

const WANTED: Readonly<Record<FactKind, string>> = {
  Bool: 'true or false',
  Long: 'a whole number',
  String: `a text of at most ${MOST_CHARACTERS} characters`,
  'Set<String>': `a list of at most ${MOST_CODES} texts`,
};

function shown(value: unknown): string {
  const text =
    typeof value === 'number' || typeof value === 'bigint'
      ? String(value)
      : (JSON.stringify(value) as string | undefined);
  if (text === undefined) return 'no JSON';
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
