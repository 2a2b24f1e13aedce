import type { Driver } from 'neo4j-driver';

/** What one row of a batch is: the values in the order in which the statement reads them. */
export type Values = readonly unknown[];

const BATCH = 5_000;

/** Sends rows in batches over one connection; the next batch is made while the database works on the last. */
export class Bulk {
  private inFlight: Promise<unknown> = Promise.resolve();

  constructor(private readonly driver: Driver) {}

  /**
   * Sends all the rows; the last batch may still be under way. With `onNumbers`, the statement answers the numbers of the
   * nodes it made, in order.
   */
  async send(
    cypher: string,
    rows: Iterable<Values>,
    parameters: Readonly<Record<string, unknown>> = {},
    onNumbers?: (numbers: readonly bigint[]) => void,
  ): Promise<void> {
    let batch: Values[] = [];
    for (const row of rows) {
      batch.push(row);
      if (batch.length < BATCH) continue;
      await this.dispatch(cypher, { ...parameters, rows: batch }, onNumbers);
      batch = [];
    }
    if (batch.length > 0) await this.dispatch(cypher, { ...parameters, rows: batch }, onNumbers);
  }

  /** Waits for what was sent last. */
  async settle(): Promise<void> {
    await this.inFlight;
  }

  private async dispatch(
    cypher: string,
    parameters: Readonly<Record<string, unknown>>,
    onNumbers: ((numbers: readonly bigint[]) => void) | undefined,
  ): Promise<void> {
    await this.inFlight;
    this.inFlight = this.driver.executeQuery(cypher, parameters, { database: 'neo4j' }).then(({ records }) => {
      onNumbers?.(records[0]?.get('numbers') as bigint[]);
    });
  }
}
