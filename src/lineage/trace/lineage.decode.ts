import type { Asset, AssetName } from '../../catalog/model/asset.js';
import { decodeAsset, decodeName, decodeRevision } from '../../catalog/model/asset.decode.js';
import type { Row } from '../../neo4j/row.js';
import type { Claim } from '../statements/claim.js';
import { decodeClaim } from '../statements/claim.repository.js';
import type { LineageQuestion } from './lineage.js';
import type { FacetCount, TraceCounts, TraceNode, TracePage } from './trace-page.js';
import { mapInTurns } from '../../turn.js';

/** Decodes an answer of TRACE, which the statement limited to one node more than the page. */
export async function decodePage(row: Row, { first, wants }: LineageQuestion): Promise<TracePage> {
  const start = row.int('start');
  return {
    roots: await mapInTurns(row.rows('roots'), decodeShown),
    found: [...row.texts('found'), ...row.texts('noiseFound')],
    nodes: await decodeNodes(row, wants.names),
    edges: await decodeEdges(row),
    hiddenIds: row.texts('hiddenIds'),
    start,
    hasNext: row.int('taken') > start + first,
  };
}

/** An asset, or the revision that was its state at the time asked as of. */
export function decodeShown(row: Row): Asset {
  return row.maybeText('fields') === null ? decodeAsset(row) : decodeRevision(row);
}

/** Nodes stand in columns; what only visible ones have, or what was not asked for, in shorter ones. */
async function decodeNodes(row: Row, wantsNames: boolean): Promise<TraceNode[]> {
  const [depths, visible, names] = [row.ints('depths'), row.flags('visible'), row.texts('names')];
  const [upstream, downstream] = [row.ints('moreUpstream'), row.ints('moreDownstream')];
  const [urns, assets] = [row.texts('urns'), row.rows('assets')];
  let shown = 0;
  const assetOf = (id: string, name: string): Asset | AssetName | null => {
    // A visible one is ordered by its urn, which tells its name unless the answer is about the past.
    const [urn, asset] = [urns[shown] ?? name, assets[shown++]];
    if (asset) return decodeShown(asset);
    return wantsNames ? decodeName(id, urn) : null;
  };
  const ids = row.texts('ids');
  if ([depths, visible, names].some((column) => column.length !== ids.length))
    throw new TypeError('The columns of a lineage answer differ in length.');
  return mapInTurns(ids.entries(), ([index, id]) => ({
    id,
    depth: depths[index] ?? 0,
    visible: visible[index] ?? false,
    name: names[index] ?? '',
    moreUpstream: upstream[index] ?? 0,
    moreDownstream: downstream[index] ?? 0,
    asset: visible[index] === true ? assetOf(id, names[index] ?? '') : null,
  }));
}

async function decodeEdges(row: Row): Promise<TracePage['edges']> {
  const [targets, through, claims] = [row.texts('targets'), row.ints('through'), row.groups('claims')];
  return mapInTurns(row.texts('sources').entries(), ([index, source]) => ({
    source,
    target: targets[index] ?? '',
    through: through[index] ?? 0,
    claims: (claims[index] ?? []).map(decodeClaim),
  }));
}

/** Decodes an answer of TOTAL or COUNTS. */
export function decodeCounts(row: Row): TraceCounts {
  return { total: row.int('shown'), hidden: row.int('hidden'), cutByDepth: row.int('cutByDepth') };
}

export function decodeFacet(row: Row): FacetCount {
  return { facet: row.text('facet'), value: row.text('value'), total: row.int('total') };
}

/** Edges with their claims in an order that nothing changes which is stated later. */
export function inOrder<T extends { source: string; target: string; claims: readonly { id: string }[] }>(
  edges: readonly T[],
): T[] {
  return edges
    .map((edge) => ({ ...edge, claims: edge.claims.toSorted((a, b) => (a.id < b.id ? -1 : 1)) }))
    .sort((a, b) => (`${a.source} ${a.target}` < `${b.source} ${b.target}` ? -1 : 1));
}

/** What a claim shows to who asks as of a time: nothing of what came later. */
export function claimAsKnown(claim: Claim, knownAt: Date, readsAsOf: Date | undefined): Claim {
  const until = (time: Date | null, bound: Date): Date | null => (time && time <= bound ? time : null);
  return {
    ...claim,
    validUntil: readsAsOf ? until(claim.validUntil, readsAsOf) : claim.validUntil,
    retractedAt: until(claim.retractedAt, knownAt),
  };
}
