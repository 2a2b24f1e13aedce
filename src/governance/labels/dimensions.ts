import { badInput } from '../../errors.js';
import type { Dimension, LabelValue } from './label.js';
import { conjunctionOf, conjunctsOf, membersOf } from './licences.js';

/** Those that every site has. */
export const BUILT_IN: readonly Dimension[] = [
  {
    ...{ name: 'classification', kind: 'MAX', values: 'LEVELS' },
    levels: ['PUBLIC', 'INTERNAL', 'CONFIDENTIAL', 'RESTRICTED'],
    description: 'How secret it is: the highest level of all that went in.',
  },
  codes('personalData', 'UNION', 'Kinds of personal data in it; an empty list says that there are none.'),
  codes('regions', 'INTERSECTION', 'Where it may be kept and used: only where all that went in may be.'),
  codes('purposes', 'INTERSECTION', 'What it may be used for: only what all that went in may be used for.'),
  {
    ...{ name: 'licences', kind: 'LICENCES', values: 'SPDX' },
    description: 'Licences that have to be kept, as an expression of SPDX.',
  },
  instant('retainUntil', 'MAX', 'Not to be deleted before.'),
  instant('deleteBy', 'MIN', 'To be deleted by then.'),
  instant('embargo', 'MAX', 'Not to be used or published before.'),
  codes('legalHolds', 'UNION', 'Legal holds that forbid to delete it; an empty list says that there are none.'),
  {
    ...{ name: 'quality', kind: 'MIN', values: 'NUMBER' },
    description: 'How good it is, from 0 to 1: as the worst that went in.',
  },
];

function codes(name: string, kind: 'UNION' | 'INTERSECTION', description: string): Dimension {
  return { name, kind, values: 'CODES', description };
}
function instant(name: string, kind: 'MIN' | 'MAX', description: string): Dimension {
  return { name, kind, values: 'INSTANT', description };
}

/** Both together: commutative, associative and idempotent, so that a label does not depend on how a line was walked. */
export function joinOf(dimension: Dimension, one: LabelValue, other: LabelValue): LabelValue {
  switch (dimension.kind) {
    case 'MAX':
      return rankOf(dimension, one) >= rankOf(dimension, other) ? one : other;
    case 'MIN':
      return rankOf(dimension, one) <= rankOf(dimension, other) ? one : other;
    case 'UNION':
      return sorted([...codesOf(one), ...codesOf(other)]);
    case 'INTERSECTION': {
      const allowed = new Set(codesOf(other));
      return codesOf(one).filter((code) => allowed.has(code));
    }
    case 'LICENCES':
      return conjunctionOf([...licencesOf(one), ...licencesOf(other)]);
  }
}

/** Whether the one says no less than the other: joining them changes nothing. */
export function covers(dimension: Dimension, one: LabelValue, other: LabelValue): boolean {
  return isSame(joinOf(dimension, one, other), one);
}

const isSame = (one: LabelValue, other: LabelValue): boolean => keyOf(one) === keyOf(other);

/** Tells values of one dimension apart. */
export const keyOf = (value: LabelValue): string => JSON.stringify(value);

/** What was left of it allows nothing. */
export const isConflict = ({ kind }: Dimension, value: LabelValue | null): boolean =>
  kind === 'INTERSECTION' && value !== null && codesOf(value).length === 0;

/**
 * What a declassification makes of a value: `from` becomes `to`; what is not within `from` stays. Each is monotone and goes through
 * joins, so it does not matter whether what came together was joined before or after.
 */
export function loweredBy(
  dimension: Dimension,
  value: LabelValue,
  { from, to }: { from: LabelValue | null; to: LabelValue },
): LabelValue {
  const rank = (each: LabelValue) => rankOf(dimension, each);
  switch (dimension.kind) {
    case 'MAX':
      return from !== null && rank(value) > rank(to) && rank(value) <= rank(from) ? to : value;
    case 'MIN':
      return from !== null && rank(value) < rank(to) && rank(value) >= rank(from) ? to : value;
    case 'INTERSECTION':
      return sorted([...codesOf(value), ...codesOf(to)]);
    case 'UNION':
      return sorted(replaced(codesOf(value), codesOf(from ?? []), codesOf(to)));
    case 'LICENCES':
      return conjunctionOf(replaced(licencesOf(value), licencesOf(from ?? ''), licencesOf(to)));
  }
}

function replaced(of: readonly string[], from: readonly string[], to: readonly string[]): string[] {
  const left = of.filter((each) => !from.includes(each));
  return left.length === of.length ? [...of] : [...left, ...to];
}

