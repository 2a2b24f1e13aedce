/**
 * Finds by a unique key that may not be there, in a statement that writes: `WHERE ${sought('g.id', '$id')}`. By `{id: $id}` Neo4j
 * would lock the key for all others until the commit when it does not find it, so that whoever asks for it next waits for nothing; a
 * range of one key is looked up in the same index and locks nothing. test/graph/plans.test.ts finds where this is needed.
 */
export const sought = (property: string, key: string): string => `${property} >= ${key} AND ${property} <= ${key}`;
