// The audit log becomes a Merkle log (docs/adr/0016): a sequencer gives each entry a gapless number, `seq`, and keeps the
// hashes in tiles. The label UnsealedEntry marks what waits for its number: it is found by its index, in order of id.
CREATE CONSTRAINT audit_seq IF NOT EXISTS FOR (e:AuditEntry) REQUIRE e.seq IS UNIQUE;
CREATE INDEX unsealed_id IF NOT EXISTS FOR (e:UnsealedEntry) ON (e.id);
CREATE CONSTRAINT audit_head_key IF NOT EXISTS FOR (h:AuditHead) REQUIRE h.key IS UNIQUE;
CREATE CONSTRAINT audit_tile_key IF NOT EXISTS FOR (t:AuditTile) REQUIRE t.key IS UNIQUE;
CREATE INDEX audit_request IF NOT EXISTS FOR (e:AuditEntry) ON (e.requestId);
// No statement looked entries up by time alone, and each write paid for it.
DROP INDEX audit_at IF EXISTS;
// Entries written before are sealed too, in their order; the sequencer gives them the body that is hashed.
MATCH (e:AuditEntry) WHERE e.seq IS NULL
CALL (e) { SET e:UnsealedEntry } IN TRANSACTIONS OF 10000 ROWS;
