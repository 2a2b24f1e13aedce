/** A server that is killed while events come: what was answered is there, and the rest sent again makes the same graph. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { openDriver } from '../../src/neo4j/graph.js';
import type { Client } from '../support/client.js';
import { datasetOf, reportTo, runEvent } from '../support/openlineage-events.js';
import { reportedGraph } from '../support/reported-graph.js';
import { ServerProcess } from '../support/server-process.js';
import { startTestWeftline, type TestWeftline } from '../support/weftline.js';

const CONNECTIONS = 6;
const RUNS = 40;
/** So many answers are waited for before the end. */
const ANSWERED_BEFORE = 60;

let beside: TestWeftline;
let driver: Driver;
let home: string;
let source: Client;
let killed: ServerProcess | null = null;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'weftline-killed-'));
  beside = await startTestWeftline();
  source = await beside.user();
  const target = { uri: inject('neo4jUri'), username: inject('neo4jUsername'), password: inject('neo4jPassword') };
  driver = openDriver(target);
  killed = await startServer();
}, 120_000);

afterAll(async () => {
  await killed?.kill('SIGTERM');
  await driver.close();
  await beside.stop();
  rmSync(home, { recursive: true, force: true });
});

const startServer = (): Promise<ServerProcess> =>
  ServerProcess.start(home, {
    NEO4J_URI: inject('neo4jUri'),
    NEO4J_USERNAME: inject('neo4jUsername'),
    NEO4J_PASSWORD: inject('neo4jPassword'),
    WEFTLINE_LOCAL_LAUNCHER: 'false',
    WEFTLINE_QUERY_TIMEOUT_MS: '60000',
  });

/** Of each run what it began with, and what it ended with. */
function eventsIn(namespace: string): { runId: string; event: object }[] {
  return Array.from({ length: RUNS }, (_, run) => {
    const runId = `0199cafe-0000-7000-8000-${String(run).padStart(12, '0')}`;
    const io = {
      inputs: [datasetOf(namespace, `in-${run % 5}`)],
      outputs: [datasetOf(namespace, `out-${run % 8}`, ['id'])],
    };
    const of = { namespace, job: `job-${run % 8}`, runId, ...io };
    const at = (second: number): string => new Date(Date.UTC(2026, 10, 1, 3, run, second)).toISOString();
    return [
      { runId, event: runEvent({ ...of, type: 'START', at: at(1) }) },
      { runId, event: runEvent({ ...of, type: 'RUNNING', at: at(2) }) },
      { runId, event: runEvent({ ...of, at: at(3) }) },
    ];
  }).flat();
}

/** Sends one after the other until the server is no more, again where it is busy; those that were answered 201. */
async function sendUntilGone(address: string, events: readonly object[], onAnswer: () => void): Promise<object[]> {
  const answered: object[] = [];
  for (const event of events) {
    try {
      while (!(await isTaken(address, event)));
    } catch (error) {
      // The connection broke off: what became of this one is not known.
      if (error instanceof TypeError) return answered;
      throw error;
    }
    answered.push(event);
    onAnswer();
  }
  return answered;
}

async function isTaken(address: string, event: object): Promise<boolean> {
  const response = await fetch(`${address}/api/v1/lineage`, {
    method: 'POST',
    headers: { authorization: `Bearer ${source.token ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  const said = await response.text();
  if (response.status === 201) return true;
  if (response.status === 429 || response.status === 503) return false;
  throw new Error(`It was answered ${response.status}: ${said}`);
}

const eventsKept = async (namespace: string): Promise<{ job: string; run: string; state: string | null }[]> => {
  const { records } = await driver.executeQuery(
    'MATCH (r:Run)-[:RUN_OF]->(t:Asset {namespace: $namespace}) RETURN t.name AS job, r.externalId AS run, r.state AS state',
    { namespace },
  );
  return records.map((record) => record.toObject() as { job: string; run: string; state: string | null });
};

it('has what was answered 201, and of the rest sent again the same graph comes', { timeout: 600_000 }, async () => {
  const server = killed;
  if (!server) throw new Error('The server was not started.');
  const namespace = `${beside.namespace}-killed`;
  const events = eventsIn(namespace);
  let answers = 0;
  // Whoever has a run keeps it: its events go over one connection, in their order.
  const shares = Array.from({ length: CONNECTIONS }, (_, at) =>
    events.filter((_each, index) => Math.floor(index / 3) % CONNECTIONS === at).map(({ event }) => event),
  );
  const onAnswer = (): void => {
    answers += 1;
    if (answers === ANSWERED_BEFORE) void server.kill('SIGKILL');
  };
  const answered = (await Promise.all(shares.map((share) => sendUntilGone(server.address, share, onAnswer)))).flat();
  await server.exited;
  killed = null;
  expect(answered.length).toBeGreaterThanOrEqual(ANSWERED_BEFORE);
  expect(answered.length).toBeLessThan(events.length);

  const runs = await eventsKept(namespace);
  for (const event of answered as { eventType: string; run: { runId: string }; job: { name: string } }[]) {
    const kept = runs.filter(({ run, job }) => run === event.run.runId && job === event.job.name);
    expect(kept).toHaveLength(1);
    if (event.eventType === 'COMPLETE') expect(kept[0]?.state).toBe('SUCCEEDED');
  }

  killed = await startServer();
  const all = events.map(({ event }) => event);
  expect(await reportTo(killed.address, source, all)).toEqual([]);
  // The same without any of it.
  const undisturbed = `${beside.namespace}-whole`;
  const whole = eventsIn(undisturbed).map(({ event }) => event);
  expect(await reportTo(killed.address, source, whole)).toEqual([]);
  expect(await reportedGraph(driver, namespace)).toEqual(await reportedGraph(driver, undisturbed));
  expect(await eventsKept(namespace)).toHaveLength(RUNS);
});
