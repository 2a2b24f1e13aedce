import type { Driver } from 'neo4j-driver';
import type { Logger } from 'pino';
import { isLockedOut } from '../driver-errors.js';
import { pendingMigrations } from './migrate.js';
import { MigrationError } from './migration-file.js';

/** A database that is well answers this at once; who asks for readiness does not wait for one that is not. */
const PATIENCE_MS = 5_000;

/** Whether the database can serve, in words for anyone; what exactly is wrong stands in the log, once for each way. */
export class DatabaseReadiness {
  private told: string | null = null;

  constructor(
    private readonly driver: Driver,
    private readonly options: { database: string; logger: Logger },
  ) {}

  /** Why it cannot; null when it can. Never throws. */
  async whyNot(): Promise<string | null> {
    const { database } = this.options;
    try {
      const { pending } = await pendingMigrations(this.driver, { database, patienceMs: PATIENCE_MS });
      this.told = null;
      return pending.length === 0 ? null : `The database lacks ${pending.length} migration(s).`;
    } catch (error) {
      const why = reasonOf(error);
      if (why !== this.told) this.options.logger.warn({ err: error }, why);
      this.told = why;
      return why;
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof MigrationError) return 'The migrations of the database are not those of this version.';
  return isLockedOut(error)
    ? 'Neo4j does not let this server in: an administrator must check its user and password.'
    : 'Neo4j cannot be reached.';
}
