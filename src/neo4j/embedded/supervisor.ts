import type { ServerState } from './home.js';
import type { EventListener } from '../event-listener.js';
import { pause } from '../pause.js';
import { seemsAlive } from './process-identity.js';

const BEAT_MS = 500;
const FAILURE_WINDOW_MS = 60_000;
const FAILURES_ALLOWED = 5;

export interface Supervised {
  state: ServerState;
  /** Starts the server again on the same port. */
  revive: (signal: AbortSignal) => Promise<ServerState>;
  onEvent: EventListener;
  /** Whether it lives and cannot serve until it is started again; never, when not given. */
  isBroken?: () => Promise<boolean>;
  /** Ends one that is broken. */
  end?: (server: ServerState) => Promise<void>;
  /** Why no server can be started now, as on a disk that is full; null: it can. Waiting for that counts as no failure. */
  whyNotNow?: () => Promise<string | null>;
  /** Between two looks, and before the first start again; each pause after it is twice as long. */
  beatMs?: number;
}

/**
 * Watches a server and starts it again when it dies, or lives on broken, with longer and longer pauses. After five failures within a
 * minute it gives up with an error event: the cause is then not an accident. Answers how to end the watch.
 */
export function superviseServer(supervised: Supervised): () => Promise<void> {
  const ending = new AbortController();
  const watch = watchUntil(supervised, ending.signal).catch((error: unknown) => {
    if (!ending.signal.aborted) supervised.onEvent(`The watch over Neo4j failed: ${String(error)}`, 'error');
  });
  return async () => {
    ending.abort();
    await watch;
  };
}

async function watchUntil(supervised: Supervised, signal: AbortSignal): Promise<void> {
  const { state, revive, onEvent, end, beatMs = BEAT_MS } = supervised;
  let server = state;
  let failures: number[] = [];
  for (;;) {
    // Unreferenced: the watch alone keeps no process from ending.
    await pause(beatMs, signal, { ref: false });
    const lives = seemsAlive(server.process);
    if (lives && !(await supervised.isBroken?.())) continue;
    await untilItCan(supervised, signal);
    if (lives) {
      onEvent(`Neo4j, process ${server.process.pid}, cannot serve until it is started again; ending it.`, 'warn');
      await end?.(server);
    }
    failures = [...failures.filter((at) => Date.now() - at < FAILURE_WINDOW_MS), Date.now()];
    if (failures.length >= FAILURES_ALLOWED) {
      onEvent(`Neo4j failed ${failures.length} times within a minute and is not started again.`, 'error');
      return;
    }
    if (!lives) onEvent(`Neo4j, process ${server.process.pid}, died; starting it again.`, 'warn');
    await pause(beatMs * 2 ** (failures.length - 1), signal);
    try {
      server = await revive(signal);
    } catch (error) {
      signal.throwIfAborted();
      onEvent(`Neo4j could not be started again: ${error instanceof Error ? error.message : String(error)}`, 'error');
    }
  }
}

/** A server that is started on a full disk ends at once, and each start would count as a failure. */
async function untilItCan({ whyNotNow, onEvent, beatMs = BEAT_MS }: Supervised, signal: AbortSignal): Promise<void> {
  let told = '';
  for (;;) {
    const why = (await whyNotNow?.()) ?? null;
    if (why === null) return;
    if (why !== told) onEvent(`Neo4j waits to be started again: ${why}`, 'error');
    told = why;
    await pause(beatMs, signal, { ref: false });
  }
}
