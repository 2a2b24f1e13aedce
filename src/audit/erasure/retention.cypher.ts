/** The oldest numbered entries that are still there, under the lock of the head: nothing is sealed or pruned meanwhile. */
export const LOCK_OLDEST = `// retention.lock
MATCH (h:AuditHead {key: 'log'})
SET h.lockedAt = $now
WITH h
RETURN h.prunedTo AS prunedTo, h.size AS size, COLLECT {
  MATCH (e:AuditEntry) WHERE e.seq >= h.prunedTo AND e.seq < h.prunedTo + $limit AND e.seq IS :: INTEGER NOT NULL
  WITH e ORDER BY e.seq RETURN { seq: e.seq, body: e.body }
} AS oldest`;

export const PRUNE = `// retention.prune
MATCH (h:AuditHead {key: 'log'})
SET h.prunedTo = $to
WITH h
MATCH (e:AuditEntry) WHERE e.seq >= $from AND e.seq < $to
DETACH DELETE e`;
