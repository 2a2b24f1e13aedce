import neo4j, { type Driver, type QueryResult, type Record as Neo4jRecord, type Result } from 'neo4j-driver';
import { setTimeout as sleep } from 'node:timers/promises';
import { mapInTurns, Turn } from '../turn.js';
import type { RequestBookmarks } from './bookmarks.js';
import {
  askDriver,
  askToCommit,
  constraintRefused,
  isSurelyRolledBack,
  isWorthRetrying,
  notCaughtUp,
  translate,
  translateWait,
} from './driver-errors.js';
import { gatherWrites } from './gathered-writes.js';
import { lookedUp } from './late-parameter.js';
import type { Parameters, Statements } from './statements.js';
import { asSent } from './parameter-map.js';
import type { ReadBudget } from './read-budget.js';

import { Row } from './row.js';

/** Who asks, for the database's own query log: it leads from a slow query back to the request. */
export interface QueryOrigin {
  requestId: string;
  operation: string;
  /** What the request leaves in the database, for who wants to wait for it. Absent: nobody asks. */
  bookmarks?: RequestBookmarks;
  /** What it may still read; absent: without end, as what reads for as long as a stream is open. */
  budget?: ReadBudget;
}

export interface StatementObserver {
  /** One statement was answered: its name (the leading comment), and how long it took in seconds. */
  statementRan(name: string, seconds: number): void;
}

const WRITE_ATTEMPTS = 6;
/** As long as the driver goes on trying its own transactions. */
const READ_RETRY_MS = 3_000;
const LATE = Symbol('late');
const GRACE_MS = 15_000;
/** How long the end of a session is waited for, which says nothing to anybody. */
const LEAVE_MS = 1_000;

/** A transaction of either kind, or a session with one for each statement. */
interface Runner {
  run: (cypher: string, parameters: Record<string, unknown>) => PromiseLike<Pick<QueryResult, 'records'>>;
}

/** What a statement that writes has in its text. */
const WRITES = /\b(?:CREATE|MERGE|SET|DELETE|REMOVE)\b/;

/** Asks for nothing: what is waited for is that it is answered. */
export const CATCH_UP = `// graph.catchUp
RETURN 1 AS caughtUp`;

/**
 * The one door to Neo4j: owns sessions, database name, access mode, bookmarks, timeouts, transaction metadata, and the
 * mapping of driver errors to ours. Bookmarks are shared by the whole process, so a read sees every write this process
 * has answered, on a cluster too.
 */
export class Graph {
  private readonly bookmarkManager = neo4j.bookmarkManager();
  private readonly commitListeners: ((statements: ReadonlySet<string>) => void)[] = [];
  private readonly writtenListeners: ((statements: ReadonlySet<string>) => void)[] = [];
  private mark: Mark = withoutKey;
  private underWay = 0;

  constructor(
    private readonly driver: Driver,
    private readonly options: {
      database: string;
      timeoutMs: number;
      /** Beyond the timeout of a statement, of which Neo4j itself tells: to get a connection, and for the way. */
      graceMs?: number;
      observer?: StatementObserver;
    },
  ) {}

  /** Whether no statement is under way. */
  get isQuiet(): boolean {
    return this.underWay === 0;
  }

  /** Calls the listener after each commit of this process, with the names of the statements that were committed. */
  onCommit(listener: (statements: ReadonlySet<string>) => void): void {
    this.commitListeners.push(listener);
  }

  /**
   * Calls the listener, with the names of the statements that write, once what a transaction of this process wrote may be
   * there: after its commit, also after one whose answer did not come, and before anybody is told.
   */
  onWritten(listener: (statements: ReadonlySet<string>) => void): void {
    this.writtenListeners.push(listener);
  }

  /** From now on, what is written can be marked as written by this installation: `WriteTransaction.mark`. */
  markWith(mark: Mark): void {
    this.mark = mark;
  }

