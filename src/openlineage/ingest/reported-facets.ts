import { createHash } from 'node:crypto';
import { type Actor, actorId } from '../../auth/actor.js';
import type { Parameters } from '../../neo4j/statements.js';
import { mayTellOf } from './reporting-rights.js';
import type { AssetsByUrn, Taken } from './taken.js';

/** What these say stands in the graph itself: fields, and flows between them. */
const MAPPED = new Set(['schema', 'columnLineage']);
/** Of one facet, as text: a larger one is named, and left out. */
const MOST_CHARACTERS = 500_000;

/** What is to be kept of the facets of jobs and data sets: of each source, asset and name the latest of the events. */
export function facetRows(actor: Actor, taken: readonly Taken[], assets: AssetsByUrn): Parameters[] {
  const rows = new Map<string, Parameters & { stamp: string }>();
  const source = actorId(actor);
  for (const { reading } of taken) {
    const { event, job, stamp, at, datasets } = reading;
    const said = [...datasets.values()].map(({ named, facets }) => ({ urn: named.urn, facets }));
    if (job && event.kind !== 'DATASET') said.push({ urn: job.urn, facets: event.job.facets });
    for (const { urn, facets } of said) {
      const asset = assets.get(urn);
      if (!asset || !mayTellOf(actor, asset)) continue;
      for (const [name, facet] of Object.entries(facets)) {
        if (MAPPED.has(name)) continue;
        const key = createHash('sha256').update(`${asset.id} ${source} ${name}`).digest('hex');
        const before = rows.get(key);
        if (before && before.stamp >= stamp) continue;
        const body = facet['_deleted'] === true ? null : bodyOf(facet);
        rows.set(key, { key, assetId: asset.id, source, name, stamp, at, body, producer: event.producer });
      }
    }
  }
  return [...rows.values()];
}

function bodyOf(facet: object): string {
  const text = JSON.stringify(facet);
  if (text.length <= MOST_CHARACTERS) return text;
  return JSON.stringify({ $omitted: `This facet has ${text.length} characters; at most ${MOST_CHARACTERS} are kept.` });
}
