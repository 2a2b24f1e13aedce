import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';

import { Neo4jError } from 'neo4j-driver';

import { DriverFailure } from '../driver-errors.js';
import type { EventListener } from '../event-listener.js';
import type { MigrationDatabase } from './migration-database.js';
import { MigrationError } from './migration-file.js';
import { pause } from '../pause.js';
import { BREAK_DEAD_LOCK, CREATE_LOCK, DELETE_LOCK, KEEP_LOCK_ALIVE } from './migration.cypher.js';

const TAKEN = 'Neo.ClientError.Schema.ConstraintValidationFailed';
const RETRY_MS = 500;
/** A holder says this often that it lives, and counts as dead when it has not for the length of the lease. */
const HEARTBEAT_MS = 5_000;
const LEASE_SECONDS = 30;

export interface LockWait {
  waitSeconds: number;
  onEvent: EventListener;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the work while holding the lock that neo4j-migrations and we share: a node whose name a constraint keeps unique.
 * Waits at most `waitSeconds`; a Weftline migrator that died frees the lock after 30 seconds by itself.
 */
export async function withMigrationLock<T>(
  database: MigrationDatabase,
  options: LockWait,
  work: (lockId: string) => Promise<T>,
): Promise<T> {
  const id = randomUUID();
  await acquire(database, id, options);
  const beating = new AbortController();
  const heart = beat(database, id, beating.signal);
  try {
    return await work(id);
  } finally {
    beating.abort();
    await heart;
    await release(database, id, options.onEvent);
  }
}

async function acquire(
  database: MigrationDatabase,
  id: string,
  { waitSeconds, onEvent, signal }: LockWait,
): Promise<void> {
  const deadline = Date.now() + waitSeconds * 1000;
  const name = lockName(database.name);
  for (let attempt = 0; !(await tryLock(database, id, name)); attempt += 1) {
    if (attempt === 0) onEvent('Waiting for another migrator to finish.', 'info');
    if (Date.now() > deadline) {
      throw new MigrationError(
        `Another migrator has held the lock for ${waitSeconds} s. Wait for it; if it died, remove its lock with ` +
          `MATCH (l:__Neo4jMigrationsLock {name: '${name}'}) DELETE l and run this again.`,
      );
    }
    await database.run(BREAK_DEAD_LOCK, { name, leaseSeconds: LEASE_SECONDS });
    await pause(RETRY_MS, signal);
  }
}

/** A lock that cannot be freed, because the database is gone, must not hide why the work failed. */
async function release(database: MigrationDatabase, id: string, onEvent: EventListener): Promise<void> {
  try {
    await database.run(DELETE_LOCK, { id });
  } catch (error) {
    onEvent(`The migration lock ends by itself in ${LEASE_SECONDS} s: freeing it failed. ${String(error)}`, 'warn');
  }
}

async function tryLock(database: MigrationDatabase, id: string, name: string): Promise<boolean> {
  try {
    await database.run(CREATE_LOCK, { id, name, holder: `${hostname()}, process ${process.pid}` });
    return true;
  } catch (error) {
    if (error instanceof Neo4jError && error.code === TAKEN) return false;
    throw error;
  }
}

async function beat(database: MigrationDatabase, id: string, signal: AbortSignal): Promise<void> {
  while (await untilNextBeat(signal)) {
    try {
      await database.run(KEEP_LOCK_ALIVE, { id });
    } catch (error) {
      // A beat or two may be lost: recording a migration checks that the lock is still ours.
      if (!(error instanceof Neo4jError || error instanceof DriverFailure)) throw error;
    }
  }
}

async function untilNextBeat(signal: AbortSignal): Promise<boolean> {
  await pause(HEARTBEAT_MS, signal).catch(() => undefined);
  return !signal.aborted;
}

/** neo4j-migrations calls the lock of the default database by this name. */
function lockName(database: string): string {
  return database.toLowerCase() === 'neo4j' ? 'John Doe' : database.toLowerCase();
}
