import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { startEmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'weftline-lines-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

it('a graph of the older Neo4j is taken over by the newer with all it holds, and then refused to the older', async () => {
  const told: string[] = [];
  const written = await ask('OLDER', told, `CREATE (:Asset {id: 'a', name: 'kept'})`);
  expect(written).toEqual([]);
  expect(await ask('NEWER', told, 'MATCH (a:Asset) RETURN a.name AS name')).toEqual([{ name: 'kept' }]);
  expect(await ask('NEWER', told, 'MATCH (a:Asset) RETURN a.name AS name')).toEqual([{ name: 'kept' }]);
  expect(
    told.filter((each) => /was written by Neo4j 5\.26\.\d+\. Neo4j 2026\.[\d.]+ takes it over/.test(each)),
  ).toHaveLength(1);
  await expect(ask('OLDER', told, 'RETURN 1')).rejects.toThrow(
    /was written by Neo4j 2026\.[\d.]+, and Neo4j 5\.26\.\d+, .* cannot read it\. Set JAVA_HOME to a Java 21 or later/,
  );
  expect(await ask('NEWER', told, 'MATCH (a:Asset) RETURN a.name AS name')).toEqual([{ name: 'kept' }]);
}, 600_000);

/** On a server that this starts with that Java, migrates, and stops again. */
async function ask(which: 'OLDER' | 'NEWER', told: string[], statement: string): Promise<unknown[]> {
  const java = process.env[`WEFTLINE_TEST_${which}_JAVA`];
  if (java === undefined) throw new Error('Run this by "npm run test:neo4j", which finds both Javas.');
  vi.stubEnv('JAVA_HOME', java);
  const onEvent = (message: string): void => void told.push(message);
  const server = await startEmbeddedNeo4j({ home: join(folder, 'neo4j'), heapMegabytes: 256, onEvent });
  const driver = openDriver(server);
  try {
    await migrate(driver);
    const { records } = await driver.executeQuery(statement);
    return records.map((record) => record.toObject());
  } finally {
    await driver.close();
    await server.stop();
  }
}
