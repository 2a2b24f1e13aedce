import {
  buildSchema,
  getIntrospectionQuery,
  getOperationAST,
  getVariableValues,
  Kind,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type FieldNode,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkOperation, measureOperation, type OperationLimits } from '../../src/graphql/limits/limits.js';

const schema = buildSchema(`
  enum Kind { DATASET MODEL }
  interface Asset { id: ID! name: String! owners: [User!]! upstream(first: Int, last: Int): AssetConnection! }
  type Dataset implements Asset {
    id: ID! name: String! owners: [User!]! upstream(first: Int, last: Int): AssetConnection!
    fields: [Field!]! parent: Dataset
  }
  type Model implements Asset {
    id: ID! name: String! owners: [User!]! upstream(first: Int, last: Int): AssetConnection!
    licence: Licence
  }
  type Licence { name: String! holder: User }
  type Field { name: String! dataset: Dataset! }
  type User { name: String! team: Team boss: User }
  type Team { name: String! }
  type AssetConnection { totalCount: Int! nodes: [Asset!]! edges: [AssetEdge!]! }
  type AssetEdge { node: Asset! }
  type Path { nodes: [Asset!]! }
  type Query {
    viewer: User!
    node(id: ID!): Asset
    nodes(ids: [ID!]!): [Asset]!
    assets(first: Int, last: Int): AssetConnection!
    lineage(of: [ID!]!, kinds: [Kind!], first: Int! = 200): AssetConnection!
    paths(first: Int! = 1): [Path!]!
    users: [User!]!
    search(first: String): User
    expensive: User!
  }
  type Mutation { rename(id: ID!, name: String!): Dataset }
  type Subscription { changed(id: ID!): Dataset }
`);
const LIMITS: OperationLimits = {
  maxDepth: 10,
  maxAliases: 5,
  maxRootFields: 4,
  maxCost: 2_000,
  maxPageSize: 200,
  defaultPageSize: 25,
};

type Variables = Record<string, unknown>;
const measure = (text: string, variables: Variables = {}, operationName?: string) => {
  const document = parse(text);
  return measureOperation(schema, document, operationName, coerced(document, variables, operationName), LIMITS);
};
const check = (text: string, variables: Variables = {}, limits: Partial<OperationLimits> = {}) => {
  const document = parse(text);
  return checkOperation(schema, document, null, coerced(document, variables), { ...LIMITS, ...limits });
};
const coerced = (document: DocumentNode, variables: Variables, operationName?: string): Variables =>
  getVariableValues(schema, getOperationAST(document, operationName)?.variableDefinitions ?? [], variables).coerced ??
  {};
const refusalOf = (text: string, variables: Variables = {}) => check(text, variables)?.extensions;

describe('the estimate of bytes', () => {
  const bytes = (text: string): unknown => check(text, {}, { maxBytes: 100, maxCost: 100_000 })?.extensions;

  it('counts each value as often as its page may hold it, and refuses what is too much', () => {
    expect(bytes('{ assets(first: 5) { nodes { name } } }')).toBeUndefined();
    expect(bytes('{ assets(first: 6) { nodes { name } } }')).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      limit: 'bytes',
      maximum: 100,
      actual: 120,
    });
  });

  it('counts what is selected of several types as the heaviest, and the same behind fragments', () => {
    expect(bytes('{ node(id: 1) { ... on Dataset { id name } ... on Model { id name } } }')).toBeUndefined();
    expect(
      bytes('{ a: node(id: 1) { ...N } b: node(id: 1) { ...N } } fragment N on Asset { id name owners { name } }'),
    ).toMatchObject({ limit: 'bytes' });
  });
});

describe('depth', () => {
  it('counts the fields on the longest way down', () => {
    expect(measure('{ viewer { name boss { name boss { name } } } node(id: 1) { id } }').depth).toBe(4);
  });

  it('is not shortened by named or inline fragments, however they are nested', () => {
    const text = `{ viewer { ...A } }
      fragment A on User { ... on User { ... { boss { ...B } } } }
      fragment B on User { boss { name } }`;
    expect(measure(text).depth).toBe(4);
  });

  it('is refused with the limit, the value and what to do', () => {
    const error = check(`{ viewer { ${'boss { '.repeat(9)} name ${'} '.repeat(9)} } }`);
    expect(error?.message).toBe(
      'The operation nests fields 11 deep; at most 10 is allowed. ' +
        'Ask for the deeper part in a query of its own, starting from the id of what you have found.',
    );
    expect(error?.extensions).toEqual({
      code: 'LIMIT_EXCEEDED',
      limit: 'depth',
      maximum: 10,
      actual: 11,
      http: { status: 400 },
    });
  });

  it('is measured at 100,000 levels without overflowing the stack', () => {
    expect(measureOperation(schema, nestedDocument(100_000), null, {}, LIMITS)).toMatchObject({ depth: 100_001 });
  });

  it('is measured along 10,000 fragments that spread one another', () => {
    const fragments = Array.from({ length: 10_000 }, (_, i) => `fragment F${i} on User { ...F${i + 1} }`);
    const text = `{ viewer { ...F0 } } ${fragments.join(' ')} fragment F10000 on User { name }`;
    expect(measure(text)).toMatchObject({ depth: 2, rootFields: 1 });
  });
});

