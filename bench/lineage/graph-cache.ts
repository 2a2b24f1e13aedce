import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type EmbeddedNeo4j, startEmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { migrate } from '../../src/wiring/migrate.js';
import { type Loaded, loadFactory } from './load.js';
import { shapeFactory } from './shape.js';

/** Grows with every change of what is generated: graphs of former versions are not used any more. */
const GENERATOR = 1;
/** At most 3 GiB together: what a machine of 8 GiB can spare for it. */
export const MEMORY = { heapMegabytes: 1_536, pageCacheMegabytes: 1_536 };

export interface FactoryOptions {
  assets: number;
  seed: number;
  /** Loads it again though it is there. */
  fresh: boolean;
}

/** A factory in a Neo4j that runs until `stop`. */
export interface Factory extends Loaded {
  database: EmbeddedNeo4j;
  /** The folder of the database. */
  home: string;
  openDriver: () => ReturnType<typeof openDriver>;
  /** How long it took to load, when it was loaded. */
  loadSeconds: number;
  stop: () => Promise<void>;
}

/**
 * Starts the embedded Neo4j on a factory of so many assets, loaded once per user and kept in the cache folder, and brings
 * it to the newest migration.
 */
export async function openFactory(options: FactoryOptions): Promise<Factory> {
  const folder = join(cacheFolder(), `lineage-${GENERATOR}-${options.seed}-${options.assets}`);
  const note = join(folder, 'loaded.json');
  if (options.fresh || !existsSync(note)) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const home = join(folder, 'neo4j');
  const database = await startEmbeddedNeo4j({ home, ...MEMORY, onEvent: say });
  const open = (): ReturnType<typeof openDriver> => openDriver(database);
  try {
    if (!existsSync(note)) await fill(open, options, note);
    await bringUp(open);
    const known = JSON.parse(readFileSync(note, 'utf8')) as Loaded & { loadSeconds: number };
    return { ...known, database, home, openDriver: open, stop: () => database.stop() };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

/** The note is written last: a load that was interrupted is begun again. */
async function fill(open: () => ReturnType<typeof openDriver>, { assets, seed }: FactoryOptions, note: string) {
  const started = performance.now();
  const seconds = (): number => Math.round((performance.now() - started) / 100) / 10;
  const driver = open();
  try {
    say(`Loading a factory of ${assets} assets; it is kept for the next time.`);
    const loaded = await loadFactory(driver, shapeFactory(assets, seed), seed, (step) =>
      say(`${seconds()} s: ${step} loaded.`),
    );
    // Indexes are made of what is there much faster than row by row, and are the same in the end.
    await migrate(driver, { onEvent: say });
    writeFileSync(note, JSON.stringify({ ...loaded, loadSeconds: seconds() }));
    say(`${seconds()} s: ready.`);
  } finally {
    await driver.close();
  }
}

async function bringUp(open: () => ReturnType<typeof openDriver>): Promise<void> {
  const driver = open();
  try {
    await migrate(driver, { onEvent: say });
  } finally {
    await driver.close();
  }
}

export function say(message: string): void {
  process.stderr.write(`${message}\n`);
}

function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  const caches = configured === undefined || configured === '' ? join(homedir(), '.cache') : configured;
  return resolve(caches, 'weftline', 'bench');
}
