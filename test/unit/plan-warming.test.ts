import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PlanWarming } from '../../src/neo4j/plan-warming.js';

const STATEMENTS = ['// first', '// second', '// third'];
const MINUTE = 60_000;

/** A database that plans in the time that is given once, and in a tenth of it what it has planned before. */
class Database {
  readonly asked: string[] = [];
  private known = new Set<string>();
  isQuiet = true;
  broken = false;

  async plan(statement: string): Promise<number> {
    if (this.broken) throw new Error('Away.');
    this.asked.push(statement);
    const ms = this.known.has(statement) ? 10 : statement === '// second' ? 200 : 100;
    this.known.add(statement);
    return Promise.resolve(ms);
  }

  forget(): void {
    this.known = new Set();
    this.asked.length = 0;
  }
}

let database: Database;
let warming: PlanWarming;

beforeEach(() => {
  vi.useFakeTimers();
  database = new Database();
  const pause = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        resolve();
      };
      signal.addEventListener('abort', end);
      setTimeout(end, ms);
      if (signal.aborted) end();
    });
  const options = { statements: STATEMENTS, logger: pino({ level: 'silent' }), pause };
  warming = new PlanWarming(database, database, options);
});

afterEach(async () => {
  await warming.stop();
  vi.useRealTimers();
});

describe('plans made ahead', () => {
  it('are made of each statement, in order, with pauses', async () => {
    warming.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(database.asked).toEqual(['// first']);
    await vi.advanceTimersByTimeAsync(100);
    expect(database.asked).toEqual(['// first', '// second']);
    await vi.advanceTimersByTimeAsync(400);
    expect(database.asked).toEqual(STATEMENTS);
  });

  it('wait while others ask, and for a second at most', async () => {
    database.isQuiet = false;
    warming.start();
    await vi.advanceTimersByTimeAsync(900);
    expect(database.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    expect(database.asked).toEqual(['// first']);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(database.asked.slice(0, 3)).toEqual(STATEMENTS);
  });

  it('are looked at by the dearest alone while the database knows them', async () => {
    warming.start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(database.asked.slice(0, 3)).toEqual(STATEMENTS);
    expect(database.asked.length).toBeGreaterThan(4);
    expect(new Set(database.asked.slice(3))).toEqual(new Set(['// second']));
  });

  it('are made again when the database has forgotten them', async () => {
    warming.start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    database.forget();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(database.asked.slice(0, 4)).toEqual(['// second', ...STATEMENTS]);
  });

  it('are made once the database is back that was away', async () => {
    database.broken = true;
    warming.start();
    await vi.advanceTimersByTimeAsync(MINUTE);
    database.broken = false;
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(database.asked.slice(0, 3)).toEqual(STATEMENTS);
  });

  it('are given up at once by a server that stops', async () => {
    database.isQuiet = false;
    warming.start();
    await vi.advanceTimersByTimeAsync(50);
    await warming.stop();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(database.asked).toEqual([]);
  });
});
