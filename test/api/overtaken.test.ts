import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stopAbandonedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { neo4jOf, ServerProcess } from '../support/server-process.js';

let home: string;
let server: ServerProcess;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'weftline-overtaken-'));
  server = await ServerProcess.start(home);
}, 300_000);

afterAll(async () => {
  await server.kill('SIGTERM');
  await stopAbandonedNeo4j(join(home, 'neo4j'));
  await rm(home, { recursive: true, force: true });
});

it('an older server says what is wrong, refuses, stops and exits with 78 once a newer one has migrated the database, and does not start again', async () => {
  expect(await ask()).toBe('answered');
  await migrateAsANewerOne();
  const answers: string[] = [];
  while (answers.at(-1) !== 'nobody') {
    answers.push(await ask());
    await delay(50);
  }
  const order = answers.filter((answer, index) => answer !== answers[index - 1]);
  expect(order.filter((answer) => answer !== 'answered')).toEqual(['UNAVAILABLE', 'nobody']);
  expect(order.length).toBeLessThanOrEqual(3);

  expect(await server.exited).toEqual({ code: 78, signal: null });
  const told = server.output.split('\n').filter((line) => line.includes('V999__of_the_future.cypher'));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain('start the newer version in its place');
  expect(server.output).toContain('Stopped.');

  const again = ServerProcess.spawn({ WEFTLINE_HOME: home });
  expect(await again.exited).toEqual({ code: 78, signal: null });
  expect(again.output).toContain('The database has V999__of_the_future.cypher applied, and the folder lacks it');
}, 400_000);

/** How a question ends: 'answered', the code of its refusal, or 'nobody' when no server listens. */
async function ask(): Promise<string> {
  const response = await fetch(`${server.address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({ query: '{ __typename }' }),
  }).catch(() => null);
  if (response === null) return 'nobody';
  const { errors } = (await response.json()) as { errors?: { message: string; extensions: { code: string } }[] };
  const [error] = errors ?? [];
  if (error === undefined) return 'answered';
  expect(response.status).toBe(503);
  expect(error.message).toContain('A newer version of Weftline has taken over the database.');
  return error.extensions.code;
}

async function migrateAsANewerOne(): Promise<void> {
  const driver = openDriver(neo4jOf(home));
  await driver.executeQuery(`MATCH (last:__Neo4jMigration) WHERE NOT (last)-[:MIGRATED_TO]->()
    CREATE (last)-[:MIGRATED_TO {at: datetime()}]->(:__Neo4jMigration {version: '999', source: 'V999__of_the_future.cypher', checksum: '1'})`);
  await driver.close();
}
