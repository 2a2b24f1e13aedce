import type { Driver } from 'neo4j-driver';
import type { Logger } from 'pino';

import { pendingMigrations } from './migrate.js';
import { MigrationError } from './migration-file.js';
import { pause } from '../pause.js';

const EVERY_MS = 2_000;
/** So long it is answered why nothing is served any more, before nobody answers: clients and load balancers learn of it. */
const GRACE_MS = 3_000;
/** A database that does not answer is no newer one: `/readyz` tells of it. */
const PATIENCE_MS = 5_000;

/** How a process ends when the database is of a newer Weftline: EX_CONFIG of sysexits.h. Starting it again is of no use. */
export const OVERTAKEN_EXIT_CODE = 78;

const REFUSAL = 'A newer version of Weftline has taken over the database. This server stops; ask the newer one.';

/**
 * Notices that a newer Weftline migrated the database while this server runs: what this one would write from then on lacks what the
 * newer one relies on. One small statement every two seconds.
 */
export class MigrationWatch {
  /** Why a new request is refused; null while all is well. */
  refusal: string | null = null;
  private readonly ending = new AbortController();

  constructor(
    private readonly driver: Driver,
    private readonly options: { database: string; logger: Logger; everyMs?: number; graceMs?: number },
  ) {}

  /** Begins to look, and calls that once when the database is a newer one's, after a moment of refusing. */
  start(onOvertaken: () => void): void {
    void this.watch().then(
      () => onOvertaken(),
      (error: unknown) => {
        if (this.ending.signal.aborted) return;
        this.options.logger.error({ err: error }, 'The watch over the migrations of the database failed.');
      },
    );
  }

  stop(): void {
    this.ending.abort();
  }

  private async watch(): Promise<void> {
    const { everyMs = EVERY_MS, graceMs = GRACE_MS, logger } = this.options;
    let wrong: string | null = null;
    while (wrong === null) {
      await pause(everyMs, this.ending.signal, { ref: false });
      wrong = await this.whatIsWrong();
    }
    this.refusal = REFUSAL;
    logger.fatal(
      `The database is no longer of this version: ${wrong} This server refuses requests, stops, and exits with ${OVERTAKEN_EXIT_CODE}; start the newer version in its place.`,
    );
    await pause(graceMs, this.ending.signal);
  }

  private async whatIsWrong(): Promise<string | null> {
    try {
      await pendingMigrations(this.driver, { database: this.options.database, patienceMs: PATIENCE_MS });
      return null;
    } catch (error) {
      return error instanceof MigrationError ? error.message : null;
    }
  }
}
