// The bookkeeping of neo4j-migrations (github.com/michael-simons/neo4j-migrations), property by property, so that
// its command line can take over the folder and the database.

export const BASELINE = 'BASELINE';

/** One a transaction. Names and shapes are those of neo4j-migrations. */
export const BOOKKEEPING_SCHEMA = [
  `// migration.lockId
  CREATE CONSTRAINT __Neo4jMigrationsLock__has_unique_id IF NOT EXISTS
  FOR (l:__Neo4jMigrationsLock) REQUIRE l.id IS UNIQUE`,
  `// migration.lockName
  CREATE CONSTRAINT __Neo4jMigrationsLock__has_unique_name IF NOT EXISTS
  FOR (l:__Neo4jMigrationsLock) REQUIRE l.name IS UNIQUE`,
  `// migration.uniqueVersion
  CREATE CONSTRAINT unique_version___Neo4jMigration IF NOT EXISTS
  FOR (m:__Neo4jMigration) REQUIRE (m.version, m.migrationTarget) IS UNIQUE`,
  `// migration.repeatedAt
  CREATE INDEX repeated_at__Neo4jMigration IF NOT EXISTS FOR ()-[r:REPEATED]-() ON (r.at)`,
] as const;

/** What is an index by itself; those of a constraint are told with it. */
export const SHOW_INDEXES = `// migration.showIndexes
SHOW INDEXES YIELD name, type, state, labelsOrTypes, properties, options, owningConstraint
WHERE owningConstraint IS NULL AND type <> 'LOOKUP'
RETURN name, type, state, labelsOrTypes, properties, options, false AS isConstraint`;

/** Neo4j 2026 says more exactly of which kind of thing something is unique. */
export const SHOW_CONSTRAINTS = `// migration.showConstraints
SHOW CONSTRAINTS YIELD name, type, labelsOrTypes, properties
RETURN name, replace(type, 'NODE_PROPERTY_UNIQUENESS', 'UNIQUENESS') AS type, labelsOrTypes, properties, true AS isConstraint`;

/** Waits, at most 120 seconds, until every index answers. */
export const AWAIT_INDEXES = `// migration.awaitIndexes
CALL db.awaitIndexes(120)`;

/** Applied migrations in their order. A target is set only where the bookkeeping lies in another database. */
export const READ_APPLIED = `// migration.readApplied
MATCH path = (base:__Neo4jMigration {version: 'BASELINE'})-[:MIGRATED_TO*1..10000]->(last:__Neo4jMigration)
WHERE base.migrationTarget IS NULL AND NOT (last)-[:MIGRATED_TO]->(:__Neo4jMigration)
UNWIND tail(nodes(path)) AS migration
RETURN migration.version AS version, migration.source AS source, migration.checksum AS checksum`;

/** A node that is none of the books; one at most is looked for. */
export const FIND_ANYTHING = `// migration.findAnything
MATCH (n) WHERE NOT n:__Neo4jMigration AND NOT n:__Neo4jMigrationsLock
RETURN 1 AS found LIMIT 1`;

export interface AppliedRow {
  version: string;
  source: string;
  checksum: string | null;
}

/** What the first applied migration hangs on, when it is not there. */
export const KEEP_BASELINE = `// migration.keepBaseline
MATCH (lock:__Neo4jMigrationsLock {id: $lockId})
SET lock.aliveAt = datetime()
WITH lock WHERE NOT EXISTS { MATCH (base:__Neo4jMigration {version: 'BASELINE'}) WHERE base.migrationTarget IS NULL }
CREATE (:__Neo4jMigration {version: 'BASELINE'})`;

/**
 * Answers no row when the lock is no longer ours: then nothing is recorded. Planned anew for each file that changes the schema, so it
 * is kept short.
 */
export const RECORD_APPLIED = `// migration.recordApplied
MATCH (lock:__Neo4jMigrationsLock {id: $lockId})
MATCH (before:__Neo4jMigration {version: $previous}) WHERE before.migrationTarget IS NULL
SET lock.aliveAt = datetime()
CREATE (before)-[:MIGRATED_TO {
  at: datetime({timezone: 'UTC'}), in: duration({milliseconds: $milliseconds}), connectedAs: $connectedAs
}]->(applied:__Neo4jMigration)
SET applied = $migration
RETURN applied.version AS version`;

/** Fails on the constraint while somebody else holds the lock of that name. */
export const CREATE_LOCK = `// migration.createLock
CREATE (l:__Neo4jMigrationsLock {id: $id, name: $name, holder: $holder, aliveAt: datetime()})`;

/** Only our own kind says when it was last alive: a lock of neo4j-migrations is never taken for dead. */
export const BREAK_DEAD_LOCK = `// migration.breakDeadLock
MATCH (l:__Neo4jMigrationsLock {name: $name})
WHERE l.aliveAt < datetime() - duration({seconds: $leaseSeconds})
DELETE l`;

export const KEEP_LOCK_ALIVE = `// migration.keepLockAlive
MATCH (l:__Neo4jMigrationsLock {id: $id}) SET l.aliveAt = datetime()`;

export const DELETE_LOCK = `// migration.deleteLock
MATCH (l:__Neo4jMigrationsLock {id: $id}) DELETE l`;

export const CURRENT_USER = `// migration.currentUser
SHOW CURRENT USER YIELD user RETURN user`;
