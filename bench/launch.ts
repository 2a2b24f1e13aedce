import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoServer } from './demo-server.js';
import { measureBare, measureLaunches } from './launch-rate.js';
import { watchJobs } from './launch-watch.js';
import { printTable, saveResults } from './results.js';

/**
 * What a launch costs: how many a second are accepted, how long until the program of one begins, beside the same program
 * spawned bare; and how much CPU one worker takes to watch 10,000 open jobs of a launcher that answers at once.
 */
export async function benchLaunch(): Promise<string> {
  const server = await startDemoServer({ WEFTLINE_LOCAL_JOBS: '1' });
  const launched = await measureLaunches(server).finally(() => server.stop());
  const home = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  try {
    const bare = await measureBare(home);
    const watched = await watchJobs(home, 10_000);
    printTable([
      ['', 'figure'],
      ['launches of one transformation a second, 8 callers', String(launched.ofOne.perSecond)],
      ['launches of 8 transformations a second', String(launched.ofDifferent.perSecond)],
      ['one launch, from accepted to running, p50 ms', String(launched.p50Ms)],
      ['one launch, from accepted to running, p99 ms', String(launched.p99Ms)],
      ['the same program spawned bare, p50 ms', String(bare.p50Ms)],
      ['the same program spawned bare, p99 ms', String(bare.p99Ms)],
      ['open jobs watched by one worker', String(watched.jobs)],
      ['looks a second', String(watched.looksPerSecond)],
      ['CPU of the worker, cores', String(watched.workerCores)],
      ['CPU of Neo4j, cores', String(watched.neo4jCores)],
      ['longest time without a look, s', String(watched.stalestSeconds)],
    ]);
    return saveResults('launch', { launched, bare, watched });
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
