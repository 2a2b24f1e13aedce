import 'reflect-metadata';
import { join } from 'node:path';
import { EntryMarks } from '../audit/record/entry-marks.js';
import { readConfig } from '../config/config.js';
import { auditIdentity, keepNewAdminToken } from '../installation.js';
import { Graph, openDriver } from '../neo4j/graph.js';
import { openDatabase } from '../start.js';
import { wireTokens } from '../wiring/principals.js';
import { failWhenOutputIsLost, runMain } from '../run-main.js';

/** `npm run token`: a new token of the administrator, for whoever may reach the database and has lost the old one. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const database = await openDatabase({ config, print });
  const driver = openDriver(database);
  try {
    const graph = new Graph(driver, { database: config.database, timeoutMs: config.queryTimeoutMs });
    const marks = new EntryMarks((await auditIdentity(graph, config)).signer);
    graph.markWith((text) => marks.of(text));
    const file = join(config.home, 'admin-token');
    const secret = await keepNewAdminToken(wireTokens(graph, () => new Date(), config.maxTokenDays).tokens, file);
    print(`${secret}\nThis is shown once; it is kept in ${file}. Revoke the old ones with revokeApiToken.`);
  } finally {
    await driver.close();
    await database.stop();
  }
}

function print(message: string): void {
  process.stdout.write(`${message}\n`);
}

failWhenOutputIsLost();
await runMain(main);
