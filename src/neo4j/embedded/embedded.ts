import { resolve } from 'node:path';

import { WatchedFolder } from '../../disk/watched-folder.js';
import { watchHealth } from './health.js';
import { openHome } from './home.js';
import type { EventListener } from '../event-listener.js';
import { EMBEDDED_USER } from './login.js';
import { stopNeo4j } from './process.js';
import { boltUri, joinServer, leaveServer, reviveServer, stopUnusedServer } from './server.js';
import { superviseServer } from './supervisor.js';
import { SetupError } from '../setup-error.js';

const DEFAULT_HEAP_MEGABYTES = 512;
const DEFAULT_PAGE_CACHE_MEGABYTES = 128;

/** A Neo4j of our own that runs while somebody uses it. */
export interface EmbeddedNeo4j {
  /** "bolt://127.0.0.1:<port>"; stays the same when the server dies and is started again. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
  /** Stops using it; the last user to do so stops the server. A second call does nothing. */
  stop(): Promise<void>;
}

export interface EmbeddedNeo4jOptions {
  /** The folder of its data, logs and password; made when missing. One server runs per folder. */
  home: string;
  /** The largest heap of Java; a server that already runs keeps the one it was started with. */
  heapMegabytes?: number;
  /** What of the store Neo4j keeps in memory beside the heap; as with the heap, a server that already runs keeps its own. */
  pageCacheMegabytes?: number;
  /**
   * True: a statement keeps its plan for a day, and then until the graph has become fifty times as large. Neo4j plans anew,
   * each 10 seconds at most, what it planned for a graph a fourth as large; where graphs come and go by the second, as in
   * tests, that takes a seventh of its time.
   */
  keepPlans?: boolean;
  /** Told what happens, in words for a person. */
  onEvent?: EventListener;
  /** Aborting gives the start up, and stops a server that this call had begun to start. */
  signal?: AbortSignal;
}

/**
 * Starts the Neo4j of the home, or joins the one that already runs for it, and keeps it running until `stop()`.
 *
 * The server is a process of its own. It survives us when we are killed, and the next start with the same home finds
 * it; when it dies while we use it, or gives itself up as after a full
 * disk, it is started again on the same port, once there is room. Throws `SetupError` when the machine
 * lacks something, or with the last lines of Neo4j's log when it does not start.
 */
export async function startEmbeddedNeo4j(options: EmbeddedNeo4jOptions): Promise<EmbeddedNeo4j> {
  if (process.platform === 'win32') {
    throw new SetupError(
      'The embedded Neo4j runs on Linux and macOS: use WSL, or set NEO4J_URI to a Neo4j that already runs.',
    );
  }
  const home = openHome(resolve(options.home));
  const onEvent = options.onEvent ?? (() => undefined);
  const memory = {
    heapMegabytes: options.heapMegabytes ?? DEFAULT_HEAP_MEGABYTES,
    pageCacheMegabytes: options.pageCacheMegabytes ?? DEFAULT_PAGE_CACHE_MEGABYTES,
  };
  const server = { home, onEvent, ...memory, keepPlans: options.keepPlans ?? false };
  const { state, password, lease } = await joinServer({ ...server, signal: options.signal });
  const health = watchHealth(boltUri(state.port), password);
  const disk = new WatchedFolder({ path: home.folder, name: 'The folder of Neo4j' });
  const endSupervision = superviseServer({
    state,
    onEvent,
    isBroken: health.isBroken,
    end: async (broken) => {
      await stopNeo4j(broken.process);
    },
    whyNotNow: () => disk.whyNot(),
    revive: (signal) => reviveServer({ ...server, signal }, state.port),
  });
  let stopped: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await endSupervision();
    await health.close();
    await leaveServer(home, lease);
  };
  return { uri: boltUri(state.port), username: EMBEDDED_USER, password, stop: () => (stopped ??= stop()) };
}

/** Stops the server that users who were killed left running for this home; one that is in use stays. */
export async function stopAbandonedNeo4j(home: string): Promise<void> {
  await stopUnusedServer(openHome(resolve(home)));
}
