import { type AssetKind, urnKey, urnOf } from '../../src/catalog/model/urn.js';
import type { Flows } from './flows.js';
import { idOf, oneOf, type Random, seeded, skewed } from './random.js';

export const NOT_BEFORE = Date.UTC(2025, 0, 1);
/** All assets are there by then, and all flows by the end of that year. */
export const REGISTERED_BY = Date.UTC(2025, 6, 1);

const SPACES = { asset: 1, principal: 2 };
const SHARES = { restricted: 0.05, described: 0.6, changed: 0.15, renamed: 0.05, team: 0.4, steward: 0.2 };
const COUNTS = { users: 200, teams: 40, namespaces: 150 };

const AREAS = 'lake sales risk fraud claims churn pricing support media ads search web mobile iot fleet billing'.split(
  ' ',
);
const THINGS = 'orders events customers sessions invoices tickets embeddings features labels images texts clicks'.split(
  ' ',
);
const STEPS = 'raw clean joined daily hourly sampled enriched masked scored ranked split tokenized'.split(' ');
const TAGS = 'pii gold silver bronze gdpr finance experimental deprecated weekly daily llm vision nlp tabular'.split(
  ' ',
);

/** What all statements of the load write times as: milliseconds since 1970, made to a time by the statement. */
export type Time = number;

export interface AssetRow {
  asset: number;
  kind: AssetKind;
  id: string;
  urn: string;
  key: string;
  name: string;
  namespace: string;
  description: string | null;
  tags: string[];
  visibility: 'DISCOVERABLE' | 'RESTRICTED';
  at: Time;
  /** Places in `principals`. */
  owner: number;
  steward: number | null;
  /** A second revision: changed, or renamed when it has another urn. */
  change: { at: Time; name: string; urn: string; key: string; tags: string[]; renamed: boolean } | null;
}

export interface PrincipalRow {
  id: string;
  name: string;
  team: boolean;
}

export function principalRows(): PrincipalRow[] {
  return Array.from({ length: COUNTS.users + COUNTS.teams }, (_, place) => {
    const team = place >= COUNTS.users;
    return { id: idOf(SPACES.principal, place, NOT_BEFORE), name: `bench-${team ? 'team' : 'user'}-${place}`, team };
  });
}

export const assetIdOf = (asset: number, assets: number): string =>
  idOf(SPACES.asset, asset, registeredAt(asset, assets));

/** The assets by their number, each with a name of its own, as a factory of people and jobs names them. */
export function* assetRows(flows: Flows, seed: number): Generator<AssetRow> {
  const random = seeded(seed + 1);
  const namespaces = Array.from(
    { length: COUNTS.namespaces },
    (_, place) => `${AREAS[place % AREAS.length]}.prod${place}`,
  );
  for (let asset = 0; asset < flows.assets; asset++) yield assetRow(flows, random, namespaces, asset);
}

const registeredAt = (asset: number, assets: number): Time =>
  NOT_BEFORE + Math.floor(((REGISTERED_BY - NOT_BEFORE) * asset) / assets);

function assetRow(flows: Flows, random: Random, namespaces: readonly string[], asset: number): AssetRow {
  const kind = flows.kindOf(asset);
  const namespace = namespaces[skewed(random, namespaces.length, 2)] ?? '';
  const at = registeredAt(asset, flows.capacity);
  const name = `${oneOf(random, THINGS)}_${oneOf(random, STEPS)}_${asset.toString(36)}`;
  const tags = tagsOf(random);
  return {
    ...{ asset, kind, id: assetIdOf(asset, flows.capacity), ...named(kind, namespace, name), namespace, tags, at },
    description:
      random() < SHARES.described ? `Made by the ${namespace} line, step ${asset}; asked for by many.` : null,
    visibility: random() < SHARES.restricted ? 'RESTRICTED' : 'DISCOVERABLE',
    owner: random() < SHARES.team ? COUNTS.users + skewed(random, COUNTS.teams, 2) : skewed(random, COUNTS.users, 2),
    steward: random() < SHARES.steward ? skewed(random, COUNTS.users, 2) : null,
    change: random() < SHARES.changed ? changeOf(random, kind, namespace, name, at, tags) : null,
  };
}

function changeOf(
  random: Random,
  kind: AssetKind,
  namespace: string,
  name: string,
  registered: Time,
  tags: string[],
): AssetRow['change'] {
  const renamed = random() < SHARES.renamed / SHARES.changed;
  const at = registered + Math.floor(random() * (Date.UTC(2026, 9, 1) - registered));
  const then = renamed ? `${name}_v2` : name;
  return { at, ...named(kind, namespace, then), tags: renamed ? tags : tagsOf(random), renamed };
}

function named(kind: AssetKind, namespace: string, name: string) {
  const urn = urnOf(kind, namespace, name);
  return { name, urn, key: urnKey(urn) };
}

function tagsOf(random: Random): string[] {
  const count = Math.floor(random() * 4);
  return [...new Set(Array.from({ length: count }, () => oneOf(random, TAGS)))];
}
