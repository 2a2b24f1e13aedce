import { ASSET_KINDS, type AssetKind } from '../../src/catalog/model/urn.js';

/** Which kinds can feed which, as lineage.service.ts has it. */
const FEEDS: Record<AssetKind, readonly AssetKind[]> = {
  DATASET: ['TRANSFORMATION'],
  TRANSFORMATION: ['DATASET', 'MODEL'],
  MODEL: ['TRANSFORMATION', 'DEPLOYMENT'],
  DEPLOYMENT: ['DATASET'],
};

/** What the assets of a factory are, and what flows between them; assets go by their number. */
export class Flows {
  /** Per flow: from, to, and whether it has ended. */
  readonly sources: number[] = [];
  readonly targets: number[] = [];
  readonly ended: boolean[] = [];
  private readonly kinds: Uint8Array;
  private made = 0;

  constructor(readonly capacity: number) {
    this.kinds = new Uint8Array(capacity);
  }

  get assets(): number {
    return this.made;
  }

  /** The number of a new asset. */
  add(kind: AssetKind): number {
    if (this.made === this.capacity) throw new Error(`There is no room for more than ${this.capacity} assets.`);
    this.kinds[this.made] = ASSET_KINDS.indexOf(kind);
    return this.made++;
  }

  kindOf(asset: number): AssetKind {
    const kind = ASSET_KINDS[this.kinds[asset] ?? -1];
    if (kind === undefined) throw new Error(`There is no asset ${asset}.`);
    return kind;
  }

  feed(source: number, target: number, ended = false): void {
    this.sources.push(source);
    this.targets.push(target);
    this.ended.push(ended);
  }

  mayFeed(source: number, target: number): boolean {
    return source !== target && FEEDS[this.kindOf(source)].includes(this.kindOf(target));
  }
}
