import type { SchemaJson, Type } from '@cedar-policy/cedar-wasm/nodejs';
import { ACTIONS, type Fact, type FactKind, FACTS, type FactTable } from './facts.js';

/** The kinds of the facts of an action, by their names, as a schema has them. */
export type FactKinds = ReadonlyMap<string, FactKind>;

/** A fact of the table with its name, as `labels.regions`. */
export interface NamedFact extends Fact {
  name: string;
}

/** All facts there are, in the order of the table. */
export function allFacts(table: FactTable = FACTS, before = ''): NamedFact[] {
  return Object.entries(table).flatMap(([key, entry]) =>
    isFact(entry) ? [{ name: `${before}${key}`, ...entry }] : allFacts(entry, `${before}${key}.`),
  );
}

/** The schema of policies, as `policies/schema.cedarschema` has it. */
export function factsSchema(): string {
  return `// What policies decide by. Made from src/governance/policies/facts.ts; docs/policies.md says the same as a table.
// Nothing in it is optional: a fact that nobody knows makes a policy that reads it UNKNOWN, and that is enforced as FAIL.

entity Actor;
entity Asset;

type Facts = ${recordText(FACTS, '')};

action ${ACTIONS.join(', ')}
  appliesTo { principal: [Actor], resource: [Asset], context: Facts };
`;
}

function recordText(table: FactTable, indent: string): string {
  const lines = Object.entries(table).map(([name, entry]) =>
    isFact(entry)
      ? `${indent}  // ${entry.says}.\n${indent}  ${name}: ${entry.kind},`
      : `${indent}  ${name}: ${recordText(entry, `${indent}  `)},`,
  );
  return `{\n${lines.join('\n')}\n${indent}}`;
}

const isFact = (entry: Fact | FactTable): entry is Fact => typeof entry.kind === 'string';

/** The facts that a schema declares for an action; none where it does not know the action. */
export function kindsOf(schema: SchemaJson<string>, action: string): FactKinds {
  const kinds = new Map<string, FactKind>();
  const context = schema['']?.actions[action]?.appliesTo?.context;
  if (context !== undefined) collect(resolved(context), '');
  return kinds;

  function collect(type: Type<string>, before: string): void {
    for (const [name, attribute] of Object.entries(attributesOf(type))) {
      const inner = resolved(attribute);
      const kind = kindOf(inner);
      if (kind !== null) kinds.set(`${before}${name}`, kind);
      else collect(inner, `${before}${name}.`);
    }
  }

  function resolved(type: Type<string>): Type<string> {
    const common = schema['']?.commonTypes?.[type.type];
    return common === undefined ? type : resolved(common);
  }
}

/**
 * The same schema with every fact optional. Requests are tried against it, with the facts that are known: what a policy
 * then reads and is not there is an error of that policy, where a value of our own might let through.
 */
export function withOptionalFacts(schema: SchemaJson<string>): SchemaJson<string> {
  const lenient = structuredClone(schema);
  for (const { commonTypes = {}, actions } of Object.values(lenient)) {
    Object.values(commonTypes).forEach(loosen);
    for (const { appliesTo } of Object.values(actions)) if (appliesTo?.context) loosen(appliesTo.context);
  }
  return lenient;
}

function loosen(type: Type<string>): void {
  for (const attribute of Object.values(attributesOf(type))) {
    Object.assign(attribute, { required: false });
    loosen(attribute);
  }
}

function attributesOf(type: Type<string>): Record<string, Type<string>> {
  return type.type === 'Record' && 'attributes' in type ? type.attributes : {};
}

function kindOf(type: Type<string>): FactKind | null {
  if (type.type === 'String' || type.type === 'Long' || type.type === 'Bool') return type.type;
  if (type.type === 'Boolean') return 'Bool';
  return type.type === 'Set' && 'element' in type && type.element.type === 'String' ? 'Set<String>' : null;
}
