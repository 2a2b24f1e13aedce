import { type Document, isNode, LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
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
  lineOf: (place: readonly PropertyKey[]) => { line: number; column: number };
}

/** Reads YAML by a shape. Throws PolicyFaults: each with its line and column. */
export function readYaml<T extends z.ZodType>(file: string, text: string, shape: T): ReadFile<z.output<T>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (at: number) => {
    const { line, col } = lines.linePos(at);
    return { line, column: col };
  };
  if (document.errors.length > 0)
    throw new PolicyFaults(document.errors.map(({ message, pos }) => faultAt(file, placeAt(pos[0]), message)));
  const lineOf = (place: readonly PropertyKey[]) => placeAt(startOf(document, place));
  const { data, error } = shape.safeParse(valueOf(file, document));
  if (!error) return { value: data, lineOf };
  throw new PolicyFaults(
    error.issues.map(({ path, message }) => faultAt(file, lineOf(path), `${path.map(String).join('.')}: ${message}`)),
  );
}

/** A request of its own, for `weft policy explain`. Throws PolicyFaults. */
export function readRequest(file: string, text: string, set: PolicySet): PolicyRequest {
  const { value, lineOf } = readYaml(file, text, z.strictObject(requestParts));
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

function valueOf(file: string, document: Document): unknown {
  try {
    // An alias of an alias can be more than the file: none is needed here.
    return document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw new PolicyFaults([faultAt(file, null, error instanceof Error ? error.message : String(error))]);
  }
}

/** Where what the path names begins; where it is not there, what it should stand in. */
function startOf(document: Document, place: readonly PropertyKey[]): number {
  for (let length = place.length; length > 0; length--) {
    const found = document.getIn(place.slice(0, length), true);
    if (isNode(found) && found.range) return found.range[0];
  }
  return 0;
}