const sorted = (texts: readonly string[]): string[] => [...new Set(texts)].sort();
const codesOf = (value: LabelValue): readonly string[] => (typeof value === 'object' ? value : []);
const licencesOf = (value: LabelValue): readonly string[] => membersOf(String(value)).filter((each) => each !== '');

function rankOf({ values, levels }: Dimension, value: LabelValue): number {
  if (values === 'LEVELS') return (levels ?? []).indexOf(String(value));
  return values === 'INSTANT' ? Date.parse(String(value)) : Number(value);
}

const MOST_CODES = 100;
/** How codes and levels are spelt. */
export const CODE = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,79}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}))?$/;

/** The value that texts stand for, in its one spelling. Throws BAD_USER_INPUT: which text, and what is allowed. */
export function valueOf(dimension: Dimension, texts: readonly string[]): LabelValue {
  if (dimension.values === 'CODES') return codesIn(dimension, texts);
  const [text] = texts;
  if (text === undefined || texts.length > 1)
    throw badInput(`\`${dimension.name}\` takes one value; ${texts.length} were given. Give ${allowed(dimension)}.`);
  return singleOf(dimension, text.trim());
}

/** A value as texts, as it is stored and shown. */
export const textsOf = (value: LabelValue): string[] => (typeof value === 'object' ? [...value] : [String(value)]);

function singleOf(dimension: Dimension, text: string): LabelValue {
  const { name, values, levels } = dimension;
  const refused = badInput(`"${text.slice(0, 120)}" is no value of \`${name}\`. Give ${allowed(dimension)}.`);
  if (values === 'LEVELS') {
    if (levels?.includes(text)) return text;
    throw refused;
  }
  if (values === 'SPDX') {
    const conjuncts = conjunctsOf(text);
    if (conjuncts === null) throw refused;
    return conjunctionOf(conjuncts);
  }
  if (values === 'INSTANT') {
    const time = INSTANT.test(text) ? new Date(text) : null;
    if (time === null || Number.isNaN(time.getTime())) throw refused;
    return time.toISOString();
  }
  const number = /^(0|1)(\.\d{1,15})?$/.test(text) ? Number(text) : Number.NaN;
  if (number >= 0 && number <= 1) return number;
  throw refused;
}

function codesIn(dimension: Dimension, texts: readonly string[]): readonly string[] {
  const { name, kind, codes: known } = dimension;
  if (texts.length > MOST_CODES)
    throw badInput(`\`${name}\` takes at most ${MOST_CODES} codes; ${texts.length} were given.`);
  if (texts.length === 0 && kind === 'INTERSECTION')
    throw badInput(`\`${name}\` without a code would allow nothing. Give ${allowed(dimension)}.`);
  const wrong = texts.find((text) => (known ? !known.includes(text) : !CODE.test(text)));
  if (wrong !== undefined)
    throw badInput(`"${wrong.slice(0, 120)}" is no code of \`${name}\`. Give ${allowed(dimension)}.`);
  return sorted(texts);
}

function allowed({ values, levels, codes: known }: Dimension): string {
  switch (values) {
    case 'LEVELS':
      return `one of ${(levels ?? []).join(', ')}`;
    case 'CODES':
      return known
        ? `codes out of ${known.join(', ')}`
        : 'codes of letters, digits and . _ : / -, each at most 80 characters';
    case 'SPDX':
      return 'an expression of SPDX, such as "MIT" or "CC-BY-4.0 AND (MIT OR Apache-2.0)"; LicenseRef-… for one that SPDX does not list; NOASSERTION where nobody knows';
    case 'INSTANT':
      return 'a time as 2026-11-30T00:00:00Z, or a day';
    case 'NUMBER':
      return 'a number from 0 to 1';
  }
}

/** The dimensions of a site, by their names. */
export class Dimensions {
  private readonly byName: ReadonlyMap<string, Dimension>;

  constructor(own: readonly Dimension[] = []) {
    this.byName = new Map([...BUILT_IN, ...own].map((each) => [each.name, each]));
  }

  get all(): readonly Dimension[] {
    return [...this.byName.values()];
  }

  find(name: string): Dimension | undefined {
    return this.byName.get(name);
  }

  /** Throws BAD_USER_INPUT for one that there is not. */
  named(name: string): Dimension {
    const dimension = this.byName.get(name);
    if (dimension) return dimension;
    const names = [...this.byName.keys()].join(', ');
    throw badInput(`There is no dimension "${name.slice(0, 120)}". There are ${names}.`);
  }
}
