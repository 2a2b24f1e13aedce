import { sought } from '../../neo4j/sought.js';

/** Before all that was ever recorded, and after all that ever will be. */
const BEGINNING = `datetime('0001-01-01T00:00:00Z')`;
const FOREVER = `datetime('9999-12-31T23:59:59.999Z')`;

/**
 * Holds for the one revision of an asset that was its state at a time: the latest recorded by then, or the first one, when the
 * asset was registered later.
 */
export const heldAt = (revision: string, time: string): string =>
  `${revision}.since <= ${time} AND ${revision}.until > ${time}`;

/** Says that the first revision `r` of an asset holds since ever, for it stands for what was not recorded yet. */
export const FIRST = `r.since = ${BEGINNING}, r.until = ${FOREVER}`;

/** `before` is the revision before that of the asset `a`; a new asset has none. */
export const REVISION_BEFORE = sought('before:AssetRevision', 'key', "a.id + ':' + toString(a.revision - 1)");

/**
 * Says from when on the new revision `r` of `a` holds, and that those before it hold no longer. Of a server whose clock lags,
 * a revision can begin before the one it follows: that one then never held.
 */
export const FOLLOW = `SET r.since = CASE WHEN before IS NULL THEN ${BEGINNING} ELSE r.from END, r.until = ${FOREVER}, before.until = r.from
WITH *
CALL (a, r, before) {
  WITH a, r, before WHERE before.from > r.from
  MATCH (earlier:AssetRevision)-[:REVISION_OF]->(a) WHERE earlier.until > r.from AND earlier <> r
  SET earlier.until = r.from
}`;
