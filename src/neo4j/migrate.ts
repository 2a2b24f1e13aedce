import { fileURLToPath } from 'node:url';

import neo4j, { type Driver } from 'neo4j-driver';

import type { EventListener } from './event-listener.js';
import { MigrationDatabase } from './migration-database.js';
import { MigrationError, NewerDatabaseError, readMigrationFiles, type MigrationFile } from './migration-file.js';
import { withMigrationLock } from './migration-lock.js';
import {
  AWAIT_INDEXES,
  BASELINE,
  BOOKKEEPING_SCHEMA,
  CURRENT_USER,
  READ_APPLIED,
  RECORD_APPLIED,
  type AppliedRow,
} from './migration.cypher.js';

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

// Two folders up from src/neo4j and from dist/neo4j alike.
const OWN_MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/**
 * Brings the database to the state of the migrations folder: runs what was not run yet, in order, one migrator at a
 * time. Answers the files it ran, and the version the database is at ("BASELINE" for an empty folder).
 *
 * Each statement is a transaction of its own, for Neo4j does not mix schema and data in one; a file counts as applied
 * when all of it ran. A file that failed is run again from its first statement, so statements must be written to
 * stand that: IF NOT EXISTS, MERGE. Throws `MigrationError` when a file that was applied is changed or missing.
 */
export async function migrate(
  driver: Driver,
  options: MigrateOptions = {},
): Promise<{ applied: string[]; current: string }> {
  const onEvent = options.onEvent ?? (() => undefined);
  const database = new MigrationDatabase(driver, options.database ?? 'neo4j');
  const files = readMigrationFiles(options.directory ?? OWN_MIGRATIONS);
  for (const statement of BOOKKEEPING_SCHEMA) await database.runRepeatable(statement);
  const wait = { waitSeconds: options.waitSeconds ?? 60, onEvent, signal: options.signal };
  return withMigrationLock(database, wait, async (lockId) => {
    const pending = comparePending(files, await readApplied(database));
    const tellEveryMs = (options.tellEverySeconds ?? 5) * 1000;
    const { signal } = options;
    const run = { database, lockId, connectedAs: await readUser(database), signal, onEvent, tellEveryMs };
    for (const file of pending) {
      const milliseconds = await apply(run, file, files[files.indexOf(file) - 1]?.version ?? BASELINE);
      onEvent(`Applied ${file.source} in ${milliseconds} ms.`, 'info');
    }
    return { applied: pending.map((file) => file.source), current: files.at(-1)?.version ?? BASELINE };
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

interface MigrationRun {
  database: MigrationDatabase;
  lockId: string;
  connectedAs: string;
  signal: AbortSignal | undefined;
  onEvent: EventListener;
  tellEveryMs: number;
}

/** Runs the file's statements and writes down that it was applied after `previous`. Answers the milliseconds it took. */
async function apply(run: MigrationRun, file: MigrationFile, previous: string): Promise<number> {
  const { database, lockId, connectedAs } = run;
  const startedAt = Date.now();
  for (const [index, statement] of file.statements.entries()) {
    run.signal?.throwIfAborted();
    await runStatement(run, file, index + 1, statement);
  }
  await database.run(AWAIT_INDEXES);
  const milliseconds = Date.now() - startedAt;
  const { version, description, source, checksum } = file;
  const migration = { version, description, source, checksum, type: 'CYPHER', repeatable: false };
  const parameters = { lockId, previous, migration, connectedAs, milliseconds: neo4j.int(milliseconds) };
  if ((await database.run(RECORD_APPLIED, parameters)).length === 0) {
    throw new MigrationError(`${source} ran, and meanwhile another migrator took the lock: run this again.`);
  }
  return milliseconds;
}

async function runStatement(run: MigrationRun, file: MigrationFile, number: number, statement: string): Promise<void> {
  const { database } = run;
  try {
    if (IN_BATCHES.test(statement)) await database.runCounting(statement, progressOf(run, file, number));
    else await database.run(statement);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(
      `Statement ${number} of ${file.source} failed: ${reason} What ran before it stays; mend the cause and run this again.`,
      { cause: error },
    );
  }
}

/** Such a statement of a large graph takes minutes, and tells how far it is. */
const IN_BATCHES = /\}\s*IN TRANSACTIONS(?: OF \d+ ROWS)?$/;

function progressOf({ onEvent, tellEveryMs }: MigrationRun, file: MigrationFile, number: number) {
  const began = performance.now();
  let toldAt = began;
  return (rows: number): void => {
    const now = performance.now();
    if (now - toldAt < tellEveryMs) return;
    toldAt = now;
    const seconds = Math.round((now - began) / 1000);
    onEvent(
      `${file.source}, statement ${number} of ${file.statements.length}: ${rows} rows after ${seconds} s.`,
      'info',
    );
  };
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
