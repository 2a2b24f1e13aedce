import { fileURLToPath } from 'node:url';

import type { Driver } from 'neo4j-driver';

import type { EventListener } from '../event-listener.js';
import { MigrationDatabase } from './migration-database.js';
import { MigrationError, NewerDatabaseError, readMigrationFiles, type MigrationFile } from './migration-file.js';
import { withMigrationLock } from './migration-lock.js';
import { refusalOf } from './migration-refusal.js';
import { applyMigration, applyToNew, holdsNothing, mendSchema, readSchema } from './migration-run.js';
import { BASELINE, BOOKKEEPING_SCHEMA, CURRENT_USER, READ_APPLIED, type AppliedRow } from './migration.cypher.js';
import { parseSchemaCommand, type PresentIndex } from './schema-command.js';
import { SchemaPlan } from './schema-plan.js';

export interface MigrateOptions {
  /** The folder of V001__why.cypher files; Weftline's own when not given. */
  directory?: string;
  /** Default "neo4j". */
  database?: string;
  /** Told what happens, in words for a person. */
  onEvent?: EventListener;
  /** How long to wait for another migrator, in seconds; default 60. */
  waitSeconds?: number;
  /** A statement that takes long is told of so often, in seconds; default 5. */
  tellEverySeconds?: number;
  /** Aborting ends the run before the next statement or while it waits, and frees the lock. */
  signal?: AbortSignal;
}

interface Migrated {
  applied: string[];
  current: string;
}

// Two folders up from src/neo4j and from dist/neo4j alike.
const OWN_MIGRATIONS = fileURLToPath(new URL('../../../migrations', import.meta.url));

/**
 * Brings the database to the state of the migrations folder: runs what was not run yet, in order, one migrator at a
 * time. Answers the files it ran, and the version the database is at ("BASELINE" for an empty folder).
 *
 * Each statement is a transaction of its own, for Neo4j does not mix schema and data in one; a file counts as applied
 * when all of it ran. A file that failed is run again from its first statement, so statements must be written to
 * stand that: IF NOT EXISTS, MERGE. Throws `MigrationError` when a file that was applied is changed or missing, and where
 * the database refuses: it then says what its owner may run. An index that an applied file made and that is gone is made again.
 */
export async function migrate(driver: Driver, options: MigrateOptions = {}): Promise<Migrated> {
  const database = new MigrationDatabase(driver, options.database ?? 'neo4j');
  const files = readMigrationFiles(options.directory ?? OWN_MIGRATIONS);
  const plan = new SchemaPlan(files);
  let present: PresentIndex[] = [];
  try {
    present = await readSchema(database);
    const pending = comparePending(files, await readApplied(database));
    if (pending.length === 0 && plan.lostFrom(present).size === 0) return { applied: [], current: headOf(files) };
    for (const statement of missingBooks(present)) await database.runRepeatable(statement);
    return await applyPending(database, files, plan, options);
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    const user = await readUser(database).catch(() => 'of this server');
    const statements = [...missingBooks(present), ...plan.statementsFor(present)];
    const refused = { what: null, database: database.name, user, statements };
    throw refusalOf(error, refused) ?? error;
  }
}

async function applyPending(
  database: MigrationDatabase,
  files: MigrationFile[],
  plan: SchemaPlan,
  options: MigrateOptions,
): Promise<Migrated> {
  const { signal, onEvent = () => undefined, waitSeconds = 60, tellEverySeconds = 5 } = options;
  return withMigrationLock(database, { waitSeconds, onEvent, signal }, async (lockId) => {
    const pending = comparePending(files, await readApplied(database));
    const connectedAs = await readUser(database);
    const run = { database, plan, lockId, connectedAs, signal, onEvent, tellEveryMs: tellEverySeconds * 1000 };
    if (pending.length === files.length && (await holdsNothing(database))) await applyToNew(run, files);
    else
      for (const file of pending) await applyMigration(run, file, files[files.indexOf(file) - 1]?.version ?? BASELINE);
    await mendSchema(run);
    return { applied: pending.map((file) => file.source), current: headOf(files) };
  });
}

const headOf = (files: readonly MigrationFile[]): string => files.at(-1)?.version ?? BASELINE;

/** What is there is not made again: a user who may not change the schema may migrate when its owner has made all of it. */
function missingBooks(present: readonly PresentIndex[]): string[] {
  return BOOKKEEPING_SCHEMA.filter((statement) => {
    const made = parseSchemaCommand(statement);
    return !present.some(({ name, is }) => name === made?.name && is === made.makes);
  });
}

/**
 * The files that the database lacks, in order; changes nothing. Throws `MigrationError` when the database and the
 * folder contradict each other.
 */
export async function pendingMigrations(
  driver: Driver,
  options: MigrateOptions & { /** Longest wait for the database. */ patienceMs?: number } = {},
): Promise<{ pending: string[] }> {
  const database = new MigrationDatabase(driver, options.database ?? 'neo4j');
  const files = readMigrationFiles(options.directory ?? OWN_MIGRATIONS);
  return { pending: comparePending(files, await readApplied(database, options.patienceMs)).map((file) => file.source) };
}

/** Holds what was applied against the files; answers the files still to run. */
function comparePending(files: MigrationFile[], applied: AppliedRow[]): MigrationFile[] {
  for (const [index, row] of applied.entries()) {
    const file = files[index];
    if (file?.version !== row.version) {
      throw new NewerDatabaseError(
        `The database has ${row.source} applied, and the folder lacks it: put the file back, or use the version of ` +
          'Weftline that brought it.',
      );
    }
    if (file.checksum !== row.checksum) {
      throw new MigrationError(
        `${file.source} was changed after it was applied: restore it, and put the change into a new file. ` +
          `(Its checksum is ${file.checksum}; ${row.checksum ?? 'none'} was applied.)`,
      );
    }
  }
  return files.slice(applied.length);
}

async function readApplied(database: MigrationDatabase, patienceMs?: number): Promise<AppliedRow[]> {
  const rows = await database.run(READ_APPLIED, {}, patienceMs);
  return rows.map(({ version, source, checksum }) => {
    if (typeof version !== 'string' || typeof source !== 'string') {
      throw new MigrationError(
        'The database holds a __Neo4jMigration node without version or source: it was not written by a migrator.',
      );
    }
    return { version, source, checksum: typeof checksum === 'string' ? checksum : null };
  });
}

/** Empty where authentication is off; neo4j-migrations then writes "anonymous". */
async function readUser(database: MigrationDatabase): Promise<string> {
  const user = (await database.run(CURRENT_USER))[0]?.['user'];
  return typeof user === 'string' && user !== '' ? user : 'anonymous';
}
