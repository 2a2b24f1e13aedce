import { FACTS, factsOf, type ServerFacts, told } from './facts.js';
import type { ReferenceModel, Standpoint } from './model.js';
import type { Replay } from './replay.js';
import type { Answer } from './walk.js';

/** One answer of the server. */
export interface ServerAnswer {
  nodes: {
    key: string;
    depth: number;
    hidden: boolean;
    moreUpstream: number;
    moreDownstream: number;
    asset: ({ id: string } & ServerFacts) | null;
  }[];
  edges: { source: string; target: string; through: number; claims: { source: string }[] }[];
  totalCount: number;
  completeness: Answer['completeness'];
  facets: { name: string; buckets: { value: string; count: number }[] }[];
}

export const ANSWER = `fragment Answer on Lineage {
  nodes { key depth hidden moreUpstream moreDownstream asset { id ${FACTS} } }
  edges { source target through claims { source } }
  totalCount completeness { complete hiddenNodes cutByDepth cutByPage } facets { name buckets { value count } }
}`;

/** An answer in a form in which equal answers are equal: names for ids and keys, everything without order sorted. */
export interface NormalAnswer {
  /** In the order given, a hidden one by its depth alone. */
  order: string[];
  nodes: string[];
  edges: string[];
  /** What is shown of each that is not hidden. */
  shown: Record<string, ReturnType<typeof factsOf>>;
  totalCount: number;
  completeness: Answer['completeness'];
  facets: Record<string, Record<string, number>>;
}

/** The answer of the server, all its pages together, in the words of the model; what each page says of the whole is the first's. */
export function fromServer(pages: readonly ServerAnswer[], replay: Replay): NormalAnswer {
  const [first] = pages;
  if (!first) throw new Error('There is no answer without a page.');
  const nodes = pages
    .flatMap((page) => page.nodes)
    .map(({ asset, ...node }) => ({
      ...node,
      key: replay.name(node.key),
      name: asset && replay.name(asset.id),
      asset,
    }));
  const edges = pages
    .flatMap((page) => page.edges)
    .map(({ source, target, through, claims }) => {
      const sources = claims.map((claim) => claim.source.replace(` of ${replay.namespace}`, '')).sort();
      return { source: replay.name(source), target: replay.name(target), sources, through };
    });
  const facets = first.facets.map(({ name, buckets }) => {
    const counts = buckets.map(({ value, count }) => [replay.name(value), count] as const);
    return [name, Object.fromEntries(counts)] as const;
  });
  return {
    ...normal(nodes, edges),
    shown: Object.fromEntries(nodes.flatMap(({ name, asset }) => (name && asset ? [[name, told(asset, replay)]] : []))),
    totalCount: first.totalCount,
    completeness: first.completeness,
    facets: Object.fromEntries(facets),
  };
}

/** The answer of the model, in the order in which the server gives nodes: by depth and urn, hidden ones last. */
export function fromModel({ nodes, edges, ...rest }: Answer, model: ReferenceModel, at: Standpoint): NormalAnswer {
  const urn = (asset: string): string => `${model.assets.kind(asset).toLowerCase()}:${model.assets.now(asset).name}`;
  const place = ({ asset, depth, hidden }: Answer['nodes'][number]): string =>
    `${String(depth).padStart(5, '0')} ${hidden ? '1' : `0${urn(asset)}`}`;
  const ordered = [...nodes].sort((one, other) => (place(one) < place(other) ? -1 : 1));
  const named = ordered.map(({ asset, ...node }) => ({ ...node, key: asset, name: node.hidden ? null : asset }));
  const visible = nodes.filter((node) => !node.hidden).map(({ asset }) => asset);
  const shown = Object.fromEntries(visible.map((asset) => [asset, factsOf(model.shown(asset, at))]));
  return { ...rest, shown, ...normal(named, edges) };
}

interface NamedNode {
  key: string;
  /** null: hidden. */
  name: string | null;
  depth: number;
  moreUpstream: number;
  moreDownstream: number;
}

/**
 * A hidden node has no name to compare, so it goes by its place in the graph: its depth, its counts, and the names its
 * neighbours go by. Two rounds of this tell apart what can differ in graphs as small as these.
 */
function normal(nodes: readonly NamedNode[], edges: Answer['edges']): Pick<NormalAnswer, 'order' | 'nodes' | 'edges'> {
  let names = new Map(nodes.map((node) => [node.key, node.name ?? `?${counts(node)}`]));
  const nameOf = (key: string): string => names.get(key) ?? key;
  for (let round = 1; round <= 2; round++) {
    names = new Map(
      nodes.map((node) => {
        if (node.name !== null) return [node.key, node.name];
        const above = edges.filter((edge) => edge.target === node.key).map((edge) => nameOf(edge.source));
        const below = edges.filter((edge) => edge.source === node.key).map((edge) => nameOf(edge.target));
        return [node.key, `?${counts(node)}(${above.sort().join()}>${below.sort().join()})`];
      }),
    );
  }
  return {
    order: nodes.map(({ name, depth }) => name ?? `? ${depth}`),
    nodes: nodes.map((node) => `${nameOf(node.key)} ${counts(node)}`).sort(),
    edges: edges
      .map(
        ({ source, target, sources, through }) => `${nameOf(source)} >${through} ${nameOf(target)} [${sources.join()}]`,
      )
      .sort(),
  };
}

const counts = ({ depth, moreUpstream, moreDownstream }: NamedNode): string =>
  `${depth} -${moreUpstream} +${moreDownstream}`;
