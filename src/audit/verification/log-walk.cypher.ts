/** The head as it stands, for the check of the whole log. */
export const READ_WHOLE_HEAD = `// auditWalk.head
MATCH (h:AuditHead {key: 'log'})
RETURN h.size AS size, h.root AS root, h.frontier AS frontier, h.prunedTo AS prunedTo`;

/** Entries by number with all that is held against their texts. */
export const READ_STRETCH = `// auditWalk.stretch
MATCH (e:AuditEntry) WHERE e.seq >= $from AND e.seq < $to AND e.seq IS :: INTEGER NOT NULL
RETURN properties(e) AS entry, [(e)-[:CONCERNS]->(tied) | tied.id] AS concerned ORDER BY entry.seq`;

/** A stretch of all entries by id, and which of it have no number that the log counts, and do not wait for one. */
export const FIND_STRAYS = `// auditWalk.strays
MATCH (e:AuditEntry) WHERE e.id > $after
WITH e ORDER BY e.id LIMIT $limit
WITH collect(e) AS stretch
RETURN stretch[-1].id AS through, [e IN stretch WHERE NOT e:UnsealedEntry
  AND (e.seq IS NULL OR NOT e.seq IS :: INTEGER NOT NULL OR e.seq < $prunedTo OR e.seq >= $size) |
  {id: e.id, seq: e.seq}] AS strays`;

/** Whoever has this node decides who checks the log. It is kept beside the head, and no part of it. */
export const LOCK_WALK = `// auditWalk.lock
MERGE (w:AuditHead {key: 'walk'})
SET w.lockedAt = $now
RETURN w.lease AS lease, w.finding AS finding`;

export const KEEP_LEASE = `// auditWalk.keepLease
MATCH (w:AuditHead {key: 'walk'})
SET w.lease = $lease`;

export const KEEP_FINDING = `// auditWalk.keepFinding
MERGE (w:AuditHead {key: 'walk'})
SET w.finding = $finding, w.lease = null`;

export const READ_FINDING = `// auditWalk.finding
MATCH (w:AuditHead {key: 'walk'})
RETURN w.finding AS finding`;
