/**
 * The one place that says who may see an asset, as Cypher. Every read uses it: lookup, list, search, count, facet,
 * lineage, audit, subscription. It reads the parameters `$viewer` (auth/actor.ts, viewerOf) and `$now`, and of the graph the
 * asset alone: its visibility follows from its namespace, its `ownerIds` from OWNS, and both are written with what they follow
 * from (ADR 45). The fragments are constants at load time; no value of a request is ever spliced into a statement.
 */

/** True when one of the ids owns the asset, by what the asset keeps of OWNS. */
export const isOwnedBy = (asset: string, ids: string): string =>
  `any(ownerId IN coalesce(${asset}.ownerIds, []) WHERE ownerId IN ${ids})`;

/**
 * True when the viewer may see the metadata of the asset bound to the given variable, else false. It stands in nearly every
 * statement and is planned each time, so it is short: what depends on the viewer alone is decided before (`Sight` in auth/actor.ts),
 * and `coalesce`, which the planner leaves whole, says no where nothing is known. `$viewer.granted` is a map from assets to when
 * the last grant on it ends. What is read of the asset for few viewers stands last.
 */
export const visibleTo = (asset: string): string => `coalesce($viewer.seesAll OR ${asset}.visibility IN $viewer.sees
  OR any(ownerId IN ${asset}.ownerIds WHERE ownerId IN $viewer.owns) OR $viewer.granted[${asset}.id] > $now
  OR ${asset}.createdAt <= $viewer.seesUntil, false)`;

/** The grants that run now for any of the ids: a list of maps {assetId, until}. */
export const grantsHeldBy = (ids: string): string => `COLLECT {
  MATCH (held:AccessGrant) WHERE held.granteeId IN ${ids} AND held.expiresAt > $now AND held.revokedAt IS NULL
  RETURN {assetId: held.assetId, until: held.expiresAt}
}`;

export const GRANTS_HELD = `// auth.grantsHeld
RETURN ${grantsHeldBy('$ids')} AS grants`;

const liveGrant = (asset: string, grant: string): string =>
  `(${grant}:AccessGrant)-[:GRANTED_ON]->(${asset}) WHERE ${grant}.granteeId IN $viewer.ids AND ${grant}.revokedAt IS NULL AND ${grant}.expiresAt > $now`;

/** True unless the viewer is frozen at a time before the thing got that name: what will be called so is not found by it. */
export const calledSo = (alias: string): string =>
  `($viewer.asOf IS NULL OR ${alias}.from IS NULL OR ${alias}.from <= $viewer.asOf)`;

/**
 * The facts from which `actionsOf` derives what the viewer may do: a map {ownerRoles, granted}. Read from what is so, not from
 * what is kept of it: changes are decided by them, under the lock of the asset.
 */
export const rightsOn = (asset: string): string => `{
  visibility: ${asset}.visibility,
  ownerRoles: COLLECT { MATCH (rightOwner:Principal)-[own:OWNS]->(${asset}) WHERE rightOwner.id IN $viewer.ids RETURN own.role },
  granted: COLLECT { MATCH ${liveGrant(asset, 'rightGrant')} UNWIND rightGrant.actions AS action RETURN DISTINCT action }
}`;
