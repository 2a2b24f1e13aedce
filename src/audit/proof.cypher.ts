/** Only for entries that were found for the reader before: it asks nothing of them. */
export const BODY_OF = `// audit.bodyOf
MATCH (e:AuditEntry {id: $id})
RETURN e.body AS body`;
