import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

import type { ClassArchive } from '../../src/neo4j/embedded/archive.js';
import { ensurePassword, openHome, readLogTail, writeSettings } from '../../src/neo4j/embedded/home.js';
import { ensureNeo4jJars } from '../../src/neo4j/embedded/jars.js';
import { findJava } from '../../src/neo4j/embedded/java.js';
import { findFreePort, spawnNeo4j, stopNeo4j } from '../../src/neo4j/embedded/process.js';
import type { EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { pause } from '../../src/neo4j/pause.js';
import { isAlive } from '../../src/neo4j/embedded/process-identity.js';

/** The Neo4j of a home that nobody uses, started so that its databases can only be read. */
export async function startReadOnlyNeo4j(folder: string): Promise<EmbeddedNeo4j> {
  const home = openHome(folder);
  const password = ensurePassword(home);
  const port = await findFreePort();
  const [uri, username] = [`bolt://127.0.0.1:${port}`, 'neo4j'];
  writeSettings(home, { port, pageCacheMegabytes: 64, keepPlans: false });
  appendFileSync(join(home.configFolder, 'neo4j.conf'), 'server.databases.default_to_read_only=true\n');
  const found = await findJava();
  const lib = await ensureNeo4jJars(found.line, { onEvent: () => undefined });
  const archive: ClassArchive = { options: [], written: null };
  const server = spawnNeo4j(home, { ...found, lib, archive, heapMegabytes: 256 });
  const answering = openDriver({ uri, username, password });
  while (
    !(await answering.verifyConnectivity().then(
      () => true,
      () => false,
    ))
  ) {
    if (!isAlive(server)) throw new Error(`The read-only Neo4j has ended:\n${readLogTail(home)}`);
    await pause(100);
  }
  await answering.close();
  return { uri, username, password, stop: () => stopNeo4j(server).then(() => undefined) };
}
