/**
 * How fields lie in each other, told by their names: a name is a path, its parts joined by dots, as `address.city`. The values of an
 * array are `element`, those of a map `key` and `value` (Apache Iceberg): `orders.element.price`. A dot that is part of a name stands
 * between backticks, which are doubled within: `` `unit.price`.amount ``. A field is a part of the nearest field on its path that the
 * data set has; so a column `a.b` of a table without a column `a` is no part of anything.
 */

import { mapInTurns } from '../../turn.js';

const QUOTE = '`';
/** Most parts of a path: a longer one is a single part. Each field is kept with all that it lies in. */
const DEEPEST = 20;

/** The parts of a path, as they are written. What cannot be read as a path is a single part. */
export function partsOfPath(name: string): string[] {
  const parts = cutPath(name);
  return parts.length > DEEPEST ? [name] : parts;
}

function cutPath(name: string): string[] {
  if (!name.includes(QUOTE)) return name.split('.').includes('') ? [name] : name.split('.');
  const parts: string[] = [];
  for (let start = 0; start <= name.length;) {
    const end = endOfPart(name, start);
    if (end === null || end === start || (end < name.length && name[end] !== '.')) return [name];
    parts.push(name.slice(start, end));
    start = end + 1;
  }
  return parts;
}

/** Where the part that begins there ends; null when its backtick is not closed. */
function endOfPart(name: string, start: number): number | null {
  if (name[start] !== QUOTE) {
    const dot = name.indexOf('.', start);
    return dot < 0 ? name.length : dot;
  }
  for (let at = start + 1; at < name.length; at += 1) {
    if (name[at] !== QUOTE) continue;
    if (name[at + 1] !== QUOTE) return at + 1;
    at += 1;
  }
  return null;
}

/** Of each name that is a part of others of them: those, the nearest first. In turns: there may be ten thousand, deep ones. */
export async function wholesOf(names: readonly string[]): Promise<Map<string, string[]>> {
  const there = new Set(names);
  const wholes = await mapInTurns(names, (name) => prefixesOf(name).filter((each) => there.has(each)));
  return new Map(
    names.flatMap((name, index) => {
      const found = wholes[index] ?? [];
      return found.length === 0 ? [] : [[name, found] as const];
    }),
  );
}

/** The paths above, the nearest first. */
function prefixesOf(name: string): string[] {
  if (!name.includes('.')) return [];
  const parts = partsOfPath(name);
  const prefixes: string[] = [];
  for (let at = 0, length = -1; at < parts.length - 1; at += 1) {
    length += 1 + (parts[at]?.length ?? 0);
    prefixes.push(name.slice(0, length));
  }
  return prefixes.reverse();
}

/** What names become when a field is renamed: it, and what lies in it, each with its new name. */
export function renamedWith(names: readonly string[], from: string, to: string): Map<string, string> {
  const renamed = new Map([[from, to]]);
  for (const name of names) {
    if (name.startsWith(from) && prefixesOf(name).includes(from)) renamed.set(name, `${to}${name.slice(from.length)}`);
  }
  return renamed;
}
