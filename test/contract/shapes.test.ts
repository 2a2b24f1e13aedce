import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  type GraphQLField,
  type GraphQLNamedType,
  isInterfaceType,
  isListType,
  isObjectType,
  isUnionType,
  NoDeprecatedCustomRule,
  parse,
  TypeInfo,
  validate,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { describe, expect, it } from 'vitest';

const SCHEMA = join(import.meta.dirname, '../../schema');
const OPERATIONS = join(SCHEMA, 'operations');
const schema = buildSchema(readFileSync(join(SCHEMA, 'schema.graphql'), 'utf8'));
const samples = readdirSync(OPERATIONS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.graphql'))
  .map((file) => ({ file, document: parse(readFileSync(join(OPERATIONS, file), 'utf8')) }));

type Field = GraphQLField<unknown, unknown>;
const fieldsOf = (type: GraphQLNamedType | null | undefined): Field[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
const mutations = fieldsOf(schema.getMutationType());
const subscriptions = fieldsOf(schema.getSubscriptionType());
const ROOTS = ['Query', 'Mutation', 'Subscription'];

/** A type with an id of its own: a thing that an answer is about. */
const isThing = (type: GraphQLNamedType): boolean =>
  (isObjectType(type) || isInterfaceType(type)) &&
  (type.name === 'Node' || type.getInterfaces().some(({ name }) => name === 'Node'));

/** What answers to a root field: the payload, or the members of the union. */
function answersOf(field: Field): GraphQLNamedType[] {
  const type = getNamedType(field.type);
  return isUnionType(type) ? [...type.getTypes()] : [type];
}

const small = (name: string): string => `${name.charAt(0).toLowerCase()}${name.slice(1)}`;

/** What the rule calls the field: by its type; by the plural, where there are several. */
function ruledName(field: Field): string {
  const name = small(getNamedType(field.type).name);
  return isListType(getNullableType(field.type)) ? `${name}s` : name;
}

const isDeprecated = (field: Field): boolean => field.deprecationReason != null;

describe.each([...mutations, ...subscriptions].map((field) => [field.name, field] as const))('%s', (name, field) => {
  it('calls each thing it answers by the name of its type; what it called otherwise goes on, deprecated', () => {
    for (const type of answersOf(field).filter((each) => !isThing(each))) {
      const things = fieldsOf(type).filter((each) => isThing(getNamedType(each.type)));
      const [former, present] = [things.filter(isDeprecated), things.filter((each) => !isDeprecated(each))];
      for (const each of present) expect(each.name, `${type.name}.${each.name}`).toBe(ruledName(each));
      for (const each of former) {
        const successor = present.find((other) => other.name === ruledName(each));
        expect(successor, `${type.name}.${each.name} has no field called by the rule beside it.`).toBeDefined();
        expect(String(successor?.type), `${type.name}.${each.name}`).toBe(String(each.type));
        expect(each.deprecationReason).toContain(`\`${ruledName(each)}\``);
      }
    }
  });

  it('answers a payload, a result that may be a refusal, or an event', () => {
    const type = getNamedType(field.type);
    const ending = mutations.includes(field) ? (isUnionType(type) ? 'Result' : 'Payload') : /(?:Event|Line)$/;
    if (typeof ending === 'string') expect(type.name.endsWith(ending), `${name}: ${type.name}`).toBe(true);
    else expect(type.name).toMatch(ending);
    if (mutations.includes(field)) expect(field.args.map((arg) => arg.name)).toEqual(['input']);
  });
});

describe('The samples in schema/operations', () => {
  /** "Query.asset" for each root field that some sample asks. */
  const asked = new Set<string>();
  for (const { document } of samples) {
    const types = new TypeInfo(schema);
    visit(
      document,
      visitWithTypeInfo(types, {
        Field: (node) => {
          const parent = types.getParentType()?.name ?? '';
          if (ROOTS.includes(parent)) asked.add(`${parent}.${node.name.value}`);
        },
      }),
    );
  }

  it('ask every field of Query, Mutation and Subscription: those named here lack one', () => {
    const all = ROOTS.flatMap((root) => fieldsOf(schema.getType(root)).map((field) => `${root}.${field.name}`));
    expect(all.length).toBeGreaterThan(90);
    expect(all.filter((field) => !asked.has(field))).toEqual([]);
  });

  it.each(samples.map(({ file, document }) => [file, document] as const))(
    'ask nothing deprecated: %s',
    (_, document) => {
      expect(validate(schema, document, [NoDeprecatedCustomRule]).map(({ message }) => message)).toEqual([]);
    },
  );
});

it('the rule tells a field that is called otherwise, and a list by its plural', () => {
  const wrong = buildSchema(
    'interface Node { id: ID! } type AccessGrant implements Node { id: ID! } type P { grant: AccessGrant! accessGrants: [AccessGrant!]! } type Query { p: P }',
  );
  const fields = fieldsOf(wrong.getType('P'));
  expect(fields.map((field) => [field.name, ruledName(field)])).toEqual([
    ['grant', 'accessGrant'],
    ['accessGrants', 'accessGrants'],
  ]);
});
