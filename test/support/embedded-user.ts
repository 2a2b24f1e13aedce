/**
 * A process that uses the embedded Neo4j of the home in its first argument: says on one line of JSON where it is, and
 * stops using it when its standard input ends. The tests start some of it and kill them.
 */
import { once } from 'node:events';

import { startEmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';

const server = await startEmbeddedNeo4j({ home: process.argv[2] ?? '', heapMegabytes: 256 });
process.stdout.write(`${JSON.stringify({ uri: server.uri })}\n`);
process.stdin.resume();
await once(process.stdin, 'end');
await server.stop();