  /**
   * Runs one reading statement and gives its rows. What may go better another time is tried again, for a read changes
   * nothing. `rowsAtOnce`: as many are sent before the next are asked for; of large rows few, since the driver takes apart all
   * that has come in one go. Throws UNAVAILABLE when Neo4j cannot answer in time.
   */
  async read(origin: QueryOrigin, cypher: string, parameters: Parameters, rowsAtOnce?: number): Promise<Row[]> {
    const giveUpAt = performance.now() + READ_RETRY_MS;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.readOnce(origin, cypher, parameters, rowsAtOnce);
      } catch (error) {
        const pause = backoff(attempt);
        if (!isWorthRetrying(error) || performance.now() + pause > giveUpAt) throw translate(error);
        await sleep(pause);
      }
    }
  }

  /** Reading statements, for what is otherwise asked within a transaction. */
  reader(origin: QueryOrigin): Statements {
    return { run: (cypher, parameters) => this.read(origin, cypher, parameters) };
  }

  /** In a transaction of its own that begins, runs and ends in one round trip: an explicit one takes three. */
  private async readOnce(
    origin: QueryOrigin,
    cypher: string,
    parameters: Parameters,
    rowsAtOnce?: number,
  ): Promise<Row[]> {
    const session = this.session(neo4j.session.READ, [], rowsAtOnce);
    const config = this.transactionConfig(origin);
    try {
      const run: Runner['run'] = (text, values) => {
        const result = session.run(text, values, config);
        return origin.budget ? readWithin(result, origin.budget) : result;
      };
      const rows = await this.run({ run }, cypher, parameters, true);
      origin.bookmarks?.read(session.lastBookmarks());
      return rows;
    } finally {
      await leave(session);
    }
  }

  /**
   * Waits until the database member asked has all that the bookmarks stand for. Bookmarks being shared, each read of this
   * process sees it from then on. Throws BAD_USER_INPUT when they are of another database, UNAVAILABLE when it has not
   * caught up within the timeout of a query.
   */
  async catchUp(origin: QueryOrigin, bookmarks: readonly string[]): Promise<void> {
    const session = this.session(neo4j.session.READ, bookmarks);
    const late = new AbortController();
    const waited = sleep(this.options.timeoutMs, LATE, { signal: late.signal });
    const work = (tx: Runner): Promise<Row[]> => this.run(tx, CATCH_UP, {}, true);
    const reached = askDriver(() => session.executeRead(work, this.transactionConfig(origin)), this.patienceMs).finally(
      () => leave(session),
    );
    try {
      if ((await Promise.race([reached, waited])) === LATE) throw notCaughtUp(this.options.timeoutMs);
    } catch (error) {
      throw translateWait(error, this.options.timeoutMs);
    } finally {
      late.abort();
      // Whoever is left behind is of no more interest: the wait that was given up, or its clock.
      void Promise.allSettled([reached, waited]);
    }
  }

  /**
   * Runs the work in ONE write transaction: all of it is kept or none. Deadlocks and leader changes, after which Neo4j
   * has surely rolled back, are tried again; a connection that was lost, and whatever a commit ends with that does not
   * tell whether it happened, is not, and answers UNAVAILABLE.
   */
  async write<T>(origin: QueryOrigin, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.writeOnce(origin, work);
      } catch (error) {
        if (!isSurelyRolledBack(error) || attempt === WRITE_ATTEMPTS) throw translate(error);
        await sleep(backoff(attempt));
      }
    }
  }

  /**
   * Runs the work in a write transaction that is taken back whatever comes of it: the answer is the one that `write` would have given,
   * and nothing of it is there. Throws what the work throws.
   */
  async rehearse<T>(origin: QueryOrigin, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    const taken: { answer: T }[] = [];
    try {
      return await this.write(origin, async (tx) => {
        taken[0] = { answer: await work(tx) };
        throw new TakenBack();
      });
    } catch (error) {
      if (error instanceof TakenBack && taken[0]) return taken[0].answer;
      throw error;
    }
  }

  private async writeOnce<T>(origin: QueryOrigin, work: (tx: WriteTransaction) => Promise<T>): Promise<T> {
    const session = this.session(neo4j.session.WRITE);
    try {
      const tx = session.beginTransaction(this.transactionConfig(origin));
      try {
        const statements = new Set<string>();
        const writing = new Set<string>();
        const run = (cypher: string, parameters: Parameters): Promise<Row[]> => {
          statements.add(statementName(cypher));
          if (WRITES.test(cypher)) writing.add(statementName(cypher));
          return this.run(tx, cypher, parameters, false);
        };
        const result = await work(new WriteTransaction(run, this.mark));
        try {
          await askToCommit(() => tx.commit(), this.patienceMs);
        } finally {
          this.writtenListeners.forEach((listener) => listener(writing));
        }
        origin.bookmarks?.wrote(session.lastBookmarks());
        this.commitListeners.forEach((listener) => listener(statements));
        return result;
      } finally {
        // A no-op after commit; after a failure, closing sends the rollback.
        await leave(tx);
      }
    } finally {
      await leave(session);
    }
  }

  /** `keeps`: nothing is written where the statement is run. */
  private async run(tx: Runner, cypher: string, parameters: Parameters, keeps: boolean): Promise<Row[]> {
    const same: Statements = { run: (text, more) => this.run(tx, text, more, keeps) };
    const values = { p: toDriver(await lookedUp(parameters, same, keeps)) };
    const started = performance.now();
    this.underWay++;
    try {
      const result = await askDriver(() => tx.run(asSent(cypher), values), this.patienceMs);
      return await mapInTurns(result.records, (record) => Row.of(record));
    } catch (error) {
      throw constraintRefused(error) ?? error;
    } finally {
      this.underWay--;
      this.options.observer?.statementRan(statementName(cypher), (performance.now() - started) / 1000);
    }
  }

  private get patienceMs(): number {
    return this.options.timeoutMs + (this.options.graceMs ?? GRACE_MS);
  }

  private session(defaultAccessMode: 'READ' | 'WRITE', bookmarks: readonly string[] = [], fetchSize?: number) {
    return this.driver.session({
      ...(fetchSize === undefined ? {} : { fetchSize }),
      bookmarks: [...bookmarks],
      database: this.options.database,
      defaultAccessMode,
      bookmarkManager: this.bookmarkManager,
    });
  }

  private transactionConfig({ requestId, operation }: QueryOrigin) {
    return { timeout: this.options.timeoutMs, metadata: { app: 'weftline', requestId, operation } };
  }
}

