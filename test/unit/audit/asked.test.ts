import fc from 'fast-check';
import { type GraphQLResolveInfo, buildSchema, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { type Asked, askedOf, loggable, withoutTokens } from '../../../src/audit/entries/asked.js';

const schema = buildSchema(`
  type Query { thing(ref: String): Thing }
  type Thing { a: Int b: Int one: Thing two(depth: Int, note: String): Thing }
`);
let seen: Asked[] = [];
const fields = (depth: number): Record<string, unknown> => ({
  a: depth,
  b: -depth,
  one: () => (depth < 6 ? fields(depth + 1) : null),
  two: () => (depth < 6 ? fields(depth + 10) : null),
});
const rootValue = {
  thing: (args: Record<string, unknown>, _context: unknown, info: GraphQLResolveInfo) => {
    seen.push(askedOf('thing', args, info));
    return fields(0);
  },
};

/** Asks, and gives the answer with what was kept of the question. */
async function ask(query: string, variableValues: Record<string, unknown> = {}) {
  seen = [];
  const { data, errors } = await execute({ schema, document: parse(query), rootValue, variableValues });
  expect(errors).toBeUndefined();
  return { data: JSON.stringify(data), asked: seen };
}

/** The question as it was kept, asked again. */
async function again({ selection, variables }: Asked): Promise<string> {
  const types: Record<string, string> = { depth: 'Int', note: 'String', yes: 'Boolean!', ref: 'String' };
  const declared = Object.keys(variables).map((name) => `$${name}: ${types[name]}`);
  const [root, ...fragments] = selection.split(/\n(?=fragment )/);
  const query = `query ${declared.length > 0 ? `(${declared.join(', ')})` : ''} { ${root} } ${fragments.join('\n')}`;
  return (await ask(query, { ...variables })).data;
}

const FRAGMENTS = 5;
const leaf = fc.constantFrom('a', 'b', 'a @include(if: $yes)', '... @skip(if: $yes) { b }');
const selections = (after: number): fc.Arbitrary<string> => {
  const spread = fc.integer({ min: after, max: FRAGMENTS }).map((n) => (n === FRAGMENTS ? 'b' : `...F${n}`));
  const nested = fc.constantFrom('one', 'two', 'two(depth: $depth)', 'two(note: $note)');
  const deep = fc.tuple(nested, fc.array(fc.oneof(leaf, spread), { minLength: 1, maxLength: 3 }));
  return fc
    .array(
      fc.oneof(
        leaf,
        spread,
        deep.map(([field, of]) => `x${field.length}: ${field} { ${of.join(' ')} }`),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((all) => all.join(' '));
};
const document = fc
  .tuple(selections(0), ...Array.from({ length: FRAGMENTS }, (_, n) => selections(n + 1)))
  .map(([root, ...rest]) =>
    [
      `query ($yes: Boolean!, $depth: Int, $note: String, $ref: String) { thing(ref: $ref) { ${root} } }`,
      ...rest.map((text, n) => `fragment F${n} on Thing { ${text} }`),
    ].join('\n'),
  );

describe('What is kept of a question', () => {
  it('answers the same when it is asked again', async () => {
    const variables = fc.record(
      { yes: fc.boolean(), depth: fc.nat(), note: fc.string({ maxLength: 10 }), ref: fc.string() },
      { requiredKeys: ['yes'] },
    );
    await fc.assert(
      fc.asyncProperty(document, variables, async (query, given) => {
        const { data, asked } = await ask(query, given);
        expect(asked).toHaveLength(1);
        expect(await again(asked[0] as Asked)).toBe(data);
      }),
      { numRuns: 150 },
    );
  });

  it('has fragments written in, in one way to print it, and only the variables that stand there', async () => {
    const query = `query Q($ref: String, $yes: Boolean!) { thing(ref: $ref)   { ...F }, other: thing { b @skip(if: $yes) } }
      fragment F on Thing { one { ...G } } fragment G on Thing { a, b }`;
    const { asked } = await ask(query, { ref: 'r', yes: false });
    expect(asked[0]).toMatchObject({ field: 'thing', args: { ref: 'r' }, variables: { ref: 'r' } });
    expect(asked[0]?.selection).not.toMatch(/\.\.\.[FG]/);
    expect(asked[0]?.selection.replace(/\s+/g, ' ')).toBe(
      'thing(ref: $ref) { ... on Thing { one { ... on Thing { a b } } } }',
    );
    expect(asked[1]?.variables).toEqual({ yes: false });
  });

  it('is whole, however long the question is', async () => {
    const many = Array.from({ length: 900 }, (_, n) => `alias_number_${n}: a`).join(' ');
    const { asked } = await ask(`{ thing { ${many} } }`);
    expect(asked[0]?.selection).toContain('alias_number_899: a');
  });

  it('stays small where fragments would multiply, and is still all of it', async () => {
    const depth = 40;
    const doubling = Array.from(
      { length: depth },
      (_, n) => `fragment F${n} on Thing { ${n + 1 < depth ? `...F${n + 1} ... { ...F${n + 1} }` : 'a'} }`,
    );
    const { asked, data } = await ask(`{ thing { ...F0 } }\n${doubling.join('\n')}`);
    expect(asked[0]?.selection.length).toBeLessThan(10_000);
    expect(await again(asked[0] as Asked)).toBe(data);
  });
});

describe('A token in a question', () => {
  const ours = `wft_${'0a'.repeat(16)}_${'Ab-_9'.repeat(9).slice(0, 43)}`;
  const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.${'s'.repeat(30)}`;

  it.each([ours, jwt, ours.toUpperCase().replace('WFT', 'wft')])('is not kept: %s', (token) => {
    expect(withoutTokens(`search(query: "${token}") { totalCount }`)).toBe('search(query: "[token]") { totalCount }');
    expect(loggable({ filter: { nameContains: `x ${token}` } })).toEqual({ filter: { nameContains: 'x [token]' } });
  });

  it('costs no time to look for in a long text', () => {
    for (const part of ['eyJ', 'eyJ.', 'wft_0a', 'eyJa.a.'])
      expect(withoutTokens(part.repeat(60_000)).length).toBeGreaterThan(0);
  });

  it('is told from other words', () => {
    for (const text of ['eyJust a word', 'a.b.c', 'wft_short', 'orders.v2.csv']) expect(withoutTokens(text)).toBe(text);
  });
});
