import type { Driver, Session, SessionConfig } from 'neo4j-driver';

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
  async run(statement: string, parameters: Record<string, unknown> = {}): Promise<Record<string, unknown>[]> {
    const session = this.openSession();
    try {
      const result = await session.run(statement, parameters);
      return result.records.map((record) => record.toObject());
    } finally {
      await session.close();
    }
  }

  /** Runs a statement that may run twice, and repeats it when it met another transaction. */
  async runRepeatable(statement: string): Promise<void> {
    const session = this.openSession();
    try {
      await session.executeWrite((transaction) => transaction.run(statement));
    } finally {
      await session.close();
    }
  }

  private openSession(): Session {
    const config: Partial<SessionConfig> = { database: this.name };
    return this.driver.session(config);
  }
}
