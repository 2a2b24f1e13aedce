import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

import { startEmbeddedNeo4j, stopAbandonedNeo4j } from '../../src/neo4j/embedded.js';
import { tryLock, type FileLock } from '../../src/neo4j/file-lock.js';

declare module 'vitest' {
  interface ProvidedContext {
    neo4jUri: string;
    neo4jUsername: string;
    neo4jPassword: string;
  }
}

interface TestDatabase {
  uri: string;
  username: string;
  password: string;
  stop: () => Promise<void>;
}

const TEST_HOME = join(import.meta.dirname, '../../.weftline/test');

/**
 * One Neo4j for the whole run: the one that WEFTLINE_TEST_NEO4J_URI names, else an embedded one with an empty graph.
 * A machine without a database fails the run; nothing is skipped.
 */
export default async function setUpDatabase(project: TestProject): Promise<() => Promise<void>> {
  const database = databaseFromEnvironment() ?? (await startTestDatabase());
  project.provide('neo4jUri', database.uri);
  project.provide('neo4jUsername', database.username);
  project.provide('neo4jPassword', database.password);
  return database.stop;
}

function databaseFromEnvironment(): TestDatabase | null {
  const uri = process.env['WEFTLINE_TEST_NEO4J_URI'];
  if (uri === undefined || uri === '') return null;
  const username = process.env['WEFTLINE_TEST_NEO4J_USERNAME'] ?? 'neo4j';
  const password = process.env['WEFTLINE_TEST_NEO4J_PASSWORD'] ?? '';
  return { uri, username, password, stop: () => Promise.resolve() };
}

async function startTestDatabase(): Promise<TestDatabase> {
  const { home, lock } = claimHome();
  await stopAbandonedNeo4j(home);
  rmSync(home, { recursive: true, force: true });
  const interrupted = new AbortController();
  const server = await startEmbeddedNeo4j({
    home,
    signal: interrupted.signal,
    onEvent: (message) => console.log(message),
  });
  const stop = async (): Promise<void> => {
    await server.stop();
    lock.release();
  };
  return { ...server, stop };
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
