import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolderSync } from '../../disk/make-folder.js';

import { discardSync } from '../../disk/leftovers.js';
import { isThere } from '../../disk/presence.js';
import type { EventListener } from '../event-listener.js';
import type { Neo4jLine } from './lines.js';
import { runMaven } from './maven.js';
import { withLock } from './file-lock.js';
import { SetupError } from '../setup-error.js';

const ABANDONED_MS = 60 * 60_000;

/**
 * Answers the folder with the jars of that Neo4j, fetched by Maven the first time and kept per user and version.
 * Several processes may ask at once: one fetches, the others wait for it. Throws `SetupError` when they cannot be had.
 */
export async function ensureNeo4jJars(
  line: Neo4jLine,
  options: { onEvent?: EventListener | undefined; signal?: AbortSignal | undefined } = {},
): Promise<string> {
  const lib = join(cacheFolder(), `neo4j-${line.version}`, 'lib');
  if (isThere(lib)) return lib;
  makeFolderSync(dirname(lib), { mode: 0o777 });
  const onWait = (): void => options.onEvent?.('Waiting for another process that fetches Neo4j.', 'info');
  await withLock(join(dirname(lib), 'fetch.lock'), () => fetchUnlessThere(lib, line, options), {
    ...options,
    onWait,
  });
  return lib;
}

function cacheFolder(): string {
  const configured = process.env['XDG_CACHE_HOME'];
  return resolve(configured === undefined || configured === '' ? join(homedir(), '.cache') : configured, 'weftline');
}

async function fetchUnlessThere(
  lib: string,
  { version, pom, megabytes }: Neo4jLine,
  { onEvent, signal }: { onEvent?: EventListener | undefined; signal?: AbortSignal | undefined },
): Promise<void> {
  if (isThere(lib)) return;
  removeAbandonedFetches(dirname(lib));
  const startedAt = Date.now();
  onEvent?.(`Fetching Neo4j ${version} from Maven Central, ${megabytes} MB, once for this user.`, 'info');
  // Beside the final folder, hence on the same file system: the rename at the end is one step, done or not.
  const partial = mkdtempSync(join(dirname(lib), 'partial-'));
  try {
    await runMaven(pom, version, partial, signal);
    refuseIncomplete(version, partial);
    renameSync(partial, lib);
  } finally {
    discardSync(partial);
  }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  onEvent?.(`Fetched Neo4j ${version} into ${lib} in ${seconds} s.`, 'info');
}

/** A docker daemon on another machine writes into a folder there. */
function refuseIncomplete(version: string, folder: string): void {
  if (isThere(join(folder, `neo4j-${version}.jar`))) return;
  throw new SetupError(`Neo4j ${version} was fetched, but not into ${folder}: install Maven on this machine.`);
}

function removeAbandonedFetches(folder: string): void {
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith('partial-'))) {
    const path = join(folder, name);
    const modifiedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - modifiedAt > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}