describe('aliases and root fields', () => {
  it('counts aliases at every level', () => {
    expect(measure('{ a: viewer { b: name c: boss { d: name } } viewer { name } }').aliases).toBe(4);
  });

  it('counts the aliases of a fragment once for each spread', () => {
    const text = '{ viewer { ...A boss { ...A } } } fragment A on User { a: name b: name c: name }';
    expect(measure(text).aliases).toBe(6);
    expect(refusalOf(text)).toMatchObject({ limit: 'aliases', maximum: 5, actual: 6 });
  });

  it('counts root fields through fragments, repeated ones each time', () => {
    const text =
      '{ viewer { name } ...A ... { node(id: 1) { id } } ...A } fragment A on Query { v: viewer { name } users { name } }';
    expect(measure(text).rootFields).toBe(6);
    expect(refusalOf(text)).toMatchObject({ limit: 'rootFields', maximum: 4, actual: 6 });
  });

  it('counts root fields of mutations and subscriptions alike', () => {
    expect(
      measure('mutation { a: rename(id: 1, name: "x") { id } b: rename(id: 2, name: "y") { id } }').rootFields,
    ).toBe(2);
    expect(measure('subscription { changed(id: 1) { id } }').rootFields).toBe(1);
  });
});

describe('cost', () => {
  it('is one for each object and nothing for a leaf', () => {
    expect(measure('{ viewer { name team { name } } }').cost).toBe(2);
  });

  it('multiplies everything below a connection by the page size, and its own lists only once', () => {
    expect(measure('{ assets(first: 100) { totalCount nodes { id } edges { node { id } } } }').cost).toBe(1 + 100 * 3);
  });

  it('multiplies pages inside pages', () => {
    const inner = 1 + 50 * 1;
    expect(measure('{ assets(first: 100) { nodes { upstream(last: 50) { nodes { id } } } } }').cost).toBe(
      1 + 100 * (1 + inner),
    );
  });

  it.each([
    ['a variable', 'query ($n: Int) { assets(first: $n) { nodes { id } } }', { n: 150 }, 151],
    ['the default of a variable', 'query ($n: Int = 120) { assets(first: $n) { nodes { id } } }', {}, 121],
    [
      'a default of a variable that is overridden',
      'query ($n: Int = 5) { assets(first: $n) { nodes { id } } }',
      { n: 80 },
      81,
    ],
    ['the default page where a variable is missing', 'query ($n: Int) { assets(first: $n) { nodes { id } } }', {}, 26],
    [
      'the default page where a variable is null',
      'query ($n: Int = 5) { assets(first: $n) { nodes { id } } }',
      { n: null },
      26,
    ],
    ['the default page where null is written', '{ assets(first: null) { nodes { id } } }', {}, 26],
    ['the default page where nothing is given', '{ assets { nodes { id } } }', {}, 26],
    ['the default of the argument', '{ lineage(of: "a") { nodes { id } } }', {}, 201],
    [
      'the default of the argument where a variable is missing',
      'query ($n: Int) { paths(first: $n) { nodes { id } } }',
      {},
      1 + 1,
    ],
    ['the larger of first and last', '{ assets(first: 1, last: 90) { nodes { id } } }', {}, 91],
  ])('takes the page size from %s', (_, text, variables, cost) => {
    expect(measure(text, variables).cost).toBe(cost);
  });

  it('multiplies by the number of ids asked for', () => {
    expect(measure('{ nodes(ids: ["a", "b", "c"]) { upstream(first: 10) { nodes { id } } } }').cost).toBe(1 + 3 * 11);
    const text =
      'query ($ids: [ID!]!, $one: ID!) { nodes(ids: $ids) { owners { name } } n: nodes(ids: [$one]) { owners { name } } }';
    expect(measure(text, { ids: Array.from({ length: 70 }, String), one: 'a' }).cost).toBe(1 + 70 + 1 + 1);
  });

  it('takes the larger of the ids and the page, and lets enum lists narrow only', () => {
    expect(measure('{ lineage(of: ["a", "b", "c"], first: 2) { nodes { id } } }').cost).toBe(1 + 3);
    expect(measure('{ lineage(of: ["a"], kinds: [MODEL, DATASET], first: 1) { nodes { id } } }').cost).toBe(1 + 1);
  });

  it('takes a list without a size for a default page, also inside a paged list', () => {
    expect(measure('{ users { team { name } } }').cost).toBe(1 + 25);
    expect(measure('{ paths(first: 3) { nodes { owners { name } } } }').cost).toBe(1 + 3 * (1 + 25));
    expect(measure('{ assets(first: 2) { nodes { owners { team { name } } } } }').cost).toBe(1 + 2 * (1 + (1 + 25)));
  });

  it('counts a fragment inside a page and outside of it as what it is there', () => {
    const text = `{ assets(first: 10) { ...Page } paths(first: 10) { ...Way } }
      fragment Page on AssetConnection { ... { nodes { owners { name } } } }
      fragment Way on Path { nodes { owners { name } } }`;
    expect(measure(text).cost).toBe(1 + 10 * 2 + 1 + 10 * (1 + 25));
  });

  it('counts the dearest of fragments that exclude one another, with what they share', () => {
    const text = `{ node(id: 1) {
      owners { name }
      ... on Dataset { parent { parent { id } } }
      ... on Asset { ... on Model { licence { name } } ...M }
    } } fragment M on Model { licence { holder { name } } }`;
    expect(measure(text).cost).toBe(1 + 1 + Math.max(2, 1 + 2));
  });

  it('counts fragments on the same type together', () => {
    expect(
      measure('{ node(id: 1) { ... on Dataset { parent { id } } ... on Dataset { parent { name } } } }').cost,
    ).toBe(3);
  });

  it('uses the complexity and the list size that a field declares', () => {
    const weighted = buildSchema(
      'type User { name: String! friends: [User!]! } type Query { expensive: User! users: [User!]! }',
    );
    const fields = weighted.getQueryType()?.getFields();
    Object.assign(fields?.['expensive'] ?? {}, { extensions: { complexity: 40 } });
    Object.assign(fields?.['users'] ?? {}, { extensions: { listSize: 3 } });
    const document = parse('{ expensive { name } users { friends { name } } }');
    expect(measureOperation(weighted, document, null, {}, LIMITS).cost).toBe(40 + 1 + 3);
  });

  it('counts what @skip and @include leave out', () => {
    expect(measure('{ assets(first: 100) @include(if: false) { nodes { id } } }').cost).toBe(101);
  });

  it('is refused when variables make it too high', () => {
    const text = 'query ($n: Int!) { assets(first: $n) { nodes { upstream(first: $n) { nodes { id } } } } }';
    expect(check(text, { n: 20 })).toBeNull();
    const error = check(text, { n: 200 });
    expect(error?.message).toBe(
      'The operation may answer 40401 objects; at most 2000 is allowed. ' +
        'Ask for smaller pages with "first", or for fewer lists inside lists.',
    );
    expect(error?.extensions).toMatchObject({ limit: 'cost', maximum: 2_000, actual: 40_401, http: { status: 400 } });
  });

  it('stays a number that JSON can say when pages nest without end', () => {
    const text = `{ node(id: 1) { ${'upstream(first: 200) { nodes { '.repeat(300)} id ${'} } '.repeat(300)} } }`;
    expect(measure(text).cost).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('page sizes', () => {
  it.each([
    ['first', 201, 'after'],
    ['last', 2_147_483_647, 'before'],
  ])('refuses %s: %i with the maximum and how to read on', (argument, size, next) => {
    const error = check(`query ($n: Int) { assets(${argument}: $n) { totalCount } }`, { n: size });
    expect(error?.message).toBe(
      `"${argument}" of Query.assets is ${size}; a page holds 1 to 200 items. Ask for 200 or fewer and read on with "${next}".`,
    );
    expect(error?.extensions).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'pageSize', maximum: 200, actual: size });
    expect(error?.locations).toEqual([{ line: 1, column: 19 }]);
  });

  it.each([0, -1])('refuses first: %i as bad input, also deep inside a fragment', (size) => {
    const error = check(`{ node(id: 1) { ...A } } fragment A on Asset { upstream(first: ${size}) { totalCount } }`);
    expect(error?.message).toBe(
      `"first" of Asset.upstream is ${size}; a page holds 1 to 200 items. Ask for at least 1.`,
    );
    expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT', http: { status: 400 } });
  });

  it('leaves arguments called first alone that are no number of items', () => {
    expect(check('{ search(first: "5000") { name } }')).toBeNull();
  });
});

describe('fragments', () => {
  it('measures a bomb of 2^200 fields in one pass and refuses it', () => {
    const bomb = bombOf(200, 'boss { ...N } ', 'name');
    const started = performance.now();
    expect(measure(bomb)).toMatchObject({ depth: 202, cost: Number.MAX_SAFE_INTEGER });
    expect(performance.now() - started).toBeLessThan(30_000);
    expect(refusalOf(bomb)).toMatchObject({ code: 'LIMIT_EXCEEDED', limit: 'depth' });
  });

  it('refuses a bomb of leaf fields, which cost nothing and nest nowhere', () => {
    expect(refusalOf(bombOf(18, '...N ', 'name'))).toMatchObject({
      limit: 'fields',
      maximum: 2_000,
      actual: 2 ** 18 + 1,
    });
  });

  it('ends on fragments that spread one another in a circle', () => {
    const text = '{ viewer { ...A } } fragment A on User { boss { ...B } } fragment B on User { boss { ...A } ...B }';
    expect(measure(text).depth).toBeGreaterThan(0);
  });

  it('ignores fragments that nothing spreads and survives one that is missing', () => {
    expect(measure('{ viewer { name ...Gone } } fragment Unused on User { a: name boss { boss { name } } }')).toEqual({
      depth: 2,
      aliases: 0,
      rootFields: 1,
      cost: 1,
    });
  });
});

describe('introspection', () => {
  it('lets the standard introspection query pass, whatever the other limits are', () => {
    const full = getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true, specifiedByUrl: true });
    expect(check(full, {}, { maxDepth: 3, maxCost: 300 })).toBeNull();
  });

  it('refuses chains of ofType', () => {
    const chain = `{ __type(name: "User") { ${'ofType { '.repeat(100)} name ${'} '.repeat(100)} } }`;
    expect(refusalOf(chain)).toMatchObject({ limit: 'introspectionDepth', maximum: 20, actual: 102 });
  });

  it('is not the way around a limit by a fragment or an alias with its name', () => {
    const nested = `${'boss { '.repeat(12)} name ${'} '.repeat(12)}`;
    const fragment = `{ ...__schema } fragment __schema on Query { viewer { ...__type } } fragment __type on User { ${nested} }`;
    expect(refusalOf(fragment)).toMatchObject({ limit: 'depth', actual: 14 });
    expect(refusalOf(`{ __schema: viewer { ${nested} } }`)).toMatchObject({ limit: 'depth', actual: 14 });
  });

  it('leaves circles through its lists to the validation of graphql, which refuses them', () => {
    const circle = `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)} } } }`;
    expect(validate(schema, parse(circle)).map(({ message }) => message)).toContain(
      'Maximum introspection depth exceeded',
    );
  });
});

