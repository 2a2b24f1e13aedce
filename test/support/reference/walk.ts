import type { Direction, Flow, Kind } from './events.js';
import type { StatedEdge } from './statements.js';

/** The graph as it is for one viewer at one point of both clocks. */
export interface View {
  edges: StatedEdge[];
  kind: (asset: string) => Kind;
  visible: (asset: string) => boolean;
  tags: (asset: string) => string[];
  owners: (asset: string) => string[];
}

export interface Walk {
  roots: string[];
  direction: Direction;
  depth: number;
  /** null: every kind. */
  kinds: Kind[] | null;
  /** Noise: walked through, not shown, bridged by edges. */
  ignore?: Filter;
  /** Shown, and not walked beyond. */
  until?: Filter;
}

/** An asset is meant when one of these is true of it. A hidden one never is: what is done with it would tell what it is. */
export interface Filter {
  kinds?: Kind[];
  tags?: string[];
  owners?: string[];
  assets?: string[];
}

export interface Answer {
  nodes: { asset: string; depth: number; hidden: boolean; moreUpstream: number; moreDownstream: number }[];
  /** `through`: how many ignored assets lie between, on the shortest way. */
  edges: { source: string; target: string; sources: string[]; through: number }[];
  totalCount: number;
  completeness: { complete: boolean; hiddenNodes: number; cutByDepth: number; cutByPage: boolean };
  facets: { kind: Record<string, number>; owner: Record<string, number>; tag: Record<string, number> };
}

/** The whole answer, as one page. */
export function lineage(view: View, walk: Walk): Answer {
  const reached = distances(view, walk);
  const within = [...reached].filter(([, depth]) => depth <= walk.depth);
  const isAsked = (asset: string): boolean => walk.kinds?.includes(view.kind(asset)) ?? true;
  const shown = within.filter(
    ([asset]) => !view.visible(asset) || (isAsked(asset) && !isMeant(view, walk.ignore, asset)),
  );
  const known = [...walk.roots, ...shown.map(([asset]) => asset)];
  const hidden = shown.filter(([asset]) => !view.visible(asset));
  const cutByDepth = [...reached.values()].filter((depth) => depth === walk.depth + 1).length;
  return {
    nodes: shown.map(([asset, depth]) => ({
      asset,
      depth,
      hidden: !view.visible(asset),
      moreUpstream: walk.direction === 'DOWNSTREAM' ? 0 : without(known, before(view.edges, asset)).length,
      moreDownstream: walk.direction === 'UPSTREAM' ? 0 : without(known, after(view.edges, asset)).length,
    })),
    edges: edgesBetween(known, view, walk),
    totalCount: shown.length,
    completeness: {
      complete: hidden.length === 0 && cutByDepth === 0,
      hiddenNodes: hidden.length,
      cutByDepth,
      cutByPage: false,
    },
    facets: facets(
      view,
      shown.map(([asset]) => asset).filter((asset) => view.visible(asset)),
    ),
  };
}

/** Everything reached, the roots aside, with its hops from the nearest root. */
function distances(view: View, { roots, direction, until }: Walk): Map<string, number> {
  const depths = new Map<string, number>();
  const neighbours = direction === 'UPSTREAM' ? [before] : direction === 'DOWNSTREAM' ? [after] : [before, after];
  for (const neighboursOf of neighbours) {
    const seen = new Set(roots);
    let rim = [...seen];
    for (let depth = 1; rim.length > 0; depth++) {
      const onward = rim.filter((asset) => roots.includes(asset) || !isMeant(view, until, asset));
      rim = without(
        [...seen],
        onward.flatMap((asset) => neighboursOf(view.edges, asset)),
      );
      for (const asset of rim) {
        seen.add(asset);
        depths.set(asset, Math.min(depth, depths.get(asset) ?? Infinity));
      }
    }
  }
  return depths;
}

/** The flows between what is shown, and where noise lies between, the ways through it that are no longer than the walk. */
function edgesBetween(known: readonly string[], view: View, { roots, ignore, depth }: Walk): Answer['edges'] {
  const isNoise = (asset: string): boolean => !roots.includes(asset) && isMeant(view, ignore, asset);
  return known.flatMap((source) => {
    const hops = new Map<string, number>();
    let rim = [source];
    for (let hop = 1; hop <= depth && rim.length > 0; hop++) {
      const next = rim.flatMap((asset) => after(view.edges, asset));
      rim = without([source, ...hops.keys()], next);
      for (const asset of rim) hops.set(asset, hop);
      rim = rim.filter(isNoise);
    }
    return [...hops]
      .filter(([target]) => known.includes(target))
      .map(([target, hop]) => {
        const claims = view.edges.find((edge) => edge.source === source && edge.target === target)?.claims ?? [];
        const isTold = view.visible(source) && view.visible(target);
        const sources = isTold && hop === 1 ? claims.map((claim) => claim.source).sort() : [];
        return { source, target, sources, through: hop - 1 };
      });
  });
}

function isMeant(view: View, filter: Filter | undefined, asset: string): boolean {
  if (!filter || !view.visible(asset)) return false;
  const { kinds = [], tags = [], owners = [], assets = [] } = filter;
  return (
    kinds.includes(view.kind(asset)) ||
    assets.includes(asset) ||
    view.tags(asset).some((tag) => tags.includes(tag)) ||
    view.owners(asset).some((owner) => owners.includes(owner))
  );
}

function facets(view: View, assets: readonly string[]): Answer['facets'] {
  return {
    kind: count(assets.map((asset) => view.kind(asset))),
    owner: count(assets.flatMap((asset) => view.owners(asset))),
    tag: count(assets.flatMap((asset) => view.tags(asset))),
  };
}

function count(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}

const before = (edges: readonly Flow[], asset: string): string[] =>
  edges.filter((edge) => edge.target === asset).map((edge) => edge.source);

const after = (edges: readonly Flow[], asset: string): string[] =>
  edges.filter((edge) => edge.source === asset).map((edge) => edge.target);

/** The members that are not among the known ones, each once. */
const without = (known: readonly string[], members: readonly string[]): string[] =>
  [...new Set(members)].filter((member) => !known.includes(member));
