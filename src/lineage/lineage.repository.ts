import { type Actor, askedAsOf, viewerOf } from '../auth/actor.js';
import type { Asset } from '../catalog/asset.js';
import { decodeAsset } from '../catalog/asset.decode.js';
import { AssetHistory } from '../catalog/asset-history.repository.js';
import { refParameters } from '../catalog/asset.repository.js';
import type { Graph, Parameters } from '../neo4j/graph.js';
import type { Row } from '../neo4j/row.js';
import type { Claim } from './claim.js';
import { decodeClaim } from './claim.repository.js';
import type { LineageQuestion } from './lineage.js';
import { FACETS, TRACE } from './trace.cypher.js';

/** One answer as the database gives it, hidden nodes still by their ids. */
export interface TraceRow {
  roots: Asset[];
  /** The refs that resolved to an asset the viewer may see. */
  found: string[];
  nodes: TraceNode[];
  edges: { source: string; target: string; claim: Claim }[];
  total: number;
  hidden: number;
  /** Hidden nodes of this page and the pages before: edges may touch them. */
  hiddenIds: string[];
  cutByDepth: number;
  hasPrevious: boolean;
  hasNext: boolean;
}

export interface TraceNode {
  id: string;
  depth: number;
  place: string;
  moreUpstream: number;
  moreDownstream: number;
  /** null: hidden from the viewer. */
  asset: Asset | null;
}

export interface FacetCount {
  facet: string;
  value: string;
  total: number;
}

export interface Place {
  depth: number;
  place: string;
}

export class LineageRepository {
  private readonly history: AssetHistory;

  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
  ) {
    this.history = new AssetHistory(graph);
  }

  /** Answers the same question about several sets of roots; the key of each answer is the key given with its refs. */
  async trace(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
    after: Place | null,
  ): Promise<Map<string, TraceRow>> {
    const rows = await this.ask(actor, TRACE(question.direction, question.depth), roots, question, {
      first: question.first,
      afterDepth: after?.depth ?? null,
      afterPlace: after?.place ?? null,
    });
    const traces = rows.map((row) => [row.text('key'), decodeTrace(row)] as const);
    return new Map(
      await Promise.all(traces.map(async ([key, trace]) => [key, await this.asThen(actor, trace)] as const)),
    );
  }

  async facets(
    actor: Actor,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
  ): Promise<Map<string, FacetCount[]>> {
    const rows = await this.ask(actor, FACETS(question.direction, question.depth), roots, question, {});
    const found = new Map(rows.map((row) => [row.text('key'), row.rows('buckets').map(decodeFacet)]));
    // Where nothing visible is reached, the statement has nothing to count and gives no row.
    return new Map([...roots.keys()].map((key) => [key, found.get(key) ?? []]));
  }

  /** What an auditor session is shown: assets as they were, and of claims nothing that came later. */
  private async asThen(actor: Actor, trace: TraceRow): Promise<TraceRow> {
    const { readsAsOf } = actor;
    if (!readsAsOf) return trace;
    const shown = [...trace.roots, ...trace.nodes.flatMap(({ asset }) => asset ?? [])];
    const then = new Map((await this.history.asThen(actor, shown)).map((asset) => [asset.id, asset]));
    const past = (time: Date | null): Date | null => (time && time <= readsAsOf ? time : null);
    return {
      ...trace,
      roots: trace.roots.map((asset) => then.get(asset.id) ?? asset),
      nodes: trace.nodes.map((node) => ({ ...node, asset: node.asset && (then.get(node.asset.id) ?? node.asset) })),
      edges: trace.edges.map(({ claim, ...edge }) => ({
        ...edge,
        claim: { ...claim, validUntil: past(claim.validUntil), retractedAt: past(claim.retractedAt) },
      })),
    };
  }

  private ask(
    actor: Actor,
    cypher: string,
    roots: ReadonlyMap<string, readonly string[]>,
    question: LineageQuestion,
    window: Parameters,
  ): Promise<Row[]> {
    const now = this.now();
    return this.graph.read(actor.origin, cypher, {
      ...window,
      questions: [...roots].map(([key, refs]) => ({ key, refs: refs.map(refParameters) })),
      depth: question.depth,
      kinds: question.kinds,
      asOf: askedAsOf(actor, question.asOf) ?? now,
      knownAt: askedAsOf(actor, question.knownAt) ?? now,
      viewer: viewerOf(actor),
      now,
    });
  }
}

function decodeTrace(row: Row): TraceRow {
  return {
    roots: row.rows('roots').map(decodeAsset),
    found: row.texts('found'),
    nodes: row.rows('nodes').map(decodeNode),
    edges: row.rows('edges').map((edge) => ({
      source: edge.text('source'),
      target: edge.text('target'),
      claim: decodeClaim(edge.row('claim')),
    })),
    total: row.int('total'),
    hidden: row.int('hidden'),
    hiddenIds: row.texts('hiddenIds'),
    cutByDepth: row.int('cutByDepth'),
    hasPrevious: row.flag('hasPrevious'),
    hasNext: row.flag('hasNext'),
  };
}

function decodeNode(row: Row): TraceNode {
  const asset = row.maybeRow('asset');
  return {
    id: row.text('id'),
    depth: row.int('depth'),
    place: row.text('place'),
    moreUpstream: row.int('moreUpstream'),
    moreDownstream: row.int('moreDownstream'),
    asset: asset && decodeAsset(asset),
  };
}

function decodeFacet(row: Row): FacetCount {
  return { facet: row.text('facet'), value: row.text('value'), total: row.int('total') };
}
