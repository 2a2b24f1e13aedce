// A Neo4j that several runs of tests share, each of which would else start one of its own, have it plan the same statements and
// compile itself: `npx tsx test/support/shared-neo4j.ts <file>` starts it empty, writes what a shell reads to use it into the file,
// and stops it on SIGTERM.
import { renameSync, writeFileSync } from 'node:fs';
import { startTestDatabase } from './test-database.js';

const HOUR_MS = 3_600_000;
const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Name the file to write to.');

const { uri, username, password } = await startTestDatabase();
const values = { URI: uri, USERNAME: username, PASSWORD: password };
const lines = Object.entries(values).map(([name, value]) => `export WEFTLINE_TEST_NEO4J_${name}='${value}'\n`);
writeFileSync(`${file}.part`, lines.join(''), { mode: 0o600 });
renameSync(`${file}.part`, file);
// Stays until a signal stops the database, and then this.
setInterval(() => undefined, HOUR_MS);
