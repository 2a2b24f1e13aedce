import { type Actor, viewerOf } from '../auth/actor.js';
import type { Asset } from '../catalog/asset.js';
import { decodeAsset, decodeRevision } from '../catalog/asset.decode.js';
import { refParameters } from '../catalog/asset.repository.js';
import type { Clocks } from '../catalog/clocks.js';
import { ASSET_KINDS, type AssetKind } from '../catalog/urn.js';
import type { Graph } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import { IMPACT } from './impact.cypher.js';
import type { Impact } from './impact.js';
import type { Release } from './release.js';
import { decodeRelease } from './release.repository.js';

export interface ImpactNode {
  id: string;
  depth: number;
  place: string;
  /** null: hidden from the viewer. */
  asset: Asset | null;
  live: Release | null;
}

export interface ImpactRow extends Pick<Impact, 'kinds' | 'owners' | 'ownerCount' | 'hasPrevious' | 'hasNext'> {
  /** The refs that led to an asset the viewer may see. */
  found: string[];
  nodes: ImpactNode[];
  total: number;
  hidden: number;
  cutByDepth: number;
}

export interface ImpactAsked extends Clocks {
  depth: number;
  kinds: readonly AssetKind[] | null;
  /** Assets are shown as they were then; null: as they are. */
  shownAt: Date | null;
  first: number;
  after: { depth: number; place: string } | null;
}

/** Owners listed at most: those of the most assets. */
const OWNERS_SHOWN = 200;

export class ImpactRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {}

  async of(actor: Actor, refs: readonly string[], { after, ...asked }: ImpactAsked): Promise<ImpactRow> {
    const rows = await this.graph.read(actor.origin, IMPACT(asked.depth, asked.shownAt !== null), {
      ...asked,
      refs: refs.map(refParameters),
      afterDepth: after?.depth ?? null,
      afterPlace: after?.place ?? null,
      ownersShown: OWNERS_SHOWN,
      viewer: viewerOf(actor),
      now: this.now(),
    });
    const row = rows[0];
    if (!row) throw new Error('The impact statement gave no answer.');
    return decodeImpact(row, asked.knownAt);
  }
}

function decodeImpact(row: Row, knownAt: Date): ImpactRow {
  return {
    found: row.texts('found'),
    kinds: row.rows('kinds').map((each) => ({ kind: kindOf(each.text('kind')), count: each.int('total') })),
    owners: row.rows('owners').map((each) => ({ ownerId: each.text('id'), assets: each.int('total') })),
    ownerCount: row.int('ownerCount'),
    nodes: row.rows('nodes').map((node) => decodeNode(node, knownAt)),
    total: row.int('total'),
    hidden: row.int('hidden'),
    cutByDepth: row.int('cutByDepth'),
    hasPrevious: row.flag('hasPrevious'),
    hasNext: row.flag('hasNext'),
  };
}

function decodeNode(row: Row, knownAt: Date): ImpactNode {
  const [asset, live] = [row.maybeRow('asset'), row.maybeRow('live')];
  const release = live && decodeRelease(live);
  return {
    id: row.text('id'),
    depth: row.int('depth'),
    place: row.text('place'),
    asset: asset && (asset.maybeTime('from') ? decodeRevision(asset) : decodeAsset(asset)),
    // An end that was recorded later than what is known is not there.
    live: release && { ...release, until: release.until && release.until <= knownAt ? release.until : null },
  };
}

function kindOf(word: string): AssetKind {
  const kind = ASSET_KINDS.find((each) => each === word);
  if (!kind) throw new TypeError(`"${word}" is no kind of asset.`);
  return kind;
}
