import { z } from 'zod';
import type { Row } from '../../neo4j/row.js';
import { readStoredAs } from '../../json/stored.js';
import { type Asset, type AssetField, type AssetName, TYPE_OF_KIND, VISIBILITIES } from './asset.js';
import { decodeAttributes } from './attributes.js';
import { ASSET_KINDS, type AssetKind, partsOfUrn } from './urn.js';

/** Decodes the properties of an Asset node (or of an AssetRevision, which has the same). */
export function decodeAsset(row: Row): Asset {
  const kind = oneOf<AssetKind>(ASSET_KINDS, row.text('kind'));
  return {
    __typename: TYPE_OF_KIND[kind],
    id: row.text('id'),
    urn: row.text('urn'),
    kind,
    namespace: row.text('namespace'),
    name: row.text('name'),
    description: row.maybeText('description'),
    tags: row.texts('tags'),
    properties: row.json('properties'),
    visibility: oneOf(VISIBILITIES, row.text('visibility')),
    visibilityInherited: row.maybeText('ownVisibility') === null,
    createdAt: row.time('createdAt'),
    updatedAt: row.time('updatedAt'),
    retiredAt: row.maybeTime('retiredAt'),
    revision: row.int('revision'),
    ...decodeAttributes(row),
    isJoined: row.raw('joins') != null,
    symlinks: row.raw('symlinks') == null ? [] : row.texts('symlinks'),
    fieldsThen: null,
    ownersThen: null,
  };
}

const maybeText = z.string().nullable().default(null);
const fields: z.ZodType<AssetField[]> = z.array(
  z.object({
    __typename: z.literal('Field').default('Field'),
    id: z.string(),
    name: z.string(),
    type: maybeText,
    description: maybeText,
    ordinal: z.number(),
  }),
);

/** The name of an asset, told from its urn. */
export function decodeName(id: string, urn: string): AssetName {
  const parts = partsOfUrn(urn);
  return { __typename: TYPE_OF_KIND[parts.kind], id, urn, ...parts };
}

/** Decodes the properties of an AssetRevision: the asset with its fields and owners as they were. */
export function decodeRevision(row: Row): Asset {
  const [roles, since] = [row.texts('ownerRoles'), row.times('ownerSince')];
  return {
    ...decodeAsset(row),
    fieldsThen: decodeFieldsThen(row.text('id'), row.text('fields')),
    ownersThen: row.texts('ownerIds').map((ownerId, index) => ({
      ownerId,
      role: roles[index] === 'OWNER' ? 'OWNER' : 'STEWARD',
      since: since[index] ?? row.time('from'),
    })),
  };
}

/**
 * Fields as they are kept with a revision of the asset of that id. Where they cannot be read, one stands for all and says
 * so; its id leads to nothing.
 */
export function decodeFieldsThen(assetId: string, json: string): AssetField[] {
  return readStoredAs(json, fields, (description) => [
    { __typename: 'Field', id: `${assetId}:unreadable`, name: '$unreadable', type: null, description, ordinal: 0 },
  ]);
}

export function decodeField(row: Row): AssetField {
  return {
    __typename: 'Field',
    id: row.text('id'),
    name: row.text('name'),
    type: row.maybeText('type'),
    description: row.maybeText('description'),
    ordinal: row.int('ordinal'),
    ...(row.raw('joined') === true ? { joined: true } : {}),
  };
}

function oneOf<T extends string>(words: readonly T[], word: string): T {
  const found = words.find((each) => each === word);
  if (found === undefined) throw new TypeError(`"${word}" is none of ${words.join(', ')}.`);
  return found;
}
