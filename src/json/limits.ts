import { atOnce } from '../turn.js';

/**
 * What a JSON document may be, wherever one enters: an argument, a body, a file a program left. JSON.parse reads any
 * nesting, but JSON.stringify and every function that walks a value by calling itself overflow on it, long after the
 * value was stored. So it is refused at the door, by a walk that keeps its own stack. It depends on nothing but turns.
 */
export interface JsonLimits {
  /** Objects and lists within each other; a bare number or string is 0 deep, `{}` is 1. */
  maxDepth: number;
  /** Of the document written as UTF-8 JSON without spaces. */
  maxBytes: number;
  /** Keys of objects and items of lists, all of the document together. */
  maxEntries: number;
}

/** What people and jobs write: properties, parameters, facets. */
export const JSON_LIMITS: JsonLimits = { maxDepth: 32, maxBytes: 65_536, maxEntries: 5_000 };

const PLACES_OF_A_STEP = 1_000;

/** One value of the document, and the way to it. */
interface Place {
  value: unknown;
  /** A number in a list. */
  key: string | number;
  above: Place | null;
  depth: number;
}

/** An object or a list whose members are looked at one after the other: nothing of it is copied. */
interface Container {
  place: Place;
  /** null: it is a list. */
  keys: readonly string[] | null;
  size: number;
  at: number;
}

/**
 * What is wrong with the value, to follow a subject: "nests deeper than 32 levels at /a/b". null when it is JSON within
 * the limits. Also refused is what JSON cannot say or keeps unlike it was: undefined, NaN, functions, dates, half of a
 * surrogate pair. The key `__proto__` is a key: who copies objects member by member must define it rather than assign it.
 */
export function checkJson(value: unknown, limits: JsonLimits = JSON_LIMITS): string | null {
  return atOnce(checkJsonInSteps(value, limits));
}

/** The same, for what may be large: whoever drives it may let others have their turn between the steps. */
export function* checkJsonInSteps(value: unknown, limits: JsonLimits): Generator<undefined, string | null, undefined> {
  const open: Container[] = [];
  let [bytes, entries, looked] = [0, 0, 0];
  for (let place: Place | null = { value, key: '', above: null, depth: 0 }; place; place = nextPlace(open)) {
    if ((looked += 1) % PLACES_OF_A_STEP === 0) yield;
    const container = containerAt(place);
    entries += container?.size ?? 0;
    if (entries > limits.maxEntries) return `holds more than ${count(limits.maxEntries)} keys and items`;
    const fault = faultOfKey(place) ?? (container ? faultOfDepth(place, limits) : faultOfScalar(place));
    if (fault !== null) return fault;
    bytes +=
      bytesOfKey(place) +
      (container ? 2 + Math.max(0, container.size - 1) : bytesOfScalar(place.value, limits.maxBytes));
    if (bytes > limits.maxBytes) return `is larger than ${count(limits.maxBytes)} bytes, written as JSON`;
    if (container) open.push(container);
  }
  return null;
}

/** The value a JSON text says, or what is wrong with the text. */
export function readJsonText(
  text: string,
  limits: JsonLimits = JSON_LIMITS,
): { value: unknown; fault: null } | { value: null; fault: string } {
  if (text.length > limits.maxBytes || Buffer.byteLength(text) > limits.maxBytes) {
    return { value: null, fault: `is larger than ${count(limits.maxBytes)} bytes` };
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { value: null, fault: 'is not JSON' };
  }
  const fault = checkJson(value, limits);
  return fault === null ? { value, fault } : { value: null, fault };
}

/** Whether objects and lists within each other go deeper. It looks at nothing else: for what was accepted once. */
export function isDeeper(value: unknown, maxDepth: number): boolean {
  let level = [value].filter(isContainer);
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null;

/** What of the document comes after what was looked at last; null: nothing. */
function nextPlace(open: Container[]): Place | null {
  for (let top = open.at(-1); top; top = open.at(-1)) {
    if (top.at < top.size) return memberOf(top, top.at++);
    open.pop();
  }
  return null;
}

/** A hole in a list is an undefined item. */
function memberOf({ place, keys }: Container, at: number): Place {
  const key = keys ? (keys[at] ?? '') : at;
  const value = (place.value as Readonly<Record<string | number, unknown>>)[key];
  return { value, key, above: place, depth: place.depth + 1 };
}

/** null of anything that has no members. */
function containerAt(place: Place): Container | null {
  const { value } = place;
  if (Array.isArray(value)) return { place, keys: null, size: value.length, at: 0 };
  if (!isPlainObject(value)) return null;
  const keys = Object.keys(value);
  return { place, keys, size: keys.length, at: 0 };
}

/** Whether it is an object as JSON has them. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function faultOfDepth(place: Place, limits: JsonLimits): string | null {
  return place.depth >= limits.maxDepth
    ? `nests deeper than ${count(limits.maxDepth)} levels at ${wayTo(place)}`
    : null;
}

function faultOfKey({ key, above }: Place): string | null {
  if (typeof key === 'number' || above === null || key.isWellFormed()) return null;
  return `has a key at ${wayTo(above)} with half of a surrogate pair, which is no character`;
}

function faultOfScalar(place: Place): string | null {
  const { value } = place;
  if (value === null || typeof value === 'boolean') return null;
  if (typeof value === 'string') {
    return value.isWellFormed() ? null : `holds half of a surrogate pair at ${wayTo(place)}, which is no character`;
  }
  if (typeof value === 'number' && Number.isFinite(value)) return null;
  const said = typeof value === 'number' ? 'a number' : `a value of type ${typeof value}`;
  return `holds ${said} at ${wayTo(place)} that JSON cannot say`;
}

/** With its colon; nothing in a list, and of the whole. */
function bytesOfKey({ key, above }: Place): number {
  return typeof key === 'number' || above === null ? 0 : Buffer.byteLength(JSON.stringify(key)) + 1;
}

/** A text longer than the whole may be is not written out to be measured. */
function bytesOfScalar(value: unknown, most: number): number {
  if (typeof value === 'string' && value.length > most) return most + 1;
  return Buffer.byteLength(JSON.stringify(value));
}

const MOST_SHOWN = 120;

/** A JSON pointer, its end cut off when it is long. */
function wayTo(place: Place): string {
  const keys: string[] = [];
  for (let at = place; at.above; at = at.above) keys.push(String(at.key));
  const way = keys.reverse().map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
  const text = way.join('').toWellFormed();
  if (text === '') return 'the top';
  return text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN).toWellFormed()}…` : text;
}

const count = (number: number): string => number.toLocaleString('en-US');
