import { ATTRIBUTE_NAMES } from '../../catalog/model/attributes.js';
import { heldAt } from '../../catalog/model/revision.cypher.js';

/** What an answer shows of an asset; its long list of field names stays where it is. */
const SHOWN = [
  ...['id', 'urn', 'kind', 'namespace', 'name', 'description', 'tags', 'properties', 'visibility', 'ownVisibility'],
  ...['createdAt', 'updatedAt', 'retiredAt', 'revision', ...ATTRIBUTE_NAMES],
];
const members = SHOWN.map((name) => `.${name}`).join(', ');
/** What a revision has beside: what hung on the asset at that time. Thousands of columns are read only when asked for. */
const SHOWN_THEN = `.from, .ownerIds, .ownerRoles, .ownerSince, fields: CASE WHEN $wants.fields THEN state.fields ELSE '[]' END`;

/**
 * The state of the asset at the time `$shownAt`; its first one when it was registered later, which a back-dated flow can lead
 * to.
 */
export const revisionAt = (asset: string): string =>
  `head(COLLECT {
      MATCH (state:AssetRevision)-[:REVISION_OF]->(${asset}) WHERE ${heldAt('state', '$shownAt')}
      RETURN state
    })`;

/** The asset as the answer shows it: now, or as of `$shownAt`. */
export const shownAsset = (asset: string, past: boolean): string =>
  past
    ? `head([state IN [coalesce(${revisionAt(asset)}, ${asset})] | state {${members}, ${SHOWN_THEN}}])`
    : `${asset} {${members}}`;

/**
 * The urn at the time `$shownAt`; the one of today is what nodes are ordered by. Revisions are looked up only for an asset
 * that was changed since.
 */
export const urnThen = (asset: string): string =>
  `CASE WHEN ${asset}.updatedAt <= $shownAt THEN ${asset}.urn ELSE coalesce(${revisionAt(asset)}, ${asset}).urn END`;
