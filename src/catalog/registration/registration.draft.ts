import { newId } from '../../ids.js';
import { type Asset, TYPE_OF_KIND } from '../model/asset.js';
import { checkFields, checkObject, checkTags } from '../assets/asset.changes.js';
import { givenAttributes } from '../model/attributes.js';
import type { RegisterAssetInput } from './registration.input.js';
import type { NewOwner } from '../assets/asset.repository.js';
import type { NewField } from '../assets/dataset-fields.repository.js';
import { checkOwners } from '../model/owners.js';
import { type AssetKind, checkAssetName, urnOf } from '../model/urn.js';

/** An asset somebody wants to register. */
export interface AssetWanted {
  kind: AssetKind;
  input: RegisterAssetInput;
  /** Of a data set, in order. */
  fields?: readonly NewField[];
}

/** An asset as it is to be, checked as far as it can be without the graph. */
export interface Draft {
  asset: Asset;
  owners: readonly NewOwner[];
  fields: readonly NewField[];
  /** Refused when it could be taken for another. */
  strict: boolean;
}

/** What is to be written, owned by `me` where no owners are given. Throws BAD_USER_INPUT saying what is wrong with which value. */
export function draftOf(me: string, { kind, input, fields = [] }: AssetWanted, now: Date): Draft {
  const asset = assetOf(kind, input, now);
  checkFields(fields);
  return { asset, owners: ownersOf(me, input), fields, strict: input.strict ?? false };
}

function assetOf(kind: AssetKind, input: RegisterAssetInput, now: Date): Asset {
  const namespace = checkAssetName('namespace', input.namespace);
  const name = checkAssetName('name', input.name);
  return {
    __typename: TYPE_OF_KIND[kind],
    id: newId(),
    urn: urnOf(kind, namespace, name),
    kind,
    namespace,
    name,
    description: input.description ?? null,
    tags: checkTags(input.tags ?? []),
    properties: checkObject('properties', input.properties ?? {}),
    // Fails closed: until the transaction has read the namespace, an inheriting asset counts as restricted.
    visibility: input.visibility ?? 'RESTRICTED',
    visibilityInherited: input.visibility == null,
    createdAt: now,
    updatedAt: now,
    retiredAt: null,
    revision: 1,
    isJoined: false,
    symlinks: [],
    fieldsThen: null,
    ownersThen: null,
    ...givenAttributes(kind, input),
  };
}

function ownersOf(me: string, input: RegisterAssetInput): NewOwner[] {
  const given = input.owners ?? [];
  if (given.length === 0) return [{ id: me, role: 'OWNER' }];
  return checkOwners(given.map(({ owner, role }) => ({ id: owner, role })));
}
