import { parseArgs } from 'node:util';
import { cpuSecondsOf, processOfNeo4j } from '../cpu.js';
import type { Child } from '../lineage/child.js';
import { openClient } from '../lineage/http.js';
import { residentMegabytes } from '../lineage/memory.js';
import { startWeftline } from '../lineage/weftline.js';
import { type Measured, measure, round } from '../load.js';
import { printTable, saveResults } from '../results.js';
import { checkWhatCame, findsWhatWasAnswered, measureReads } from './checks.js';
import { Events, type Jobs, type SentEvent } from './events.js';
import { madeSince, markOf, sizeOf, writeAgain } from './floor.js';
import { type Sender, senderTo } from './sender.js';
import { openStore, signUpReporter, type Store } from './subject.js';

const JOBS: readonly Jobs[] = ['new', 'repeated'];
const SINGLES = [1, 8];
const BATCHES = [100, 1_000];
const ROUNDS = 3;

/** What issue 9 asks for, of jobs that run again and again. */
const WANTED = { singles: 300, batches: 1_500, floorShare: 0.6, readsTimes: 2 };

interface Result extends Measured {
  jobs: Jobs;
  what: string;
  eventsPerSecond: number;
  /** Milliseconds of CPU an event takes. */
  apiMs: number;
  neo4jMs: number;
}

interface Subject {
  store: Store;
  server: Child;
  send: Sender;
  neo4jPid: number;
  seconds: number;
}

/**
 * Events a second that the built server takes over HTTP: single ones on one connection and on eight, and batches, of jobs that are new
 * each time and of the same twenty; beside the floor, the very same nodes and relationships written by hand over Bolt.
 */
export async function benchIngest(args: readonly string[]): Promise<string> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      assets: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '6' },
      warm: { type: 'string', default: '60' },
    },
  });
  const measured: Record<string, Awaited<ReturnType<typeof measureSize>>> = {};
  for (const size of values.assets.split(',').map(Number)) {
    if (!Number.isSafeInteger(size) || (size > 0 && size < 10_000))
      throw new Error(`--assets is "${values.assets}"; give 0 for an empty graph, or whole numbers from 10000 on.`);
    measured[size] = await measureSize(size, Number(values.seconds), Number(values.warm));
    print(size, measured[size]);
  }
  return saveResults('ingest', { rounds: ROUNDS, secondsEach: Number(values.seconds), measured });
}

async function measureSize(assets: number, seconds: number, warmSeconds: number) {
  const store = await openStore(assets);
  try {
    const { id, token } = await signUpReporter(store);
    const server = await startWeftline(store);
    const driver = store.openDriver();
    try {
      const send = counting(senderTo(server.address, token));
      const client = openClient(`${server.address}/graphql`, token);
      const subject = { store, server, send, neo4jPid: processOfNeo4j(store.home), seconds };
      await warmUp(subject, warmSeconds);
      const results: Result[] = [];
      for (const jobs of JOBS) {
        for (const callers of SINGLES) results.push(await singles(subject, jobs, callers));
        for (const size of BATCHES) results.push(await batches(subject, jobs, size));
      }
      const floors = [];
      for (const jobs of JOBS) for (const size of BATCHES) floors.push(await floorOf(subject, jobs, size));
      const reads = await measureReads(client, send, seconds);
      const found = await findsWhatWasAnswered(client, send);
      client.close();
      await checkWhatCame(driver, id, send.count());
      return { results, floors, reads, found, sent: send.count(), apiMegabytes: await residentMegabytes(server.pid) };
    } finally {
      await driver.close();
      await server.stop();
    }
  } finally {
    await store.stop();
  }
}

/** Counts what was taken. */
function counting(sender: Sender): Sender & { count: () => number } {
  let count = 0;
  return {
    one: async (event) => {
      await sender.one(event);
      count += 1;
    },
    batch: async (events) => {
      await sender.batch(events);
      count += events.length;
    },
    count: () => count,
  };
}

/** Java compiles what runs often, and the database makes its plans. */
async function warmUp({ send }: Subject, seconds: number): Promise<void> {
  for (const jobs of JOBS) {
    const events = new Events(`warm ${jobs}`, jobs);
    const until = performance.now() + (seconds * 1_000) / JOBS.length;
    for (let turn = 0; performance.now() < until; turn++) await send.batch(batchOf(events, turn % 2 === 0 ? 100 : 10));
  }
}

const batchOf = (events: Events, size: number): SentEvent[] =>
  Array.from({ length: size / 2 }, () => events.nextRun()).flat();

async function singles(subject: Subject, jobs: Jobs, callers: number): Promise<Result> {
  const rounds: Result[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) {
    const events = new Events(`singles ${callers} ${turn}`, jobs);
    const ready: SentEvent[] = [];
    const send = async (): Promise<void> => {
      if (ready.length === 0) ready.push(...events.nextRun());
      const event = ready.shift();
      if (event) await subject.send.one(event);
    };
    rounds.push(await timed(subject, { jobs, what: `singles, ${callers} connections`, callers, events: 1 }, send));
  }
  return median(rounds);
}

