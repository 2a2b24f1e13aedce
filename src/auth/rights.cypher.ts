/**
 * The one place that says who may see an asset, as Cypher. Every read uses it: lookup, list, search, count, facet,
 * lineage, audit, subscription. It reads the parameters `$viewer` (auth/actor.ts, viewerOf) and `$now`.
 * The fragments are constants at load time; no value of a request is ever spliced into a statement.
 */

const liveGrant = (asset: string, grant: string): string =>
  `(${grant}:AccessGrant)-[:GRANTED_ON]->(${asset}) WHERE ${grant}.granteeId IN $viewer.ids AND ${grant}.revokedAt IS NULL AND ${grant}.expiresAt > $now`;

/**
 * True when the viewer may see the metadata of the asset bound to the given variable. What the asset itself tells stands in a
 * CASE, which the planner leaves whole and answers first: owners and grants are looked up only where that does not decide.
 */
export const visibleTo = (asset: string): string => `(
  ($viewer.asOf IS NULL OR ${asset}.createdAt <= $viewer.asOf) AND (
  CASE WHEN $viewer.readsAll THEN true WHEN $viewer.discovers THEN ${asset}.visibility = 'DISCOVERABLE' ELSE false END
  OR EXISTS { MATCH (visOwner:Principal)-[:OWNS]->(${asset}) WHERE visOwner.id IN $viewer.ids }
  OR EXISTS { MATCH ${liveGrant(asset, 'visGrant')} })
)`;

/** True unless the viewer is frozen at a time before the thing got that name: what will be called so is not found by it. */
export const calledSo = (alias: string): string =>
  `($viewer.asOf IS NULL OR ${alias}.from IS NULL OR ${alias}.from <= $viewer.asOf)`;

/** The facts from which `actionsOf` derives what the viewer may do: a map {ownerRoles, granted}. */
export const rightsOn = (asset: string): string => `{
  visibility: ${asset}.visibility,
  ownerRoles: COLLECT { MATCH (rightOwner:Principal)-[own:OWNS]->(${asset}) WHERE rightOwner.id IN $viewer.ids RETURN own.role },
  granted: COLLECT { MATCH ${liveGrant(asset, 'rightGrant')} UNWIND rightGrant.actions AS action RETURN DISTINCT action }
}`;
