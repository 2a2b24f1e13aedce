import { z } from 'zod';
import { type Place, readYaml } from '../../disk/yaml-text.js';
import type { PolicyFault, PolicyRequest } from './engine.js';
import { type Facts, ACTIONS } from './facts.js';
import type { FactKinds } from './facts-schema.js';
import { knownFacts } from './known-facts.js';
import { faultAt, PolicyFaults } from './policy-faults.js';
import type { PolicySet } from './policy-set.js';

/** Who asks, or what it is about, where a file does not say. */
export const UNNAMED = { principal: 'someone', resource: 'something' } as const;

/** A request as a file has it: who asks for what, and the facts. What is left out of the facts is unknown. */
export const requestParts = {
  action: z.enum(ACTIONS),
  principal: z.string().min(1).max(1_000).optional(),
  resource: z.string().min(1).max(1_000).optional(),
  facts: z.record(z.string(), z.unknown()).default({}),
  unknown: z.array(z.string().max(200)).max(1_000).default([]),
};

/** A file of YAML, or JSON, with the lines of what is in it. */
export interface ReadFile<T> {
  value: T;
  lineOf: (place: readonly PropertyKey[]) => Place;
}

/** Reads YAML by a shape. Throws PolicyFaults: each with its line and column. */
export function readShaped<T extends z.ZodType>(file: string, text: string, shape: T): ReadFile<z.output<T>> {
  const read = readYaml(text);
  if ('faults' in read) throw new PolicyFaults(read.faults.map(({ message, place }) => faultAt(file, place, message)));
  const lineOf = read.placeOf;
  const { data, error } = shape.safeParse(read.value);
  if (!error) return { value: data, lineOf };
  throw new PolicyFaults(
    error.issues.map(({ path, message }) => faultAt(file, lineOf(path), `${path.map(String).join('.')}: ${message}`)),
  );
}

/** A request of its own, for `weft policy explain`. Throws PolicyFaults. */
export function readRequest(file: string, text: string, set: PolicySet): PolicyRequest {
  const { value, lineOf } = readShaped(file, text, z.strictObject(requestParts));
  const { facts, unknown, action, principal = UNNAMED.principal, resource = UNNAMED.resource } = value;
  const made = { action, principal, resource, facts: { ...facts, unknown } as Facts };
  const faults = factFaults(file, set.factsOf(action), made.facts, lineOf);
  if (faults.length > 0) throw new PolicyFaults(faults);
  return made;
}

/** Facts that no schema has, and such as are of another kind; `lineOf`: where a fact stands. */
export function factFaults(
  file: string,
  kinds: FactKinds,
  facts: Facts,
  lineOf: ReadFile<unknown>['lineOf'],
): PolicyFault[] {
  const { unknown: _named, ...given } = facts;
  const strange = leavesOf(given).filter((steps) => !isKnownPath(kinds, steps));
  const faults = strange.map((steps) =>
    faultAt(file, lineOf(['facts', ...steps]), `There is no fact ${steps.join('.')}.${nearest(kinds, steps)}`),
  );
  if (faults.length > 0) return faults;
  return knownFacts(kinds, facts).faults.map((message) => faultAt(file, lineOf(['facts']), message));
}

/** The paths to everything that is no record. */
function leavesOf(value: object, before: readonly string[] = []): string[][] {
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) => {
    const path = [...before, name];
    return typeof each === 'object' && each !== null && !Array.isArray(each) && path.length < 10
      ? leavesOf(each, path)
      : [path];
  });
}

/** null in the place of a record makes all of it unknown. */
function isKnownPath(kinds: FactKinds, steps: readonly string[]): boolean {
  const name = steps.join('.');
  return kinds.has(name) || [...kinds.keys()].some((each) => each.startsWith(`${name}.`));
}

/** The fact that is called most alike. */
function nearest(kinds: FactKinds, steps: readonly string[]): string {
  const last = steps.at(-1)?.toLowerCase() ?? '';
  const near = [...kinds.keys()].find((name) => sharedStart(name.split('.').at(-1)?.toLowerCase() ?? '', last) >= 4);
  return near === undefined ? ' docs/policies.md has them all.' : ` Did you mean ${near}?`;
}

function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}
