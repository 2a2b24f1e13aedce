import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

import type { EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import { SetupError } from '../../src/neo4j/setup-error.js';
import { bundleRunner } from './runner.js';
import { startTestDatabase, TEST_HOME } from './test-database.js';

declare module 'vitest' {
  interface ProvidedContext {
    neo4jUri: string;
    neo4jUsername: string;
    neo4jPassword: string;
  }
}

/**
 * For a Neo4j of one file, which lives for a minute: half of what it does by then is compiling itself, so Java only compiles
 * quickly, and optimises nothing. The one of the whole run is faster without.
 */
const COMPILE_LITTLE = '-XX:TieredStopAtLevel=1';

/**
 * One Neo4j for the whole run: the one that WEFTLINE_TEST_NEO4J_URI names, else an embedded one with an empty graph.
 * A machine without a database fails the run; nothing is skipped.
 */
export default async function setUpDatabase(project: TestProject): Promise<() => Promise<void>> {
  const database = databaseFromEnvironment() ?? (await startTestDatabase());
  // What the tests start inherits it.
  process.env['JAVA_TOOL_OPTIONS'] ??= COMPILE_LITTLE;
  await applyMigrations(database);
  const runner = await bundleRunner(TEST_HOME);
  project.provide('runner', runner);
  project.provide('neo4jUri', database.uri);
  project.provide('neo4jUsername', database.username);
  project.provide('neo4jPassword', database.password);
  return async () => {
    rmSync(runner, { force: true });
    await database.stop();
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

async function applyMigrations(database: EmbeddedNeo4j): Promise<void> {
  const driver = openDriver(database);
  try {
    await migrate(driver);
  } catch (error) {
    await database.stop();
    throw error;
  } finally {
    await driver.close();
  }
}