describe('the operation', () => {
  const several = 'query Small { viewer { name } } query Large { users { team { name } boss { name } } }';

  it('is the one that would be executed', () => {
    expect(measure(several, {}, 'Small').cost).toBe(1);
    expect(measure(several, {}, 'Large').cost).toBe(51);
  });

  it('measures nothing when execution has none to run', () => {
    const nothing = { depth: 0, aliases: 0, rootFields: 0, cost: 0 };
    expect(measure(several)).toEqual(nothing);
    expect(measure(several, {}, 'Other')).toEqual(nothing);
  });

  it('is counted even where it selects what the schema does not have', () => {
    expect(measure('{ unknown { deeper { still } } }')).toEqual({ depth: 3, aliases: 0, rootFields: 1, cost: 0 });
  });
});

/** `{ viewer { boss { boss … { name } } } }`, built without the parser, which is recursive itself. */
function nestedDocument(levels: number): DocumentNode {
  const field = (name: string, below?: FieldNode): FieldNode => ({
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: name },
    ...(below && { selectionSet: { kind: Kind.SELECTION_SET, selections: [below] } }),
  });
  let selection = field('name');
  for (let level = 1; level < levels; level++) selection = field('boss', selection);
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        kind: Kind.OPERATION_DEFINITION,
        operation: OperationTypeNode.QUERY,
        selectionSet: { kind: Kind.SELECTION_SET, selections: [field('viewer', selection)] },
      },
    ],
  };
}

/** Fragments of which each spreads the next twice; `step` is one spread with N for the name. */
function bombOf(size: number, step: string, leaf: string): string {
  const fragments = Array.from(
    { length: size },
    (_, i) => `fragment F${i} on User { ${step.replace('N', `F${i + 1}`).repeat(2)}}`,
  );
  return `{ viewer { ...F0 } } ${fragments.join(' ')} fragment F${size} on User { ${leaf} }`;
}
