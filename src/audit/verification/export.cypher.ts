/** Entries by number, as they are: for those who may read all of the log. */
export const READ_SEALED = `// audit.readSealed
MATCH (e:AuditEntry) WHERE e.seq >= $from AND e.seq < $to AND e.seq IS :: INTEGER NOT NULL
RETURN e.seq AS seq, e.body AS body, e.detached AS detached ORDER BY e.seq`;