async function batches(subject: Subject, jobs: Jobs, size: number): Promise<Result> {
  const rounds: Result[] = [];
  for (let turn = 0; turn < ROUNDS; turn++) {
    const events = new Events(`batches ${size} ${turn}`, jobs);
    const send = (): Promise<void> => subject.send.batch(batchOf(events, size));
    rounds.push(await timed(subject, { jobs, what: `batches of ${size}`, callers: 1, events: size }, send));
  }
  return median(rounds);
}

async function timed(
  { server, neo4jPid, seconds, send }: Subject & { send: Sender & { count?: () => number } },
  { jobs, what, callers, events }: { jobs: Jobs; what: string; callers: number; events: number },
  work: () => Promise<void>,
): Promise<Result> {
  const before = { api: cpuSecondsOf(server.pid), neo4j: cpuSecondsOf(neo4jPid), count: send.count?.() ?? 0 };
  const measured = await measure(work, { callers, requests: Infinity, seconds });
  const count = (send.count?.() ?? 0) - before.count;
  return {
    ...{ jobs, what, ...measured, eventsPerSecond: round(measured.perSecond * events) },
    apiMs: round(((cpuSecondsOf(server.pid) - before.api) * 1_000) / count),
    neo4jMs: round(((cpuSecondsOf(neo4jPid) - before.neo4j) * 1_000) / count),
  };
}

/** The same that a batch left, written by hand again and again. */
async function floorOf({ store, send, neo4jPid, seconds }: Subject, jobs: Jobs, size: number) {
  const driver = store.openDriver();
  try {
    const events = new Events(`floor ${size}`, jobs);
    // Of repeated jobs, the first batch makes what all others find.
    if (jobs === 'repeated') await send.batch(batchOf(events, size));
    const mark = await markOf(driver);
    await send.batch(batchOf(events, size));
    const made = await madeSince(driver, mark);
    let copies = 0;
    const write = (): Promise<void> => writeAgain(driver, made, `copy ${copies++}`);
    const before = cpuSecondsOf(neo4jPid);
    const measured = await measure(write, { callers: 1, requests: Infinity, seconds: seconds * ROUNDS });
    const neo4jMs = round(((cpuSecondsOf(neo4jPid) - before) * 1_000) / (copies * size));
    return { jobs, size, ...sizeOf(made), eventsPerSecond: round(measured.perSecond * size), neo4jMs };
  } finally {
    await driver.close();
  }
}

function median(rounds: readonly Result[]): Result {
  const middle = [...rounds].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(rounds.length / 2)];
  if (!middle) throw new Error('Nothing was measured.');
  return middle;
}

function print(
  assets: number,
  { results, floors, reads, apiMegabytes, sent }: Awaited<ReturnType<typeof measureSize>>,
) {
  process.stdout.write(`Into ${assets === 0 ? 'an empty graph' : `${assets} assets`}, ${sent} events:\n`);
  printTable([
    ['', 'events/s', 'p50 ms', 'p99 ms', 'API CPU ms', 'Neo4j CPU ms'],
    ...results.map(({ jobs, what, eventsPerSecond, p50Ms, p99Ms, apiMs, neo4jMs }) => [
      `${jobs} jobs, ${what}`,
      ...[eventsPerSecond, p50Ms, p99Ms, apiMs, neo4jMs].map(String),
    ]),
    ...floors.map(({ jobs, size, eventsPerSecond, neo4jMs }) => [
      `floor, ${jobs} jobs, batches of ${size}`,
      ...[String(eventsPerSecond), '', '', '', String(neo4jMs)],
    ]),
  ]);
  process.stdout.write(`  memory of the API: ${apiMegabytes} MiB\n`);
  const of = (what: string): number =>
    results.find((each) => each.jobs === 'repeated' && each.what === what)?.eventsPerSecond ?? 0;
  const floor = floors.find(({ jobs, size }) => jobs === 'repeated' && size === 100)?.eventsPerSecond ?? 0;
  const figures = [
    ['singles a second, 8 connections', of('singles, 8 connections'), '>=', WANTED.singles],
    ['in batches of 100', of('batches of 100'), '>=', WANTED.batches],
    ['share of the floor', round(of('batches of 100') / floor), '>=', WANTED.floorShare],
    [
      'reads beside it are slower at p99, times',
      round(reads.beside.p99Ms / reads.alone.p99Ms),
      '<=',
      WANTED.readsTimes,
    ],
  ] as const;
  for (const [what, found, sign, wanted] of figures) {
    const isReached = sign === '>=' ? found >= wanted : found <= wanted;
    process.stdout.write(`  ${what}: ${found}, wanted ${sign} ${wanted}${isReached ? '' : ': MISSED'}\n`);
    if (!isReached) process.exitCode = 1;
  }
}
