import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import neo4j from 'neo4j-driver';
import { pino } from 'pino';
import { printSortedSchema } from '../graphql/schema.js';
import { Graph } from '../neo4j/graph.js';
import { wire } from '../wire.js';

/** Writes schema/schema.graphql, or with --check says whether it is as the code has it. Connects to nothing. */
const file = new URL('../../schema/schema.graphql', import.meta.url);
const driver = neo4j.driver('bolt://127.0.0.1:1', neo4j.auth.basic('none', 'none'));
const { schema } = wire({
  graph: new Graph(driver, { database: 'neo4j', timeoutMs: 1_000 }),
  launchers: [],
  launchLimits: { modelBytes: 0, logBytes: 0 },
  access: { oidc: null, anonymousDiscovery: false },
  cursorSecret: 'none',
  worker: 'none',
  logger: pino({ level: 'silent' }),
  now: () => new Date(),
});
await driver.close();
const printed = printSortedSchema(schema);
if (!process.argv.includes('--check')) {
  writeFileSync(file, printed);
} else if (readFileSync(file, 'utf8') !== printed) {
  process.stderr.write(
    'schema/schema.graphql is not what the code says. Run "npm run schema" and commit the result.\n',
  );
  process.exitCode = 1;
}
