import { join } from 'node:path';

import { readConfig, type Config } from '../config/config.js';
import { startEmbeddedNeo4j, type EmbeddedNeo4j } from '../neo4j/embedded/embedded.js';
import { openDriver } from '../neo4j/graph.js';
import { SetupError } from '../neo4j/setup-error.js';
import { failWhenOutputIsLost, runMain } from '../run-main.js';
import { migrate } from '../wiring/migrate.js';

/** `npm run migrate`: brings the configured Neo4j, or the embedded one, to the state of the migrations folder. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interruption.abort(new SetupError('Interrupted; run it again to go on.')));
  }
  const database = await openDatabase(config, interruption.signal);
  const driver = openDriver(database);
  try {
    const { signal } = interruption;
    const { applied, current } = await migrate(driver, { database: config.database, onEvent: print, signal });
    const done = applied.length === 0 ? 'Nothing to apply' : `Applied ${applied.length} migration(s)`;
    print(`${done}; the graph is at version ${current}.`);
  } finally {
    await driver.close();
    await database.stop();
  }
}

/** The Neo4j that the environment names, which is not ours to stop, or the embedded one. */
async function openDatabase(config: Config, signal: AbortSignal): Promise<EmbeddedNeo4j> {
  if (config.neo4j !== null) return { ...config.neo4j, stop: () => Promise.resolve() };
  const home = join(config.home, 'neo4j');
  return startEmbeddedNeo4j({ home, heapMegabytes: config.embeddedHeapMegabytes, onEvent: print, signal });
}

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

failWhenOutputIsLost();
await runMain(main);
