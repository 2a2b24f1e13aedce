import { isDeepStrictEqual } from 'node:util';
import { speltTag, withoutInvisible } from '../../spelling.js';
import { mapInTurns } from '../../turn.js';
import { type AssetKind, urnKey, urnOf } from '../model/urn.js';
import { searchedTokens } from '../text/searched.js';
import { nameKeys } from '../twins/name-keys.js';
import { freeName, renamedAmong, respelt } from './free-name.js';
import { type Respelling, shown } from './respelling.js';
import * as stored from './stored-names.js';

interface StoredAsset {
  id: string;
  kind: AssetKind;
  namespace: string;
  name: string;
  urn: string;
  description: string | null;
  tags: string[];
  environment: string | null;
  fieldNames: string[];
}

/** Assets, with their fields; `namespaces` are those that get another name. */
export async function respellAssets(work: Respelling, namespaces: ReadonlyMap<string, string>): Promise<void> {
  for await (const portion of work.portions<StoredAsset>(stored.ASSETS, 'id')) {
    const [rows, changed]: [unknown[], StoredAsset[]] = [[], []];
    for (const [asset, wanted] of await mapInTurns(
      portion,
      (each) => [each, respeltAsset(each, namespaces)] as const,
    )) {
      if (isDeepStrictEqual(asset, wanted)) rows.push({ id: asset.id, keys: nameKeys(asset) });
      else changed.push(asset);
    }
    await work.run(stored.WRITE_KEYS, { rows });
    for (const asset of changed) await respellAsset(work, asset, respeltAsset(asset, namespaces));
  }
}

/** The tags of what assets were. */
export async function respellRevisions(work: Respelling): Promise<void> {
  for await (const portion of work.portions<{ key: string; tags: string[] }>(stored.REVISIONS, 'key')) {
    const rows = portion
      .map(({ key, tags }) => ({ key, before: tags, tags: respeltTags(tags) }))
      .filter(({ before, tags }) => !isDeepStrictEqual(before, tags));
    if (rows.length > 0) await work.run(stored.WRITE_TAGS, { rows: rows.map(({ key, tags }) => ({ key, tags })) });
  }
}

function respeltAsset(asset: StoredAsset, namespaces: ReadonlyMap<string, string>): StoredAsset {
  const namespace = namespaces.get(asset.namespace) ?? respelt(asset.namespace, 'unnamed');
  const name = respelt(asset.name, 'unnamed');
  return {
    ...asset,
    ...{ namespace, name },
    urn: namespace === asset.namespace && name === asset.name ? asset.urn : urnOf(asset.kind, namespace, name),
    tags: respeltTags(asset.tags),
    environment: asset.environment === null ? null : withoutInvisible(asset.environment),
    fieldNames: asset.fieldNames.map((each) => respelt(each, 'unnamed')),
  };
}

const respeltTags = (tags: readonly string[]): string[] => [
  ...new Set(tags.map((tag) => speltTag(withoutInvisible(tag))).filter((tag) => tag !== '')),
];

async function respellAsset(work: Respelling, before: StoredAsset, wanted: StoredAsset): Promise<void> {
  const { id, kind, namespace, tags, environment } = wanted;
  const isTaken = async (name: string): Promise<boolean> =>
    (await work.run(stored.HAS_URN, { id, key: urnKey(urnOf(kind, namespace, name)) })).length > 0;
  const name = wanted.urn === before.urn ? wanted.name : await freeName(wanted.name, isTaken);
  const urn = urnOf(kind, namespace, name);
  const renames = !isDeepStrictEqual(before.fieldNames, wanted.fieldNames);
  const fields = renames ? await respellFields(work, before) : null;
  const fieldNames = fields === null ? before.fieldNames : fields.map((field) => String(field['name']));
  const tokens = await searchedTokens({ name, namespace, description: before.description, tags, fieldNames });
  await work.run(stored.RESPELL_ASSET, {
    id,
    key: urnKey(urn),
    from: name === wanted.name ? null : work.now,
    changes: {
      ...{ namespace, name, urn, tags, environment, fieldNames },
      ...nameKeys({ kind, namespace, name }),
      ...tokens,
    },
    fields: fields === null ? null : JSON.stringify(fields, numbers),
    now: work.now,
  });
  if (before.urn !== urn) work.tell(`the asset ${before.urn} (${id})`, before.name, name);
}

/** Those that the data set has now, in their order. */
async function respellFields(work: Respelling, asset: StoredAsset): Promise<Record<string, unknown>[]> {
  const all = await work.run<{ id: string; name: string }>(stored.FIELDS, { id: asset.id });
  const renamed = await renamedAmong(all);
  const rows = [...renamed].map(([{ id }, name]) => ({ id, name, key: `${asset.id}:${name}` }));
  await work.run(stored.RENAME_FIELDS, { rows });
  for (const [{ name: before }, name] of renamed) work.tell(`the field ${shown(before)} of ${asset.urn}`, before, name);
  const present = await work.run<{ field: Record<string, unknown> }>(stored.PRESENT_FIELDS, { id: asset.id });
  return present.map(({ field }) => ({ __typename: 'Field', ...field }));
}

/** Whole numbers come from the database as bigint, or as an object of the driver. */
const numbers = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
