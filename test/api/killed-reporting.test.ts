/**
 * A server is killed, again and again, while producers send: what it answered is there, once; of the rest each event is there
 * as a whole or not at all, and can be sent again. What an event makes as a whole is what it makes in a server that nobody kills.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import { randomFrom } from '../support/chaos.js';
import { Client } from '../support/client.js';
import { Reporter } from '../support/killed-reporter.js';
import { placedIn, reportTo } from '../support/openlineage-events.js';
import { type OwnGraph, ownGraph } from '../support/own-graph.js';
import { tellAsset } from '../support/producers.js';
import { reportedGraph } from '../support/reported-graph.js';
import { ServerProcess } from '../support/server-process.js';
import { startTestWeftline, testKeyFile, type TestWeftline } from '../support/weftline.js';

const KILLS = 6;
const SEED = Math.floor(Math.random() * 2 ** 31);
const NAMESPACE = 'killed';
/** Where the same events are told to a server that goes on. */
const BESIDE = 'beside:';

let neo4j: OwnGraph;
let beside: TestWeftline;
let driver: Driver;
let source: Client;
let home: string;
let server: ServerProcess | null = null;

beforeAll(async () => {
  neo4j = await ownGraph();
  beside = await startTestWeftline({ database: neo4j });
  driver = openDriver(neo4j);
  source = await beside.user();
  home = mkdtempSync(join(tmpdir(), 'weftline-killed-'));
});

afterAll(async () => {
  await server?.kill('SIGTERM');
  await beside.stop();
  await driver.close();
  await neo4j.giveBack();
  rmSync(home, { recursive: true, force: true });
});

const startServer = (): Promise<ServerProcess> =>
  ServerProcess.start(home, {
    NEO4J_URI: neo4j.uri,
    NEO4J_USERNAME: neo4j.username,
    NEO4J_PASSWORD: neo4j.password,
    WEFTLINE_LOCAL_LAUNCHER: 'false',
    WEFTLINE_QUERY_TIMEOUT_MS: '120000',
    WEFTLINE_AUDIT_KEY_FILE: testKeyFile(home),
  });

it(`keeps all that it answered, once, and of the rest each event as a whole or not at all (seed ${SEED})`, async () => {
  const random = randomFrom(SEED);
  const reporters = reportersOf(source.token ?? '');
  const told = new Set<string>();
  for (let kill = 0; kill < KILLS; kill++) {
    server = await startServer();
    await sendAndKill(server, reporters, { random, amidWrites: kill % 2 === 1 });
    server = null;
    // A connection ends when it is not answered: so each has something of which nobody knows whether it is there.
    expect(reporters.filter(({ unanswered }) => unanswered === null)).toEqual([]);
    await checkWhatIsThere(reporters, told);
  }
  server = await startServer();
  const { address } = server;
  await Promise.all(reporters.map((reporter) => reporter.sendAgain(address)));
  await checkWhatIsThere(reporters, told);
  const sent = reporters.flatMap((reporter) => reporter.answered.flatMap(({ digests }) => digests));
  expect(told.size).toBe(sent.length);
  expect(await accountedFor()).toEqual([...sent].sort());
  await checkAsAUserAsks(new Client(address, source.token, source.userId), reporters);
}, 900_000);

const reportersOf = (token: string): Reporter[] => [
  ...[1, 2, 3, 4].map((n) => new Reporter(`single-${n}`, NAMESPACE, token, { way: 'single', runs: 1 })),
  new Reporter('list', NAMESPACE, token, { way: 'list', runs: 8 }),
  // More than one transaction takes: a kill may come between two of them.
  new Reporter('lines', NAMESPACE, token, { way: 'lines', runs: 55 }),
];

