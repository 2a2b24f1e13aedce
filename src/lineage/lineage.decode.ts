import type { Asset } from '../catalog/asset.js';
import { decodeAsset, decodeRevision } from '../catalog/asset.decode.js';
import type { Row } from '../neo4j/row.js';
import { decodeClaim } from './claim.repository.js';
import type { LineageQuestion } from './lineage.js';
import type { FacetCount, TraceNode, TraceRow } from './lineage.repository.js';

/** Decodes an answer of TRACE, which the statement limited to one node more than the page. */
export function decodeTrace(row: Row, { first }: LineageQuestion): TraceRow {
  const start = row.int('start');
  return {
    roots: row.rows('roots').map(decodeShown),
    found: [...row.texts('found'), ...row.texts('noiseFound')],
    nodes: row.rows('nodes').map(decodeNode),
    edges: row.rows('edges').map((edge) => ({
      source: edge.text('source'),
      target: edge.text('target'),
      through: edge.int('through'),
      claims: edge.rows('claims').map(decodeClaim),
    })),
    // Each is 0 when it was not counted.
    total: Math.max(row.int('all'), row.int('shown')),
    hidden: row.int('hidden'),
    hiddenIds: row.texts('hiddenIds'),
    cutByDepth: row.int('cutByDepth'),
    start,
    hasNext: row.int('taken') > start + first,
  };
}

/** An asset, or the revision that was its state at the time asked as of. */
export function decodeShown(row: Row): Asset {
  return row.maybeText('fields') === null ? decodeAsset(row) : decodeRevision(row);
}

function decodeNode(row: Row): TraceNode {
  const asset = row.maybeRow('asset');
  return {
    id: row.text('id'),
    depth: row.int('depth'),
    visible: row.flag('visible'),
    name: row.text('name'),
    moreUpstream: row.int('moreUpstream'),
    moreDownstream: row.int('moreDownstream'),
    asset: asset && decodeShown(asset),
  };
}

export function decodeFacet(row: Row): FacetCount {
  return { facet: row.text('facet'), value: row.text('value'), total: row.int('total') };
}
