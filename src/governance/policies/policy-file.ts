import type { DetailedError, PolicyJson, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { askCedar, CedarBroke } from './cedar.js';
import { type Policy, type PolicyFault, SEVERITIES, type Severity } from './engine.js';
import { type Action, ACTIONS } from './facts.js';
import { type FactKinds, kindsOf } from './facts-schema.js';
import { faultAt, faultsOf, MOST_FAULTS } from './policy-faults.js';
import { readsOf } from './reads.js';
import { deepest, partsOf, type Place, placeAt, type Statement, statementsOf } from './source.js';

export const MOST_BRACKETS = 40;
/** A longer one would keep everybody waiting while the engine reads it. */
const MOST_CHARACTERS_OF_POLICY = 16_384;
/** What the engine is given at once, unless one policy is longer. */
const CHARACTERS_OF_PART = 4_096;
const MOST_CHARACTERS_OF_REASON = 1_000;
const ANNOTATIONS = new Set(['id', 'reason', 'severity', 'source', 'doc']);
const TEMPLATE = 'holds a template (?principal, ?resource); policies here are whole.';
const TOO_DEEP = 'the policy engine breaks at this file: something in it nests too deep. Make several policies of it.';

/** What one file came to. */
export interface ReadFile {
  policies: Policy[];
  faults: PolicyFault[];
}

/**
 * The policies of one file, or what is wrong with them. The engine is given a part at a time, and whoever drives this may let others
 * have their turn between these: a part takes it some milliseconds, and a whole file takes it seconds.
 */
export function* readPolicyFile(
  file: string,
  text: string,
  schema: SchemaJson<string>,
): Generator<undefined, ReadFile, undefined> {
  const { depth, at } = deepest(text);
  if (depth > MOST_BRACKETS)
    return refused(faultAt(file, placeAt(text, at), `brackets are ${depth} deep; ${MOST_BRACKETS} are allowed.`));
  const statements = statementsOf(text);
  const long = statements.find((each) => each.text.length > MOST_CHARACTERS_OF_POLICY);
  if (long)
    return refused(
      faultAt(
        file,
        placeAt(text, long.start),
        `this policy has ${long.text.length} characters; ${MOST_CHARACTERS_OF_POLICY} are allowed. Make several of it.`,
      ),
    );
  try {
    const faults = yield* engineFaults(file, text, statements, schema);
    return faults.length > 0 ? { policies: [], faults } : yield* readStatements(file, text, statements, schema);
  } catch (error) {
    if (error instanceof CedarBroke) return refused(faultAt(file, null, TOO_DEEP));
    throw error;
  }
}

const refused = (fault: PolicyFault): ReadFile => ({ policies: [], faults: [fault] });

function* engineFaults(
  file: string,
  text: string,
  statements: readonly Statement[],
  schema: SchemaJson<string>,
): Generator<undefined, PolicyFault[], undefined> {
  const faults: PolicyFault[] = [];
  for (const { from, to } of partsOf(statements, text.length, CHARACTERS_OF_PART)) {
    // The engine counts bytes from the beginning: with as many blanks before it, a part stands where it stands in the file.
    const before = ' '.repeat(Buffer.byteLength(text.slice(0, from)));
    faults.push(...faultsOf(file, text, engineErrors(before + text.slice(from, to), schema)));
    if (faults.length >= MOST_FAULTS) break;
    yield;
  }
  return faults;
}

/** What the engine finds: what is no policy, what names no fact, and what can never be so. */
function engineErrors(text: string, schema: SchemaJson<string>): DetailedError[] {
  const parts = askCedar((cedar) => cedar.policySetTextToParts(text));
  if (parts.type === 'failure') return parts.errors;
  if (parts.policy_templates.length > 0) return [{ message: TEMPLATE, help: null } as DetailedError];
  const answer = askCedar((cedar) => cedar.validate({ schema, policies: { staticPolicies: text } }));
  if (answer.type === 'failure') return answer.errors;
  const broken = new Set(answer.validationErrors.map(({ policyId }) => policyId));
  // That a policy with a typo can never be so says nothing more.
  const warnings = answer.validationWarnings.filter(({ policyId }) => !broken.has(policyId));
  return [...answer.validationErrors, ...warnings].map(({ error }) => error);
}

function* readStatements(
  file: string,
  text: string,
  statements: readonly Statement[],
  schema: SchemaJson<string>,
): Generator<undefined, ReadFile, undefined> {
  const read: ReadFile = { policies: [], faults: [] };
  for (const statement of statements) {
    const { policy, faults } = readStatement(file, statement, placeAt(text, statement.start), schema);
    if (policy) read.policies.push(policy);
    read.faults.push(...faults);
    yield;
  }
  return read;
}

/** One policy with its annotations: `@id` and a `@reason` that a person can act on, and for what forbids a `@severity`. */
function readStatement(
  file: string,
  { text }: Statement,
  place: Place,
  schema: SchemaJson<string>,
): { policy: Policy | null; faults: PolicyFault[] } {
  const parsed = askCedar((cedar) => cedar.policyToJson(text));
  if (parsed.type === 'failure') return { policy: null, faults: faultsOf(file, text, parsed.errors) };
  const { effect, annotations = {}, action } = parsed.json;
  const actions = actionsOf(action);
  const kinds = (actions ?? ACTIONS).map((each) => kindsOf(schema, each));
  const reads = readsOf(parsed.json, (name) => kinds.some((known: FactKinds) => known.has(name)));
  const { id = '', reason = '', severity = 'fail' } = annotations;
  const faults = [...annotationFaults(annotations, effect), ...reads.faults.map((fault) => `policy ${id} ${fault}`)];
  const policy: Policy = {
    ...{ id, file, line: place.line, effect, reason, severity: severity as Severity },
    ...{ actions, facts: reads.facts, text },
  };
  return { policy, faults: faults.map((message) => faultAt(file, place, message)) };
}

function annotationFaults(annotations: Record<string, string>, effect: string): string[] {
  const { id, reason, severity } = annotations;
  const faults: string[] = [];
  if (id === undefined) faults.push('this policy has no @id("…"), by which it is told.');
  else if (!/^[a-z0-9][a-z0-9-]{0,99}$/.test(id))
    faults.push(`@id(${JSON.stringify(id)}): an id is small letters, digits and -, at most 100.`);
  if (reason === undefined || reason.trim() === '')
    faults.push('this policy has no @reason("…"): what is wrong, and what a person can do about it.');
  else if (reason.length > MOST_CHARACTERS_OF_REASON)
    faults.push(`@reason is ${reason.length} characters long; ${MOST_CHARACTERS_OF_REASON} are allowed.`);
  if (severity !== undefined && effect === 'permit')
    faults.push('@severity is of policies that forbid; this one permits.');
  else if (severity !== undefined && !(SEVERITIES as readonly string[]).includes(severity))
    faults.push(`@severity(${JSON.stringify(severity)}): there are ${SEVERITIES.join(', ')}.`);
  const strange = Object.keys(annotations).find((name) => !ANNOTATIONS.has(name));
  if (strange !== undefined) faults.push(`@${strange} says nothing here; there are @${[...ANNOTATIONS].join(', @')}.`);
  return faults;
}

/** null: about all of them. */
function actionsOf(scope: PolicyJson['action']): Action[] | null {
  if (scope.op === 'All') return null;
  const entities = 'entities' in scope ? scope.entities : 'entity' in scope ? [scope.entity] : [];
  const ids = entities.map((entity) => ('__entity' in entity ? entity.__entity.id : entity.id));
  return ACTIONS.filter((action) => ids.includes(action));
}
