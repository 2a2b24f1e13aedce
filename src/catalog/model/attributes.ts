/**
 * What each kind of asset has beyond every asset: one table, from which follows how an attribute is read off its node, kept, set,
 * cleared, told by the audit log and shown in lineage. A new one is a line here, a field of its type and one of its input.
 */
import { z } from 'zod';
import { badInput } from '../../errors.js';
import type { Row } from '../../neo4j/row.js';
import { readStoredAs } from '../../json/stored.js';
import type { AssetKind } from './urn.js';

/** Where the code of a transformation is; null: unknown. */
export interface CodeRef {
  repository: string | null;
  revision: string | null;
  path: string | null;
  image: string | null;
}

/** How an attribute is read and kept. */
interface Attribute<T> {
  /** What assets of other kinds have in its place. */
  readonly none: T;
  /** Off the node, or the revision; of one that was stored before the attribute was known, `none`. */
  decode: (row: Row, name: string) => T;
  /** As the property of the node is. */
  stored: (value: T) => unknown;
  /** What was given, undefined or null where nothing was. Throws BAD_USER_INPUT. */
  given: (value: unknown, name: string) => T;
}

const text: Attribute<string | null> = {
  none: null,
  decode: (row, name) => row.maybeText(name),
  stored: (value) => value,
  given: (value) => (value ?? null) as string | null,
};

/** One that cannot be cleared. */
const requiredText: Attribute<string> = {
  none: '',
  decode: (row, name) => row.maybeText(name) ?? '',
  stored: (value) => value,
  given: (value, name) => {
    if (value == null) throw badInput(`\`${name}\` cannot be cleared; give a value or leave it out.`);
    return value as string;
  },
};

const wholeNumber = (least: number, most: number): Attribute<number | null> => ({
  none: null,
  decode: (row, name) => row.maybeInt(name),
  stored: (value) => (value === null ? null : BigInt(value)),
  given: (value, name) => {
    const number = (value ?? null) as number | null;
    if (number !== null && (number < least || number > most))
      throw badInput(`\`${name}\` is ${number}; give a whole number from ${least} to ${most}, or null.`);
    return number;
  },
});

/** An object, kept as JSON; `unreadable` stands in the place of one that was damaged, and says why. */
const object = <T extends object>(schema: z.ZodType<T>, unreadable: (why: string) => T): Attribute<T | null> => ({
  none: null,
  decode: (row, name) => {
    const json = row.maybeText(name);
    return json === null ? null : readStoredAs(json, schema, unreadable);
  },
  stored: (value) => (value === null ? null : JSON.stringify(value)),
  given: (value) => (value == null ? null : schema.parse(value)),
});

const maybeText = z.string().nullable().default(null);
const codeRef = z.object({ repository: maybeText, revision: maybeText, path: maybeText, image: maybeText });

/** The longest time for which it can be said that data is kept, in days: a hundred years. */
const MOST_DAYS = 36_500;

const ATTRIBUTES = {
  DATASET: { format: text, uri: text, retentionDays: wholeNumber(1, MOST_DAYS) },
  TRANSFORMATION: {
    codeRef: object<CodeRef>(codeRef, (why) => ({ repository: why, revision: null, path: null, image: null })),
  },
  MODEL: { task: text, license: text },
  DEPLOYMENT: { environment: requiredText, endpoint: text },
} as const satisfies Record<AssetKind, object>;

type Table = typeof ATTRIBUTES;
/** What assets of a kind have: `Dataset implements AttributesOf<'DATASET'>` does not compile while one is missing. */
export type AttributesOf<K extends AssetKind> = {
  [Name in keyof Table[K]]: Table[K][Name] extends Attribute<infer T> ? T : never;
};
/** Those of all kinds; an asset has `none` in the place of what other kinds have. */
export type Attributes = AttributesOf<'DATASET'> &
  AttributesOf<'TRANSFORMATION'> &
  AttributesOf<'MODEL'> &
  AttributesOf<'DEPLOYMENT'>;
export type AttributeName = keyof Attributes;

const ALL = Object.entries(ATTRIBUTES).flatMap(([kind, attributes]) =>
  Object.entries(attributes).map(([name, attribute]) => ({
    name: name as AttributeName,
    kind: kind as AssetKind,
    attribute: attribute as Attribute<unknown>,
  })),
);

/** The names of all, in the order of the table. */
export const ATTRIBUTE_NAMES: readonly AttributeName[] = ALL.map(({ name }) => name);
/** Which kind each belongs to. */
export const KIND_OF_ATTRIBUTE = Object.fromEntries(ALL.map(({ name, kind }) => [name, kind])) as Readonly<
  Record<AttributeName, AssetKind>
>;

/** Off a node of an asset, or one of its revisions. */
export function decodeAttributes(row: Row): Attributes {
  return Object.fromEntries(
    ALL.map(({ name, attribute }) => [name, attribute.decode(row, name)]),
  ) as unknown as Attributes;
}

/** As properties of its node. */
export function storedAttributes(asset: Attributes): Record<AttributeName, unknown> {
  return Object.fromEntries(ALL.map(({ name, attribute }) => [name, attribute.stored(asset[name])])) as Record<
    AttributeName,
    unknown
  >;
}

/** What an asset of the kind is registered with. Throws BAD_USER_INPUT. */
export function givenAttributes(kind: AssetKind, input: object): Attributes {
  return Object.fromEntries(
    ALL.map(({ name, kind: of, attribute }) => [
      name,
      of === kind ? attribute.given(Reflect.get(input, name), name) : attribute.none,
    ]),
  ) as unknown as Attributes;
}

/** Each that a change names, with its new value and how that is kept. Throws BAD_USER_INPUT. */
export function changedAttributes(input: object): { name: AttributeName; value: unknown; stored: unknown }[] {
  return ALL.flatMap(({ name, attribute }) => {
    const given: unknown = Reflect.get(input, name);
    if (given === undefined) return [];
    const value = attribute.given(given, name);
    return [{ name, value, stored: attribute.stored(value) }];
  });
}
