import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { type Child, startChild } from './child.js';
import { say } from './graph-cache.js';

const FOLDER = join(import.meta.dirname, 'neo4j-graphql');

/** Starts the server that is compared with, on the same database, after installing it when it is not. */
export async function startNeo4jGraphql(
  database: EmbeddedNeo4j,
  statements: Readonly<Record<number, string>>,
): Promise<Child> {
  if (!existsSync(join(FOLDER, 'node_modules'))) {
    say('Installing @neo4j/graphql, for the bench only.');
    await promisify(execFile)('npm', ['ci', '--prefix', FOLDER, '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  const environment = {
    BENCH_NEO4J_URI: database.uri,
    BENCH_NEO4J_PASSWORD: database.password,
    BENCH_STATEMENTS: JSON.stringify(statements),
  };
  return startChild([join(FOLDER, 'server.mjs')], environment, /Listening at (\S+)/);
}
