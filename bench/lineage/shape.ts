import { addFamily } from './family.js';
import { Flows } from './flows.js';
import { oneOf, type Random, seeded } from './random.js';

const SIZES = [1, 10, 100, 1_000, 10_000, 100_000] as const;
const DEPTHS = [1, 3, 5, 10, 20] as const;

/** A data set from which exactly so many assets are reached within the depth, and none beyond. */
export interface Root {
  asset: number;
  size: number;
  depth: number;
}

export interface Shape {
  flows: Flows;
  roots: Root[];
  /** Of which six in ten of all assets were made. */
  landingZone: Root;
}

/** Of all assets. */
const REACHED_FROM_LANDING_ZONE = 0.6;
const ORPHANS = 0.02;
/** Of assets beside the landing zone's that feed something elsewhere in the factory. */
const CROSSING = 0.05;

/**
 * A factory of so many assets, the same for the same seed: for each size and depth that fits one family that begins at a
 * root of its own; a landing zone upstream of these and more; other families that also feed what lies
 * downstream of the roots, which changes nothing of what a root reaches; and assets without any lineage.
 */
export function shapeFactory(assets: number, seed: number): Shape {
  const random = seeded(seed);
  const flows = new Flows(assets);
  const landingZone = flows.add('DATASET');
  let reached = 0;
  const receive = (root: number, size: number): void => {
    const ingestion = flows.add('TRANSFORMATION');
    flows.feed(landingZone, ingestion);
    flows.feed(ingestion, root);
    reached += size + 2;
  };
  const roots = SIZES.filter((size) => size <= assets / 10).flatMap((size) =>
    DEPTHS.map((depth) => ({ asset: addFamily(flows, random, size, depth), size, depth })),
  );
  roots.forEach(({ asset, size }) => receive(asset, size));
  for (let size = familySize(random); reached < assets * REACHED_FROM_LANDING_ZONE; size = familySize(random)) {
    receive(addFamily(flows, random, size, familyDepth(random)), size);
  }
  const zone = { asset: landingZone, size: reached, depth: Math.max(...DEPTHS) + 2 };
  addOthers(flows, random, assets * (1 - ORPHANS));
  while (flows.assets < assets) flows.add(oneOf(random, ['DATASET', 'DATASET', 'TRANSFORMATION', 'MODEL']));
  return { flows, roots, landingZone: zone };
}

/** Families that nothing of the landing zone leads to. */
function addOthers(flows: Flows, random: Random, upTo: number): void {
  const first = flows.assets;
  for (let size = familySize(random); flows.assets + size + 1 <= upTo; size = familySize(random)) {
    addFamily(flows, random, size, familyDepth(random));
  }
  for (let asset = first; asset < flows.assets; asset++) {
    const other = Math.floor(random() * flows.assets);
    if (random() < CROSSING && flows.mayFeed(asset, other)) flows.feed(asset, other);
  }
}

/** Most are small, a few have thousands of assets. */
const familySize = (random: Random): number => Math.min(5_000, Math.floor(12 / (random() + 0.0005)));
const familyDepth = (random: Random): number => 2 + Math.floor(random() * 11);
