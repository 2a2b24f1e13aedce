import type { Driver } from 'neo4j-driver';
import { ASSET_KINDS, type AssetKind } from '../../src/catalog/model/urn.js';
import { TYPE_OF_KIND } from '../../src/catalog/model/asset.js';
import { Bulk, type Values } from './bulk.js';
import { assetIdOf, type AssetRow, assetRows, NOT_BEFORE, principalRows } from './catalog-rows.js';
import { claimRows } from './claim-rows.js';
import * as cypher from './load.cypher.js';
import { Runs } from './runs.js';
import type { Root, Shape } from './shape.js';

/** A root by which it can be asked. */
export interface LoadedRoot extends Root {
  id: string;
  urn: string;
}

export interface Loaded {
  assets: number;
  claims: number;
  runs: number;
  versions: number;
  roots: LoadedRoot[];
  landingZone: LoadedRoot;
}

/** Assets that are made up at once, before they are sent kind by kind. */
const CHUNK = 5_000;

/** Writes the factory into an empty database without indexes. Tells how far it is. */
export async function loadFactory(
  driver: Driver,
  shape: Shape,
  seed: number,
  onStep: (step: string) => void,
): Promise<Loaded> {
  const bulk = new Bulk(driver);
  const { flows } = shape;
  const principals = await loadPrincipals(bulk);
  const runs = new Runs(flows, seed);
  const assets = await loadAssets(bulk, shape, seed, principals);
  onStep(`${flows.assets} assets`);
  await loadRuns(bulk, shape, runs, assets.numbers);
  onStep(`${runs.runs.length} runs and ${runs.versions.length} versions`);
  let claims = 0;
  const rows = function* (): Generator<Values> {
    for (const claim of claimRows(flows, runs, seed)) {
      claims += 1;
      const { id, claimSource, runId, validFrom, validUntil, recordedAt, retractedAt } = claim;
      const ends = [assets.numbers[claim.source], assets.numbers[claim.target]];
      yield [...ends, id, claimSource, runId, validFrom, validUntil, recordedAt, retractedAt];
    }
  };
  await bulk.send(cypher.LOAD_CLAIMS, rows());
  await bulk.settle();
  onStep(`${claims} claims`);
  const named = (root: Root): LoadedRoot => {
    const urn = assets.urns.get(root.asset);
    if (urn === undefined) throw new Error(`Root ${root.asset} was not loaded.`);
    return { ...root, id: assetIdOf(root.asset, flows.assets), urn };
  };
  const { roots, landingZone } = shape;
  const counts = { assets: flows.assets, claims, runs: runs.runs.length, versions: runs.versions.length };
  return { ...counts, roots: roots.map(named), landingZone: named(landingZone) };
}

async function loadPrincipals(bulk: Bulk): Promise<bigint[]> {
  const numbers: bigint[] = [];
  const rows = principalRows().map(({ id, name, team }) => [id, name, team, NOT_BEFORE]);
  await bulk.send(cypher.LOAD_PRINCIPALS, rows, {}, (made) => numbers.push(...made));
  await bulk.settle();
  return numbers;
}

async function loadAssets(bulk: Bulk, { flows, roots, landingZone }: Shape, seed: number, principals: bigint[]) {
  const numbers: bigint[] = [];
  const urns = new Map<number, string>();
  const asked = new Set([...roots.map(({ asset }) => asset), landingZone.asset]);
  const stewards: Values[] = [];
  const changes: Values[] = [];
  for (const some of chunks(assetRows(flows, seed), CHUNK)) {
    // Each kind has a label and therefore a statement of its own.
    for (const kind of ASSET_KINDS) {
      const rows = some.filter((row) => row.kind === kind);
      const parameters = { kind, environment: kind === 'DEPLOYMENT' ? 'prod' : null };
      const values = rows.map((row) => valuesOf(row, principals));
      const batches = rows.map(({ asset }) => asset);
      await bulk.send(cypher.LOAD_ASSETS(TYPE_OF_KIND[kind]), values, parameters, (made) => {
        for (const number of made) numbers[batches.shift() ?? -1] = number;
      });
    }
    for (const { asset, steward, change, at, urn } of some) {
      if (asked.has(asset)) urns.set(asset, change?.urn ?? urn);
      if (steward !== null) stewards.push([asset, principals[steward], at]);
      if (change) {
        const { name, urn: then, key, tags, renamed } = change;
        changes.push([asset, name, then, key, tags, renamed, change.at]);
      }
    }
  }
  await bulk.settle();
  const numbered = (rows: Values[]): Values[] => rows.map(([asset, ...rest]) => [numbers[asset as number], ...rest]);
  await bulk.send(cypher.LOAD_STEWARDS, numbered(stewards));
  await bulk.send(cypher.LOAD_CHANGES, numbered(changes));
  return { numbers, urns };
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  yield chunk;
}

function valuesOf(row: AssetRow, principals: readonly bigint[]): Values {
  const { id, urn, key, name, namespace, description, tags, at, owner, visibility } = row;
  return [id, urn, key, name, namespace, description, tags, at, principals[owner], visibility];
}

async function loadRuns(bulk: Bulk, { flows }: Shape, { runs, versions }: Runs, assets: readonly bigint[]) {
  const versionNumbers: bigint[] = [];
  for (const [kind, label] of [
    ['DATASET', 'DatasetVersion'],
    ['MODEL', 'ModelVersion'],
  ] as const satisfies readonly [AssetKind, string][]) {
    const places: number[] = [];
    let answered = 0;
    const rows = function* (): Generator<Values> {
      for (const [place, { id, asset, version, at }] of versions.entries()) {
        if (flows.kindOf(asset) !== kind) continue;
        places.push(place);
        yield [assets[asset], id, assetIdOf(asset, flows.assets), version, at];
      }
    };
    await bulk.send(cypher.LOAD_VERSIONS(label), rows(), { kind }, (made) => {
      for (const number of made) versionNumbers[places[answered++] ?? -1] = number;
    });
  }
  const runNumbers: bigint[] = [];
  const rows = runs.map((run) => [
    ...[assets[run.transformation], run.id, assetIdOf(run.transformation, flows.assets), run.at],
  ]);
  await bulk.send(cypher.LOAD_RUNS, rows, {}, (made) => runNumbers.push(...made));
  await bulk.settle();
  const used = runs.flatMap((run, place) => run.inputs.map((input) => [versionNumbers[input], runNumbers[place]]));
  await bulk.send(cypher.LOAD_INPUTS, used);
  const made = runs.flatMap((run, place) =>
    run.output === null ? [] : [[versionNumbers[run.output], runNumbers[place]]],
  );
  await bulk.send(cypher.LOAD_OUTPUTS, made);
}
