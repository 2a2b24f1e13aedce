/**
 * How many entries of the sealed log an auditor session may know of: up to the last that was written by its time. They are sealed in the
 * order of their time but for moments, so the last thousand have it. `waiting`: some of them are not sealed yet.
 */
export const SIZE_THEN = `// audit.sizeThen
MATCH (e:AuditEntry) WHERE e.id < $viewer.ceiling
WITH e ORDER BY e.id DESC LIMIT 1000
RETURN coalesce(max(e.seq) + 1, 0) AS size, count(CASE WHEN e.seq IS NULL THEN 1 END) AS waiting`;

/** Only for entries that were found for the reader before: it asks nothing of them. */
export const BODY_OF = `// audit.bodyOf
MATCH (e:AuditEntry {id: $id})
RETURN e.body AS body`;
