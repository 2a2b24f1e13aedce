import type { Facts } from './facts.js';
import { licenceFacts } from './licences.js';

type LabelFacts = NonNullable<Facts['labels']>;

/** What follows in one dimension, as effective labels tell it. */
export interface LabelOfDimension {
  value: string | readonly string[] | number | null;
  unknown: boolean;
  conflict: boolean;
}

export interface LabelOptions {
  /** Of the classification, from the lowest to the highest. */
  levels: readonly string[];
  /** Times are told as seconds from here. */
  now: Date;
}

/** How a dimension that policies know becomes a fact; null: its value is none that they can read. */
const READERS: Readonly<
  Record<string, (value: NonNullable<LabelOfDimension['value']>, options: LabelOptions) => LabelFacts | null>
> = {
  classification: (value, { levels }) => {
    const rank = levels.findIndex((level) => level === value);
    return rank < 0 ? null : { classification: { level: String(value), rank } };
  },
  personalData: (value) => asCodes(value, (personalData) => ({ personalData })),
  regions: (value) => asCodes(value, (regions) => ({ regions })),
  purposes: (value) => asCodes(value, (purposes) => ({ purposes })),
  legalHolds: (value) => asCodes(value, (legalHolds) => ({ legalHolds })),
  licences: (value) => {
    try {
      return typeof value === 'string' ? { licences: licenceFacts(value) } : null;
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  },
  retainUntil: (value, { now }) => asSeconds(value, now, (retainUntil) => ({ retainUntil })),
  deleteBy: (value, { now }) => asSeconds(value, now, (deleteBy) => ({ deleteBy })),
  embargo: (value, { now }) => asSeconds(value, now, (embargo) => ({ embargo })),
  quality: (value) => (typeof value === 'number' ? { quality: Math.floor(value * 100 + 1e-9) } : null),
};

/**
 * Effective labels as facts. A dimension of which something up the line says nothing is unknown, and so is one whose value
 * policies cannot read; what is known of it is told all the same. Dimensions of the site are one fact together, since a
 * policy cannot ask for what its schema does not name.
 */
export function labelFacts(
  labels: Readonly<Record<string, LabelOfDimension>>,
  options: LabelOptions,
): { labels: LabelFacts; unknown: string[] } {
  const entries = Object.entries(labels);
  const own = entries.filter(([name]) => !Object.hasOwn(READERS, name));
  const unknown = own.some(([, label]) => label.unknown) ? ['labels.own'] : [];
  let facts: LabelFacts = {
    conflicts: entries.filter(([, { conflict }]) => conflict).map(([name]) => name),
    own: own.flatMap(([name, { value }]) => [value ?? []].flat().map((each) => `${name}:${each}`)),
  };
  for (const [name, read] of Object.entries(READERS)) {
    const { value = null, unknown: isUnknown = true } = labels[name] ?? {};
    const fact = value === null ? null : read(value, options);
    if (isUnknown || fact === null) unknown.push(`labels.${name}`);
    facts = { ...facts, ...fact };
  }
  return { labels: facts, unknown };
}

function asCodes(value: unknown, make: (codes: readonly string[]) => LabelFacts): LabelFacts | null {
  return Array.isArray(value) ? make(value.map(String)) : null;
}

/** Rounded up: 0 or less only once that time has come. Never -0, which is no number of JSON. */
function asSeconds(value: unknown, now: Date, make: (seconds: number) => LabelFacts): LabelFacts | null {
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? null : make(Math.ceil((at - now.getTime()) / 1000) + 0);
}
