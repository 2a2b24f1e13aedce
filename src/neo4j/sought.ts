/**
 * Finds by a unique key that may not be there, in a statement that writes: `MATCH (g:AccessGrant) ${sought('g:AccessGrant', 'id', '$id')}`.
 * By `{id: $id}` Neo4j would lock the key for all others until the commit when it does not find it, so that whoever asks for it
 * next waits for nothing; a range of one key is looked up in the same index and locks nothing. The index is named, because for a range
 * the planner expects many nodes, and would rather scan a small label. test/graph/plans.test.ts finds where this is needed.
 */
export function sought(node: `${string}:${string}`, property: string, key: string): string {
  const [variable] = node.split(':');
  return `USING INDEX ${node}(${property})\nWHERE ${variable}.${property} >= ${key} AND ${variable}.${property} <= ${key}`;
}