/** All send until the server is gone: killed after some answers, at whatever moment or while it writes into the graph. */
async function sendAndKill(
  victim: ServerProcess,
  reporters: readonly Reporter[],
  { random, amidWrites }: { random: () => number; amidWrites: boolean },
): Promise<void> {
  const state = { answers: 0, isOver: false };
  const enough = 1 + Math.floor(random() * 12);
  const sending = Promise.all(
    reporters.map((reporter) => reporter.sendUntilCut(victim.address, () => (state.answers += 1))),
  ).finally(() => (state.isOver = true));
  const moment = async (): Promise<void> => {
    while (state.answers < enough && !state.isOver) await delay(1);
    if (!amidWrites) return delay(random() * 50);
    while (!state.isOver && (await writesUnderWay()).length === 0);
  };
  // That one was told something wrong is said at once, and not waited over.
  await Promise.race([moment(), sending]);
  expect(await victim.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
  // A commit that was sent is carried out, whoever is gone.
  const open = new Set(await openTransactions());
  await sending;
  while ((await openTransactions()).some((id) => open.has(id))) await delay(20);
}

/** Statements that write what events tell, as they run. */
const writesUnderWay = (): Promise<string[]> =>
  column(
    `SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery STARTS WITH '// openlineage.write' RETURN currentQuery AS it`,
  );

const openTransactions = (): Promise<string[]> =>
  column('SHOW TRANSACTIONS YIELD transactionId RETURN transactionId AS it');

/** Checks all that is in the graph against what was sent; `told`, what the server beside knows, is brought to the same. */
async function checkWhatIsThere(reporters: readonly Reporter[], told: Set<string>): Promise<void> {
  const packets = reporters.flatMap(({ sent }) => sent);
  const keys = packets.flatMap(({ digests }) => digests.map(keyOf));
  const kept = await column('MATCH (e:ReportedEvent) WHERE e.key IN $keys RETURN e.key AS it', { keys });
  const known = new Set(kept);
  expect(known.size).toBe(kept.length);
  for (const { answered } of reporters)
    expect(answered.flatMap(({ digests }) => digests.filter((digest) => !known.has(keyOf(digest))))).toEqual([]);
  // In the order in which they were sent: where one is missing, what came behind it in the request is missing, too.
  for (const { digests } of packets) {
    const there = digests.map((digest) => known.has(keyOf(digest)));
    expect(there.lastIndexOf(true)).toBe(there.filter((each) => each).length - 1);
  }
  const fresh = packets.flatMap(({ events, digests }) =>
    events.filter((_, at) => known.has(keyOf(digests[at] ?? '')) && !told.has(digests[at] ?? '')),
  );
  for (const digest of packets.flatMap(({ digests }) => digests)) if (known.has(keyOf(digest))) told.add(digest);
  if (fresh.length > 0) expect(await reportTo(beside.address, source, placedIn(BESIDE, fresh))).toEqual([]);
  expect(await reportedGraph(driver, NAMESPACE)).toEqual(await reportedGraph(driver, BESIDE + NAMESPACE));
  expect(await doubledClaims()).toEqual([]);
}

const keyOf = (digest: string): string => `${source.userId} ${digest}`;

/** Claims that one source makes twice of the same two assets for the same time. */
const doubledClaims = (): Promise<string[]> =>
  column(
    `MATCH (a:Asset)-[c:FEEDS]->(b:Asset) WHERE a.namespace = $namespace AND c.retractedAt IS NULL
     WITH a, b, c.source AS source, c.validFrom AS since, count(c) AS claims WHERE claims > 1
     RETURN a.name + ' > ' + b.name AS it`,
    { namespace: NAMESPACE },
  );

/** The events that the log accounts for, each as often as it does. */
async function accountedFor(): Promise<string[]> {
  const bodies = await column(
    `MATCH (e:AuditEntry {action: 'lineage:report'})-[:CONCERNS]->(a:Asset {namespace: $namespace}) RETURN DISTINCT e.body AS it`,
    { namespace: NAMESPACE },
  );
  return bodies.flatMap((body) => (JSON.parse(body) as { after: { events: string[] } }).after.events).sort();
}

/** The first job of each, as a user sees it: its runs, and what they made. */
async function checkAsAUserAsks(user: Client, reporters: readonly Reporter[]): Promise<void> {
  for (const { name, answered } of reporters) {
    const ended = answered
      .flatMap(
        ({ events }) => events as unknown as { eventType: string; run: { runId: string }; job: { name: string } }[],
      )
      .filter(({ eventType, job }) => eventType === 'COMPLETE' && job.name === `${name}-0`)
      .map(({ run }) => run.runId)
      .sort();
    const runs = (await tellAsset(user, 'transformation', NAMESPACE, `${name}-0`))?.runs?.nodes ?? [];
    const seen = runs
      .filter(({ state }) => state === 'SUCCEEDED')
      .map(({ externalId, outputs }) => [externalId, outputs.map(({ version }) => version)] as const)
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    expect(seen).toEqual(ended.map((id) => [id, [id]]));
  }
}

async function column(statement: string, parameters: Record<string, unknown> = {}): Promise<string[]> {
  const { records } = await driver.executeQuery(statement, parameters);
  return records.map((record) => String(record.get('it')));
}