/** That a transaction was only a rehearsal. */
class TakenBack extends Error {}

/** What shows of a text that this installation wrote it: nobody makes it without its key. */
export type Mark = (text: string) => string;

function withoutKey(): never {
  throw new Error('This process has no key of the audit log, so it cannot write what the log accounts for.');
}

/** Statements of one write transaction, in order. */
export class WriteTransaction {
  constructor(
    private readonly execute: (cypher: string, parameters: Parameters) => Promise<Row[]>,
    /** Throws when the process has no key. */
    readonly mark: Mark,
  ) {}

  run(cypher: string, parameters: Parameters): Promise<Row[]> {
    return this.execute(cypher, parameters);
  }

  /** The first row, or null when there is none. */
  async first(cypher: string, parameters: Parameters): Promise<Row | null> {
    return (await this.execute(cypher, parameters))[0] ?? null;
  }

  /** The first row of a statement that cannot come back empty. */
  async one(cypher: string, parameters: Parameters): Promise<Row> {
    const row = await this.first(cypher, parameters);
    if (row === null) throw new Error(`${statementName(cypher)} returned no row.`);
    return row;
  }
}

/** Opens a driver with the settings all of Weftline relies on: bigint integers, short waits for a dead server. */
export function openDriver(target: { uri: string; username: string; password: string }): Driver {
  gatherWrites();
  return neo4j.driver(target.uri, neo4j.auth.basic(target.username, target.password), {
    useBigInt: true,
    connectionTimeout: 5_000,
    connectionAcquisitionTimeout: 10_000,
    maxTransactionRetryTime: 3_000,
    maxConnectionPoolSize: 100,
    userAgent: 'weftline',
  });
}

/** Row by row, so that what is too much is not fetched to its end. */
async function readWithin(result: Result, budget: ReadBudget): Promise<Pick<QueryResult, 'records'>> {
  const records: Neo4jRecord[] = [];
  const turn = new Turn();
  for await (const record of result) {
    const pause = turn.give();
    if (pause) await pause;
    for (const value of record.values()) budget.spend(value);
    records.push(record);
  }
  return { records };
}

function statementName(cypher: string): string {
  return /^\/\/ *(\S+)/.exec(cypher)?.[1] ?? 'unnamed';
}

/**
 * Ends a session or transaction. Its answer stands by then, or why there is none: that the connection broke after it
 * changes neither. The driver throws such a connection away, and Neo4j rolls back what was open on it.
 */
async function leave(open: { close: () => Promise<void> }): Promise<void> {
  await Promise.allSettled([askDriver(() => open.close(), LEAVE_MS)]);
}

/**
 * Dates and integers in the driver's own types: a plain JS number would be stored as a float. Throws TypeError for what
 * is no value at all, a fault of ours that the driver would tell as it tells a broken connection.
 */
function toDriver(value: unknown): unknown {
  if (value instanceof Date) return neo4j.types.DateTime.fromStandardDate(value);
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toDriver);
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`A ${typeof value} cannot be the parameter of a statement.`);
  }
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toDriver(item)]));
  }
  return value;
}

/** Milliseconds to wait after so many attempts, never twice the same, so that two that met do not meet again. */
const backoff = (attempt: number): number => 2 ** attempt * 5 * (0.5 + Math.random());
