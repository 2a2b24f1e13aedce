/** The one node all sequencers of a database meet at: whoever has its lock seals. */
const HEAD = `(h:AuditHead {key: 'log'})`;

export const LOOK_FOR_UNSEALED = `// sealing.look
MATCH (e:UnsealedEntry) WHERE e.id > ''
RETURN e.id AS id LIMIT 1`;

/** Takes the lock of the head for the rest of the transaction, and only then reads what is to be sealed. */
export const LOCK_AND_READ = `// sealing.lock
MERGE ${HEAD} ON CREATE SET h.size = 0, h.frontier = [], h.prunedTo = 0
SET h.lockedAt = $now
WITH h
RETURN h.size AS size, h.frontier AS frontier, h.root AS root,
  COLLECT { MATCH (e:UnsealedEntry) WHERE e.id > '' WITH e ORDER BY e.id LIMIT $limit
    RETURN e { .id, .body, .mark, .at, .actorId, .actorName, .action, .outcome, .targetId, .targetName, .assetIds,
      .requestId, .operation, .before, .after, .reason, node: elementId(e),
      isNew: e:AuditEntry AND e.seq IS NULL } } AS entries`;

export const READ_TILES = `// sealing.tiles
UNWIND $keys AS key
MATCH (t:AuditTile {key: key})
RETURN t.key AS key, t.hashes AS hashes`;

/** Entries of before the log was sealed get the body that is hashed, and what it was made of goes. */
export const GIVE_BODIES = `// sealing.giveBodies
UNWIND $entries AS entry
MATCH (e:UnsealedEntry) WHERE elementId(e) = entry.node
SET e.body = entry.body, e.detached = entry.detached
REMOVE e.actorName, e.targetName, e.operation, e.before, e.after, e.reason`;

/**
 * The mark is spent: nothing can be sealed by it twice. It is emptied and not removed, for who reads the entry meanwhile, one
 * property after the other, may miss what lies behind one that goes.
 */
export const SEAL = `// sealing.seal
MATCH ${HEAD}
SET h.size = $size, h.frontier = $frontier, h.root = $root
WITH h
CALL () {
  UNWIND $tiles AS tile
  MERGE (t:AuditTile {key: tile.key}) SET t.hashes = tile.hashes
}
CALL () {
  UNWIND range(0, size($nodes) - 1) AS place
  MATCH (e:UnsealedEntry) WHERE elementId(e) = $nodes[place]
  SET e.seq = $first + place, e.mark = CASE WHEN e.mark IS NULL THEN null ELSE '' END
  REMOVE e:UnsealedEntry
  RETURN count(e) AS sealed
}
RETURN sealed`;

/**
 * What no server wrote is no entry: it is kept aside, for who looks into it. What has its number already stays where it is.
 */
export const SET_ASIDE = `// sealing.setAside
UNWIND $refused AS refused
MATCH (e:UnsealedEntry) WHERE elementId(e) = refused.node
REMOVE e:UnsealedEntry
WITH e, refused WHERE NOT refused.sealedBefore
REMOVE e:AuditEntry, e:Node
SET e:RefusedEntry, e.refusedAt = $now, e.refusedWhy = refused.why`;

/** Whether entries without the mark of a server were sealed for the last time: at the first start of a version with marks. */
export const READ_TRUST = `// sealing.trust
MATCH ${HEAD}
RETURN h.trustEndedAt AS endedAt`;

export const END_TRUST = `// sealing.endTrust
MERGE ${HEAD} ON CREATE SET h.size = 0, h.frontier = [], h.prunedTo = 0
SET h.trustEndedAt = $now`;

export const READ_HEAD = `// sealing.head
MATCH ${HEAD}
RETURN h.size AS size, h.root AS root, h.prunedTo AS prunedTo`;

export const READ_BACKLOG = `// sealing.backlog
RETURN COUNT { (:UnsealedEntry) } AS unsealed, COUNT { (:RefusedEntry) } AS refused,
  head(COLLECT { MATCH (e:UnsealedEntry) WHERE e.id > '' RETURN e.at ORDER BY e.id LIMIT 1 }) AS oldest`;
