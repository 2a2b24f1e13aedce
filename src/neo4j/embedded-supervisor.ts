import type { ServerState } from './embedded-home.js';
import type { EventListener } from './event-listener.js';
import { pause } from './pause.js';
import { isAlive } from './process-identity.js';

const BEAT_MS = 500;
const FAILURE_WINDOW_MS = 60_000;
const FAILURES_ALLOWED = 5;

export interface Supervised {
  state: ServerState;
  /** Starts the server again on the same port. */
  revive: (signal: AbortSignal) => Promise<ServerState>;
  onEvent: EventListener;
  /** Between two looks, and before the first start again; each pause after it is twice as long. */
  beatMs?: number;
}

/**
 * Watches a server and starts it again when it dies, with longer and longer pauses. After five failures within a
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

async function watchUntil(
  { state, revive, onEvent, beatMs = BEAT_MS }: Supervised,
  signal: AbortSignal,
): Promise<void> {
  let server = state;
  let failures: number[] = [];
  for (;;) {
    // Unreferenced: the watch alone keeps no process from ending.
    await pause(beatMs, signal, { ref: false });
    if (isAlive(server.process)) continue;
    failures = [...failures.filter((at) => Date.now() - at < FAILURE_WINDOW_MS), Date.now()];
    if (failures.length >= FAILURES_ALLOWED) {
      onEvent(`Neo4j failed ${failures.length} times within a minute and is not started again.`, 'error');
      return;
    }
    onEvent(`Neo4j, process ${server.process.pid}, died; starting it again.`, 'warn');
    await pause(beatMs * 2 ** (failures.length - 1), signal);
    try {
      server = await revive(signal);
    } catch (error) {
      signal.throwIfAborted();
      onEvent(`Neo4j could not be started again: ${error instanceof Error ? error.message : String(error)}`, 'error');
    }
  }
}
