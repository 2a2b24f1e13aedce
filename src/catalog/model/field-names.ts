import { notFound } from '../../errors.js';

/** Names that are compared: each costs the product of the lengths. */
const COMPARED = 500;
/** Names shown at most, so that a message stays one. */
const SHOWN = 5;

/** NOT_FOUND for a name that is no field of a data set the caller sees, with the names that come near. */
export function unknownField(urn: string, name: string, known: readonly string[]): Error {
  return notFound(`${urn} has no field "${name.slice(0, 200)}". ${nearNames(name, known)}`);
}

/** A sentence that helps who mistyped a name: those that come nearest, or some that are there. */
function nearNames(wanted: string, known: readonly string[]): string {
  if (known.length === 0) return 'It has no fields yet: register them with updateAsset.';
  const near = known
    .slice(0, COMPARED)
    .map((name) => ({ name, distance: distanceOf(wanted.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, wanted.length / 3))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, SHOWN);
  if (near.length > 0) return `Did you mean ${list(near.map(({ name }) => name))}?`;
  const more = known.length > SHOWN ? ` and ${known.length - SHOWN} more` : '';
  return `It has ${list(known.slice(0, SHOWN))}${more}.`;
}

const list = (names: readonly string[]): string => names.map((name) => `"${shortened(name)}"`).join(', ');
const shortened = (name: string): string => (name.length > 100 ? `${name.slice(0, 100)}…` : name);

/** How many characters must be put in, taken out or replaced; names longer than 100 characters by their beginning. */
function distanceOf(one: string, other: string): number {
  const [a, b] = [one.slice(0, 100), other.slice(0, 100)];
  let row = Array.from({ length: b.length + 1 }, (_each, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
