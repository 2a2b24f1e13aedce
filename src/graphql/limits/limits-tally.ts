import { isObjectType, type GraphQLNamedType } from 'graphql';

/** What one selection set adds up to, fragments written out. */
export interface Tally {
  depth: number;
  introspectionDepth: number;
  aliases: number;
  /** Fields at the top of this selection set. */
  level: number;
  fields: number;
  /** Of what is selected whatever the object turns out to be. */
  cost: number;
  /** Of what is selected only when the object is of that type. An object has one type, so only the dearest counts. */
  costOfType: Map<string, number>;
  /** What the answer may weigh, whatever the objects turn out to be: an estimate, by what texts usually are. */
  bytes: number;
}

export const emptyTally = (): Tally => ({
  depth: 0,
  introspectionDepth: 0,
  aliases: 0,
  level: 0,
  fields: 0,
  cost: 0,
  costOfType: new Map(),
  bytes: 0,
});

export const totalCost = (tally: Tally): number => capped(tally.cost + Math.max(0, ...tally.costOfType.values()));

/** Adds a field with everything below it, which is computed `multiplier` times. */
export function addRepeated(
  into: Tally,
  below: Tally,
  field: { weight: number; multiplier: number; introspective: boolean; bytes: number },
): void {
  // The two depths grow apart: entering `__schema` must not use up the depth of ordinary fields.
  const step = field.introspective ? { depth: 0, introspection: 1 } : { depth: 1, introspection: 0 };
  into.depth = Math.max(into.depth, step.depth + below.depth);
  into.introspectionDepth = Math.max(into.introspectionDepth, step.introspection + below.introspectionDepth);
  into.aliases = capped(into.aliases + below.aliases);
  into.fields = capped(into.fields + 1 + below.fields);
  into.bytes = capped(into.bytes + capped(field.multiplier * (field.bytes + below.bytes)));
  into.cost = capped(into.cost + field.weight + capped(field.multiplier * totalCost(below)));
}

/** Adds a fragment, as if its selections stood where it is spread. */
export function addFragment(into: Tally, fragment: Tally, condition: GraphQLNamedType | undefined): void {
  into.depth = Math.max(into.depth, fragment.depth);
  into.introspectionDepth = Math.max(into.introspectionDepth, fragment.introspectionDepth);
  into.aliases = capped(into.aliases + fragment.aliases);
  into.level = capped(into.level + fragment.level);
  into.fields = capped(into.fields + fragment.fields);
  // Of an interface each object is of one type: what is selected of several types weighs as the heaviest.
  if (isObjectType(condition)) into.bytes = Math.max(into.bytes, fragment.bytes);
  else into.bytes = capped(into.bytes + fragment.bytes);
  if (isObjectType(condition)) {
    addCostOfType(into, condition.name, totalCost(fragment));
  } else {
    into.cost = capped(into.cost + fragment.cost);
    for (const [type, cost] of fragment.costOfType) addCostOfType(into, type, cost);
  }
}

function addCostOfType(into: Tally, type: string, cost: number): void {
  into.costOfType.set(type, capped((into.costOfType.get(type) ?? 0) + cost));
}

/** Counts of a fragment bomb pass every number; stopping here keeps them from becoming Infinity, which JSON cannot say. */
const capped = (count: number): number => Math.min(count, Number.MAX_SAFE_INTEGER);
