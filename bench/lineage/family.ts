import type { Flows } from './flows.js';
import { type Random, skewed } from './random.js';

/** How unevenly children fall to the parents of a layer: few become hubs, most stay small. */
const HUBS = 4;
const SHARES = {
  /** Of nodes that are reached another way too: from the layer before, and by a shortcut over two layers. */
  diamond: 0.35,
  shortcut: 0.05,
  /** Of nodes that were fed by one more asset once. */
  ended: 0.19,
  /** Of transformations that write the data set they read. */
  overwrite: 0.01,
  deployed: 0.4,
  model: 0.15,
};

/**
 * What is made of one data set: exactly `size` assets in at most `depth` hops, layer by layer, each layer larger than
 * the one before. With hubs, diamonds of a shallow and a deep way, jobs that overwrite what they read, and flows that
 * have ended, between nodes that are fed by others as well: so as many are reached now as then. Answers the data set.
 */
export function addFamily(flows: Flows, random: Random, size: number, depth: number): number {
  const root = flows.add('DATASET');
  const layers: number[][] = [[root]];
  for (const width of layerWidths(size, depth)) {
    const layer = Array.from({ length: width }, () => addChild(flows, random, layers));
    layers.push(layer);
  }
  return root;
}

function addChild(flows: Flows, random: Random, layers: readonly number[][]): number {
  const parent = pick(random, layers.at(-1), HUBS);
  const child = flows.add(childKind(flows, random, parent, layers.length));
  const parents = new Set([parent]);
  flows.feed(parent, child);
  const feedAlso = (share: number, layer: readonly number[] | undefined, ended: boolean): void => {
    if (random() >= share || layer === undefined) return;
    const other = pick(random, layer, HUBS / 2);
    if (parents.has(other) || !flows.mayFeed(other, child)) return;
    parents.add(other);
    flows.feed(other, child, ended);
  };
  feedAlso(SHARES.diamond, layers.at(-1), false);
  feedAlso(SHARES.shortcut, layers.at(-3), false);
  feedAlso(SHARES.ended, layers.at(-1), true);
  if (flows.mayFeed(child, parent) && random() < SHARES.overwrite) flows.feed(child, parent);
  return child;
}

function childKind(flows: Flows, random: Random, parent: number, layer: number) {
  const from = flows.kindOf(parent);
  if (layer % 2 === 1) return from === 'MODEL' && random() < SHARES.deployed ? 'DEPLOYMENT' : 'TRANSFORMATION';
  return from === 'TRANSFORMATION' && random() < SHARES.model ? 'MODEL' : 'DATASET';
}

function pick(random: Random, layer: readonly number[] | undefined, skew: number): number {
  const found = layer?.[skewed(random, layer.length, skew)];
  if (found === undefined) throw new Error('A layer is empty.');
  return found;
}

/** How many assets each layer has: growing by the same factor, `size` together; fewer layers when there are too few. */
function layerWidths(size: number, depth: number): number[] {
  const layers = Math.min(size, depth);
  const total = (factor: number): number =>
    Array.from({ length: layers }, (_, index) => factor ** (index + 1)).reduce((sum, width) => sum + width, 0);
  let [low, high] = [1, size];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (total(middle) < size) low = middle;
    else high = middle;
  }
  const widths = Array.from({ length: layers - 1 }, (_, index) => Math.max(1, Math.floor(low ** (index + 1))));
  return [...widths, size - widths.reduce((sum, width) => sum + width, 0)];
}
