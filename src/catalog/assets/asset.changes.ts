import { badInput } from '../../errors.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Asset } from '../model/asset.js';
import { changedAttributes, KIND_OF_ATTRIBUTE, storedAttributes } from '../model/attributes.js';
import type { FieldInput, UpdateAssetInput } from './asset.input.js';
import type { NewField } from './asset.repository.js';
import type { AssetKind } from '../model/urn.js';
import { wordsOf } from '../text/search-text.js';

/** What the audit log says of an asset that follows its namespace. */
const INHERITED = 'INHERITED';
const MAX_FIELDS = 10_000;
const MAX_TAGS = 100;
const MAX_TAG_LENGTH = 100;

/** Which kind each member of UpdateAssetInput belongs to that not all have. */
const OWN_MEMBERS: Readonly<Record<string, AssetKind>> = { ...KIND_OF_ATTRIBUTE, fields: 'DATASET' };

/** The properties the Asset node is made with. */
export function storedAsset(asset: Asset, fields: readonly NewField[]): Parameters {
  const { __typename, fieldsThen, ownersThen, properties, visibilityInherited, ...plain } = asset;
  return {
    ...plain,
    ownVisibility: visibilityInherited ? null : plain.visibility,
    properties: JSON.stringify(properties),
    ...storedAttributes(asset),
    nameWords: wordsOf(asset.name),
    ...searchedFields(fields),
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

/** What an update changes, as stored and as the audit log tells it. Throws BAD_USER_INPUT. */
export function changedProperties(asset: Asset, input: UpdateAssetInput): AssetChange {
  refuseForeignMembers(asset, input);
  const change: AssetChange = { stored: {}, before: {}, after: {}, fields: null, inherits: false };
  const stored: Record<string, unknown> = {};
  const set = (member: keyof Asset, value: unknown, kept: unknown = value): void => {
    stored[member] = kept;
    change.before[member] = asset[member];
    change.after[member] = value;
  };
  if (input.description !== undefined) set('description', input.description);
  for (const { name, value, stored: kept } of changedAttributes(input)) set(name, value, kept);
  if (input.visibility !== undefined) {
    change.inherits = input.visibility === null;
    stored['ownVisibility'] = input.visibility;
    if (input.visibility !== null) stored['visibility'] = input.visibility;
    change.before['visibility'] = auditedVisibility(asset);
    change.after['visibility'] = input.visibility ?? INHERITED;
  }
  if (input.tags !== undefined) set('tags', checkTags(input.tags ?? []));
  if (input.properties !== undefined) {
    set('properties', input.properties ?? {}, JSON.stringify(checkObject('properties', input.properties ?? {})));
  }
  if (input.fields !== undefined) {
    change.fields = toFields(input.fields);
    Object.assign(stored, searchedFields(change.fields));
    change.after['fields'] = change.fields.map((field) => field.name);
  }
  change.stored = stored;
  return change;
}

export function toFields(fields: readonly FieldInput[] | null | undefined): NewField[] {
  const wanted = (fields ?? []).map(({ name, type, description }) => ({
    name,
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
    if (name.trim() === '') throw badInput(`Field ${index + 1} has an empty name.`);
    if ([...name].length > 1_000) throw badInput(`The name of field ${index + 1} is longer than 1,000 characters.`);
    if (seen.has(name)) throw badInput(`The field name "${name}" is given twice. Names are unique in a data set.`);
    seen.add(name);
  });
}

/** Throws BAD_USER_INPUT for tags that are empty, too long or too many; doubles are dropped. */
export function checkTags(tags: readonly string[]): string[] {
  if (tags.length > MAX_TAGS) throw badInput(`${tags.length} tags are too many; at most ${MAX_TAGS} are possible.`);
  const wrong = tags.find((tag) => tag.trim() === '' || [...tag].length > MAX_TAG_LENGTH);
  if (wrong !== undefined)
    throw badInput(`The tag "${wrong.slice(0, 60)}" must have 1 to ${MAX_TAG_LENGTH} characters.`);
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

/** Field names as search finds them: whole, and by the words inside them. */
function searchedFields(fields: readonly NewField[]): { fieldNames: string[]; fieldWords: string[] } {
  const fieldNames = fields.map(({ name }) => name);
  return { fieldNames, fieldWords: fieldNames.map(wordsOf) };
}

function refuseForeignMembers(asset: Asset, input: UpdateAssetInput): void {
  for (const [member, kind] of Object.entries(OWN_MEMBERS)) {
    if (Reflect.get(input, member) !== undefined && kind !== asset.kind) {
      throw badInput(`\`${member}\` belongs to a ${kind}; ${asset.urn} is a ${asset.kind}.`);
    }
  }
}
