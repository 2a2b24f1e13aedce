import neo4j from 'neo4j-driver';

import type { EventListener } from '../event-listener.js';
import type { MigrationDatabase } from './migration-database.js';
import { MigrationError, type MigrationFile } from './migration-file.js';
import { refusalOf } from './migration-refusal.js';
import {
  AWAIT_INDEXES,
  BASELINE,
  FIND_ANYTHING,
  KEEP_BASELINE,
  RECORD_APPLIED,
  SHOW_CONSTRAINTS,
  SHOW_INDEXES,
} from './migration.cypher.js';
import { parseSchemaCommand, type PresentIndex, presentIndex } from './schema-command.js';
import type { SchemaPlan } from './schema-plan.js';

/** One migrator at work: it holds the lock. */
export interface MigrationRun {
  database: MigrationDatabase;
  plan: SchemaPlan;
  lockId: string;
  connectedAs: string;
  signal: AbortSignal | undefined;
  onEvent: EventListener;
  tellEveryMs: number;
}

/**
 * Runs the file's statements and writes down that it was applied after `previous`. An index or constraint that is there as the file
 * makes it is left as it is, and told of.
 */
export async function applyMigration(run: MigrationRun, file: MigrationFile, previous: string): Promise<void> {
  const startedAt = Date.now();
  const done = await lookForDone(run, file);
  for (const [index, statement] of file.statements.entries()) {
    const name = parseSchemaCommand(statement)?.name;
    if (name !== undefined && done.has(name)) continue;
    await runStatement(run, file, index + 1, statement);
  }
  await run.database.run(AWAIT_INDEXES);
  await recordApplied(run, file, { previous, milliseconds: Date.now() - startedAt });
}

/**
 * The same of all files at once, in a database that `holdsNothing`. What changes only what it finds is not run until something is
 * there, and what was applied is written down at the end, also when a file failed: Neo4j plans each of these statements anew after
 * every change of the schema, which took two thirds of a first start.
 */
export async function applyToNew(run: MigrationRun, files: readonly MigrationFile[]): Promise<void> {
  const took = new Map<MigrationFile, number>();
  let isEmpty = true;
  const record = async (): Promise<void> => {
    if (took.size > 0) await run.database.run(AWAIT_INDEXES);
    let previous = BASELINE;
    for (const [file, milliseconds] of took) {
      await recordApplied(run, file, { previous, milliseconds });
      previous = file.version;
    }
  };
  try {
    for (const file of files) {
      const startedAt = Date.now();
      for (const [index, statement] of file.statements.entries()) {
        if (isEmpty && CHANGES_WHAT_IT_FINDS.test(statement)) continue;
        await runStatement(run, file, index + 1, statement);
        isEmpty &&= parseSchemaCommand(statement) !== null;
      }
      took.set(file, Date.now() - startedAt);
    }
  } catch (error) {
    // Why the file failed says more than why that could not be written down.
    await Promise.allSettled([record()]);
    throw error;
  }
  await record();
}

/** Whether there is neither a node nor an index but those of the books. */
export async function holdsNothing(database: MigrationDatabase): Promise<boolean> {
  const isOfBooks = ({ name }: PresentIndex): boolean => name.includes('__Neo4jMigration');
  if (!(await readSchema(database)).every(isOfBooks)) return false;
  return (await database.run(FIND_ANYTHING)).length === 0;
}

async function recordApplied(
  { database, lockId, connectedAs, onEvent }: MigrationRun,
  file: MigrationFile,
  { previous, milliseconds }: { previous: string; milliseconds: number },
): Promise<void> {
  const { version, description, source, checksum } = file;
  const migration = { version, description, source, checksum, type: 'CYPHER', repeatable: false };
  if (previous === BASELINE) await database.run(KEEP_BASELINE, { lockId });
  const parameters = { lockId, previous, migration, connectedAs, milliseconds: neo4j.int(milliseconds) };
  if ((await database.run(RECORD_APPLIED, parameters)).length === 0) {
    throw new MigrationError(`${source} ran, and meanwhile another migrator took the lock: run this again.`);
  }
  onEvent(`Applied ${source} in ${milliseconds} ms.`, 'info');
}

/** All indexes and constraints of the database, but for those by which Neo4j finds labels and types. */
export async function readSchema(database: MigrationDatabase): Promise<PresentIndex[]> {
  const rows = [...(await database.run(SHOW_INDEXES)), ...(await database.run(SHOW_CONSTRAINTS))];
  return rows.map(presentIndex);
}

async function lookForDone({ database, plan, onEvent }: MigrationRun, file: MigrationFile): Promise<Set<string>> {
  if (!file.statements.some((statement) => parseSchemaCommand(statement) !== null)) return new Set();
  const present = await readSchema(database);
  const done = plan.doneBy(file, present);
  const found = present.filter(({ name }) => done.has(name)).map(({ name }) => name);
  if (found.length > 0)
    onEvent(`${file.source}: there already, and taken for done by hand: ${found.join(', ')}.`, 'info');
  return done;
}

/** Makes again what applied files made and somebody took away: without the full-text index, search answers nothing. */
export async function mendSchema(run: MigrationRun): Promise<void> {
  const lost = run.plan.lostFrom(await readSchema(run.database));
  for (const [name, statements] of lost) {
    run.onEvent(`${name} is gone from the database, and made again.`, 'warn');
    for (const statement of statements) await orSayWhatFailed(run, `Making ${name}`, () => run.database.run(statement));
  }
  if (lost.size > 0) await run.database.run(AWAIT_INDEXES);
}

async function runStatement(run: MigrationRun, file: MigrationFile, number: number, statement: string): Promise<void> {
  const { database, signal } = run;
  signal?.throwIfAborted();
  await orSayWhatFailed(run, `Statement ${number} of ${file.source}`, () =>
    IN_BATCHES.test(statement)
      ? database.runCounting(statement, progressOf(run, file, number))
      : database.run(statement),
  );
}

async function orSayWhatFailed(run: MigrationRun, what: string, work: () => Promise<unknown>): Promise<void> {
  const { database, plan, connectedAs } = run;
  try {
    await work();
  } catch (error) {
    const statements = plan.statementsFor(await readSchema(database).catch(() => []));
    const refusal = refusalOf(error, { what, database: database.name, user: connectedAs, statements });
    if (refusal !== null) throw refusal;
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${what} failed: ${reason} What ran before it stays; mend the cause and run this again.`, {
      cause: error,
    });
  }
}

/**
 * A statement that begins so, after its comment, does nothing in a graph without nodes, unless it counts them and goes on with how many:
 * test/graph/migrate.test.ts would find one of ours that does.
 */
const CHANGES_WHAT_IT_FINDS = /^(?:\/\/.*\n)*MATCH \(/;

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
