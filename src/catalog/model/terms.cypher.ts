/**
 * What decides who may register in the namespace bound to the variable, which may be null: a map {known, visibility,
 * registration, owns, admitted} of the same size whatever there is. It reads the one node and nothing that hangs on it, so
 * whoever holds the lock of that node reads what holds until the commit.
 */
export const termsOf = (namespace: string): string => `{
  known: ${namespace} IS NOT NULL, visibility: ${namespace}.visibility, registration: ${namespace}.registration,
  owns: ${isAmong(`${namespace}.ownerIds`)}, admitted: ${isAmong(`${namespace}.registrarIds`)}
}`;

/** The viewer, or a team of theirs, is in the list; false when there is none. */
export const isAmong = (ids: string): string => `any(viewerId IN $viewer.ids WHERE viewerId IN coalesce(${ids}, []))`;
