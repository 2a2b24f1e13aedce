import { describe, expect, it } from 'vitest';
import { unboundedInputs } from '../../src/graphql/limits/sdl-limits.js';

const sdl = `
  "A name. At most 20 characters."
  scalar Told
  "A name."
  scalar Untold
  interface Shelf { books(after: String): Int }
  type Query {
    told(a: Told!, n: Int, on: Boolean, "At most 50 characters." text: String, input: Deep): Int
    untold(a: Untold!, text: String!, id: ID, "At most 50 characters." texts: [String!], numbers: [Int!]): Int
  }
  input Deep {
    "At most 9 items, each of at most 50 characters."
    tags: [String!]
    "At most 9 items."
    names: [String!]
    "At most 5 items."
    refs: [Told!]
    deep: [Deep!]
    "Most of all text."
    about: String
  }
`;

describe('the check of the printed schema', () => {
  it('names each text and list that has no limit, by its scalar or its description', () => {
    expect(unboundedInputs(sdl)).toEqual([
      'Shelf.books(after): characters',
      'Query.untold(a): characters',
      'Query.untold(text): characters',
      'Query.untold(id): characters',
      'Query.untold(texts): items',
      'Query.untold(numbers): items',
      'Deep.names: characters',
      'Deep.deep: items',
      'Deep.about: characters',
    ]);
  });
});
