import type { Driver, Session, SessionConfig } from 'neo4j-driver';
import { askDriver } from '../driver-errors.js';

/** A statement of a migration may rebuild an index of all there is. */
const LONGEST_MS = 24 * 60 * 60_000;
const CLOSE_MS = 1_000;

/** The database that is migrated; every call is a transaction of its own. */
export class MigrationDatabase {
  constructor(
    private readonly driver: Driver,
    /** Its name in Neo4j: "neo4j". */
    readonly name: string,
  ) {}

  /**
   * Runs one statement and answers its rows. It commits by itself, as `CALL … IN TRANSACTIONS` and changes of the
   * schema need, and is never repeated: a statement of a migration may not be repeatable.
   */
  async run(
    statement: string,
    parameters: Record<string, unknown> = {},
    patienceMs = LONGEST_MS,
  ): Promise<Record<string, unknown>[]> {
    return await this.within(patienceMs, async (session) => {
      const result = await session.run(statement, parameters);
      return result.records.map((record) => record.toObject());
    });
  }

  /**
   * The same, telling how many rows are done as they are: of a statement that changes data in transactions of some rows
   * each, and answers nothing itself.
   */
  async runCounting(statement: string, onCount: (rows: number) => void): Promise<void> {
    await this.within(LONGEST_MS, async (session) => {
      let rows = 0;
      for await (const row of session.run(`${statement}\nRETURN 1 AS done`)) onCount((rows += row.length));
    });
  }

  /** Runs a statement that may run twice, and repeats it when it met another transaction. */
  async runRepeatable(statement: string): Promise<void> {
    await this.within(LONGEST_MS, (session) => session.executeWrite((transaction) => transaction.run(statement)));
  }

  /** Whatever it ends with besides is why the driver failed: that the session could not be closed after it says no more. */
  private async within<T>(patienceMs: number, work: (session: Session) => Promise<T>): Promise<T> {
    const session = this.openSession();
    try {
      return await askDriver(() => work(session), patienceMs);
    } finally {
      await Promise.allSettled([askDriver(() => session.close(), CLOSE_MS)]);
    }
  }

  private openSession(): Session {
    const config: Partial<SessionConfig> = { database: this.name };
    return this.driver.session(config);
  }
}
