import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../../audit/record/canonical-json.js';
import { badInput } from '../../errors.js';
import { invisibleIn, spelt, speltTag } from '../../spelling.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Asset } from '../model/asset.js';
import { changedAttributes, KIND_OF_ATTRIBUTE, storedAttributes } from '../model/attributes.js';
import type { FieldInput, UpdateAssetInput } from './asset.input.js';
import type { NewField } from './dataset-fields.repository.js';
import type { AssetKind } from '../model/urn.js';
import { nameKeys } from '../twins/name-keys.js';
import { descriptionTokens, fieldTokens, searchedTokens, tagTokens } from '../text/searched.js';

/** What the audit log says of an asset that follows its namespace. */
const INHERITED = 'INHERITED';
const MAX_FIELDS = 10_000;
const MAX_TAGS = 100;
const MAX_TAG_LENGTH = 100;

/** Which kind each member of UpdateAssetInput belongs to that not all have. */
const OWN_MEMBERS: Readonly<Record<string, AssetKind>> = { ...KIND_OF_ATTRIBUTE, fields: 'DATASET' };

/** The properties the Asset node is made with. */
export async function storedAsset(asset: Asset, fields: readonly NewField[]): Promise<Parameters> {
  const { __typename, isJoined, symlinks, fieldsThen, ownersThen, properties, visibilityInherited, ...plain } = asset;
  return {
    ...plain,
    ownVisibility: visibilityInherited ? null : plain.visibility,
    properties: JSON.stringify(properties),
    ...storedAttributes(asset),
    fieldNames: namesOf(fields),
    ...nameKeys(asset),
    ...(await searchedTokens({ ...asset, fieldNames: namesOf(fields) })),
  };
}

export interface AssetChange {
  stored: Parameters;
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  /** null: the fields stay. */
  fields: NewField[] | null;
  /** From now on the asset follows its namespace. */
  inherits: boolean;
}

/**
 * What an update changes, as stored and as the audit log tells it; what is so already is no change. `present` are the fields that the
 * asset has, wanted where the input names some. Throws BAD_USER_INPUT.
 */
export function changedProperties(
  asset: Asset,
  input: UpdateAssetInput,
  present: readonly NewField[] = [],
): AssetChange {
  refuseForeignMembers(asset, input);
  const change: AssetChange = { stored: {}, before: {}, after: {}, fields: null, inherits: false };
  const stored: Record<string, unknown> = {};
  const set = (member: keyof Asset, value: unknown, kept: object): void => {
    if (isDeepStrictEqual(asset[member], value)) return;
    Object.assign(stored, kept);
    change.before[member] = asset[member];
    change.after[member] = value;
  };
  if (input.description !== undefined) {
    const { description } = input;
    set('description', description, { description, descriptionTokens: descriptionTokens(description) });
  }
  for (const { name, value, stored: kept } of changedAttributes(input)) set(name, value, { [name]: kept });
  if (input.visibility !== undefined && auditedVisibility(asset) !== (input.visibility ?? INHERITED)) {
    change.inherits = input.visibility === null;
    stored['ownVisibility'] = input.visibility;
    if (input.visibility !== null) stored['visibility'] = input.visibility;
    change.before['visibility'] = auditedVisibility(asset);
    change.after['visibility'] = input.visibility ?? INHERITED;
  }
  if (input.tags !== undefined) {
    const tags = checkTags(input.tags ?? []);
    set('tags', tags, { tags, tagTokens: tagTokens(tags) });
  }
  if (input.properties !== undefined) {
    const properties = checkObject('properties', input.properties ?? {});
    if (canonicalJson(asset.properties) !== canonicalJson(properties))
      set('properties', properties, { properties: JSON.stringify(properties) });
  }
  if (input.fields !== undefined) {
    const fields = toFields(input.fields);
    const before = present.map(({ name, type, description }) => ({ name, type, description }));
    if (!isDeepStrictEqual(before, fields)) {
      change.fields = fields;
      change.before['fields'] = before;
      change.after['fields'] = fields;
    }
  }
  change.stored = stored;
  return change;
}

/** The properties of a data set that follow from its fields. */
export async function storedNames(fields: readonly { name: string }[]): Promise<Parameters> {
  const fieldNames = fields.map(({ name }) => name);
  return { fieldNames, fieldTokens: await fieldTokens(fieldNames) };
}

/** Fields as they are given, what is left out being null. Throws as `checkFields`. */
export function toFields(fields: readonly FieldInput[] | null | undefined): NewField[] {
  const wanted = (fields ?? []).map(({ name, type, description }) => ({
    name: spelt(name),
    type: type ?? null,
    description: description ?? null,
  }));
  checkFields(wanted);
  return wanted;
}

/** Throws BAD_USER_INPUT when a field name is empty, too long or given twice. */
export function checkFields(fields: readonly NewField[]): void {
  if (fields.length > MAX_FIELDS)
    throw badInput(`${fields.length} fields are too many; at most ${MAX_FIELDS} are possible.`);
  const seen = new Set<string>();
  fields.forEach(({ name }, index) => {
    if (name === '') throw badInput(`Field ${index + 1} has an empty name.`);
    const fault = invisibleIn(name);
    if (fault !== null) throw badInput(`The name of field ${index + 1} ${fault}.`);
    if (name.length > 1_000 && [...name].length > 1_000)
      throw badInput(`The name of field ${index + 1} is longer than 1,000 characters.`);
    if (seen.has(name)) throw badInput(`The field name "${name}" is given twice. Names are unique in a data set.`);
    seen.add(name);
  });
}

/** The tags in their one spelling, doubles dropped. Throws BAD_USER_INPUT for tags that are empty, too long or too many. */
export function checkTags(given: readonly string[]): string[] {
  const tags = given.map(speltTag);
  if (tags.length > MAX_TAGS) throw badInput(`${tags.length} tags are too many; at most ${MAX_TAGS} are possible.`);
  const wrong = tags.find((tag) => tag === '' || [...tag].length > MAX_TAG_LENGTH);
  if (wrong !== undefined)
    throw badInput(`The tag "${wrong.slice(0, 60)}" must have 1 to ${MAX_TAG_LENGTH} characters.`);
  for (const tag of tags) {
    const fault = invisibleIn(tag);
    if (fault !== null) throw badInput(`The tag "${tag}" ${fault}.`);
  }
  return [...new Set(tags)];
}

/** Where JSON may be anything but an object is asked for. Throws BAD_USER_INPUT. */
export function checkObject(what: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badInput(`\`${what}\` must be a JSON object, such as {"key": "value"}.`);
  }
  return value as Record<string, unknown>;
}

/** How the audit log tells the visibility of an asset. */
export function auditedVisibility({ visibility, visibilityInherited }: Asset): string {
  return visibilityInherited ? INHERITED : visibility;
}

const namesOf = (fields: readonly NewField[]): string[] => fields.map(({ name }) => name);

function refuseForeignMembers(asset: Asset, input: UpdateAssetInput): void {
  for (const [member, kind] of Object.entries(OWN_MEMBERS)) {
    if (Reflect.get(input, member) !== undefined && kind !== asset.kind) {
      throw badInput(`\`${member}\` belongs to a ${kind}; ${asset.urn} is a ${asset.kind}.`);
    }
  }
}
