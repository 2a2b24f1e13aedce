import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startEmbeddedNeo4j, stopAbandonedNeo4j, type EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { tryLock, type FileLock } from '../../src/neo4j/embedded/file-lock.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import { SetupError } from '../../src/neo4j/setup-error.js';
import { LentGraphs } from './lent-graphs.js';
import { writePlans } from './plans.js';
import { bundleRunner } from './runner.js';

declare module 'vitest' {
  interface ProvidedContext {
    neo4jUri: string;
    neo4jUsername: string;
    neo4jPassword: string;
    /** Where files ask for a graph of their own: see `ownGraph`. */
    lentGraphs: string;
    /** A file with the plans of all statements, as they were in the empty graph; null: nobody wrote it. See `plansInEmptyGraph`. */
    plans: string | null;
  }
}

/**
 * For a Neo4j of one file, or of a few, which lives for minutes: half of what it does by then is compiling itself, so Java only
 * compiles quickly, and optimises nothing. The one of all files is faster without. By itself Java then keeps 48 MB of what it compiled,
 * which is too little for a planner of queries: what does not fit is thrown away and compiled again, a tenth of all it does.
 */
const COMPILE_LITTLE = '-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m';

/** Two cores and small heaps: the collector that does nothing beside the program costs a sixth less of all that Neo4j does. */
const COLLECT_PLAINLY = '-XX:+UseSerialGC';

/** It asks for the plan of each statement in an empty graph. */
const PLANS_TEST = 'test/graph/plans.test.ts';
const TEST_HOME = join(import.meta.dirname, '../../.weftline/test');

/**
 * One Neo4j for the whole run: the one that WEFTLINE_TEST_NEO4J_URI names, else an embedded one with an empty graph.
 * A machine without a database fails the run; nothing is skipped.
 */
export default (project: TestProject): Promise<() => Promise<void>> => setUp(project, { shortly: false });

/** `shortly`: the run is of a few files. */
export async function setUp(project: TestProject, { shortly }: { shortly: boolean }): Promise<() => Promise<void>> {
  const { JAVA_TOOL_OPTIONS: theirs } = process.env;
  const forMinutes = `${COLLECT_PLAINLY} ${COMPILE_LITTLE}`;
  process.env['JAVA_TOOL_OPTIONS'] = theirs ?? (shortly ? forMinutes : COLLECT_PLAINLY);
  const { database, lent, stop } = await startDatabases();
  // What the tests start inherits it.
  process.env['JAVA_TOOL_OPTIONS'] = theirs ?? forMinutes;
  // Who brings a database brings what is in it, and it is not asked what an empty one would do.
  const isEmpty = databaseFromEnvironment() === null;
  const plans = isEmpty && isAskedFor(PLANS_TEST) ? join(TEST_HOME, `plans-${process.pid}.json`) : null;
  await makeReady(database, plans);
  project.provide('plans', plans);
  const runner = await bundleRunner(TEST_HOME);
  project.provide('runner', runner);
  project.provide('neo4jUri', database.uri);
  project.provide('neo4jUsername', database.username);
  project.provide('neo4jPassword', database.password);
  project.provide('lentGraphs', lent.address);
  return async () => {
    rmSync(runner, { force: true });
    if (plans !== null) rmSync(plans, { force: true });
    await stop();
  };
}

/** A server of somebody else's, which is not stopped at the end. */
function databaseFromEnvironment(): EmbeddedNeo4j | null {
  const { WEFTLINE_TEST_NEO4J_URI: uri, WEFTLINE_TEST_NEO4J_USERNAME: username } = process.env;
  const password = process.env['WEFTLINE_TEST_NEO4J_PASSWORD'];
  if (!uri) return null;
  if (!username || !password) {
    throw new SetupError('With WEFTLINE_TEST_NEO4J_URI, set WEFTLINE_TEST_NEO4J_USERNAME and …_PASSWORD as well.');
  }
  return { uri, username, password, stop: () => Promise.resolve() };
}

/** Vitest ends on Ctrl-C without tearing down: so the signals are watched here, while servers start and run. */
async function startDatabases(): Promise<{ database: EmbeddedNeo4j; lent: LentGraphs; stop: () => Promise<void> }> {
  const { home, lock } = claimHome();
  const lent = await LentGraphs.open(home);
  const interruption = new AbortController();
  const given = databaseFromEnvironment();
  const starting = given === null ? startEmptyNeo4j(home, interruption.signal) : Promise.resolve(given);
  const stop = async (): Promise<void> => {
    interruption.abort(new SetupError('The run was interrupted.'));
    const [outcome] = await Promise.allSettled([starting, lent.close()]);
    if (outcome.status === 'fulfilled') await outcome.value.stop();
    lock.release();
  };
  const stopOnSignals = endAfter(stop);
  try {
    return { database: await starting, lent, stop: () => stop().finally(stopOnSignals.cancel) };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startEmptyNeo4j(home: string, signal: AbortSignal): Promise<EmbeddedNeo4j> {
  await stopAbandonedNeo4j(home);
  rmSync(home, { recursive: true, force: true });
  const onEvent = (message: string): unknown => process.stdout.write(`${message}\n`);
  return startEmbeddedNeo4j({ home, signal, heapMegabytes: 1024, keepPlans: true, onEvent });
}

/**
 * On a signal, stops first. Vitest's own listener exits a millisecond after the signal, so it is held back until the
 * database has stopped, and then the signal is sent again. A second signal meanwhile ends the process at once.
 */
function endAfter(stop: () => Promise<void>): { cancel: () => void } {
  const held = (['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((signal) => ({
    signal,
    theirs: process.listeners(signal),
    ours: (): void => {
      void stop().finally(() => {
        cancel();
        process.kill(process.pid, signal);
      });
    },
  }));
  const cancel = (): void => {
    for (const { signal, theirs, ours } of held) {
      process.off(signal, ours);
      for (const listener of theirs) process.on(signal, listener);
    }
  };
  for (const { signal, theirs, ours } of held) {
    for (const listener of theirs) process.off(signal, listener);
    process.once(signal, ours);
  }
  return { cancel };
}

/** A folder that no other living run uses: several runs of the tests go on side by side, each with its own server. */
function claimHome(): { home: string; lock: FileLock } {
  mkdirSync(TEST_HOME, { recursive: true });
  for (let number = 1; ; number += 1) {
    const home = join(TEST_HOME, number === 1 ? 'neo4j' : `neo4j-${number}`);
    const lock = tryLock(`${home}.lock`);
    if (lock !== null) return { home, lock };
  }
}

/** Whether the words of the command line name all files, or this one among others. */
function isAskedFor(file: string): boolean {
  const words = process.argv.slice(2).filter((word) => word !== 'run' && !word.startsWith('-'));
  return words.length === 0 || words.some((word) => file.includes(word));
}

/** Who needs all plans has them made here, before there is anything: then the tests find them made. */
async function makeReady(database: EmbeddedNeo4j, plans: string | null): Promise<void> {
  const driver = openDriver(database);
  try {
    await migrate(driver);
    if (plans !== null) await writePlans(driver, plans);
  } catch (error) {
    await database.stop();
    throw error;
  } finally {
    await driver.close();
  }
}
