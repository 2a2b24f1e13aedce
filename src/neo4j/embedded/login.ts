import { Neo4jError, type SessionConfig } from 'neo4j-driver';

import { askDriver } from '../driver-errors.js';
import { openDriver } from '../graph.js';
import { pause } from '../pause.js';

export const EMBEDDED_USER = 'neo4j';
/** What a Neo4j that was never logged in to accepts. */
const FIRST_PASSWORD = 'neo4j';
const RETRY_MS = 150;
/** Longest wait for one answer of a server that starts: one that recovers a store answers when it has. */
const ANSWER_MS = 60_000;
const CLOSE_MS = 1_000;
const REFUSED = 'Neo.ClientError.Security.Unauthorized';

export interface LoginWait {
  /** Milliseconds until this gives up. */
  timeoutMs: number;
  /** False ends the waiting at once: the server died. */
  isRunning: () => boolean;
  signal?: AbortSignal | undefined;
}

/**
 * Waits until the server takes the password and answers a statement. On a store that was never logged in to, the
 * first password is changed to ours; a crash before that change is met by the next start in the same way.
 *
 * Answers 'ready'; 'refused' when the server knows neither password; 'gone' when it died or the time is over.
 */
export async function logIn(uri: string, password: string, wait: LoginWait): Promise<'ready' | 'refused' | 'gone'> {
  const deadline = Date.now() + wait.timeoutMs;
  while (wait.isRunning() && Date.now() < deadline) {
    wait.signal?.throwIfAborted();
    const answer = await tryPassword(uri, password);
    if (answer === 'ready') return 'ready';
    if (answer === 'refused' && (await changeFirstPassword(uri, password)) === 'refused') return 'refused';
    if (answer === 'silent') await pause(RETRY_MS, wait.signal);
  }
  return 'gone';
}

type Answer = 'ready' | 'refused' | 'silent';

function tryPassword(uri: string, password: string): Promise<Answer> {
  return ask(uri, password, 'RETURN 1', {});
}

function changeFirstPassword(uri: string, password: string): Promise<Answer> {
  const statement = 'ALTER CURRENT USER SET PASSWORD FROM $from TO $to';
  return ask(uri, FIRST_PASSWORD, statement, { from: FIRST_PASSWORD, to: password }, 'system');
}

async function ask(
  uri: string,
  password: string,
  statement: string,
  parameters: Record<string, string>,
  database = 'neo4j',
): Promise<Answer> {
  const driver = openDriver({ uri, username: EMBEDDED_USER, password });
  const config: Partial<SessionConfig> = { database };
  const session = driver.session(config);
  try {
    await askDriver(() => session.run(statement, parameters), ANSWER_MS);
    return 'ready';
  } catch (error) {
    // Everything but a refusal is a server that is still starting: no socket yet, no database yet.
    return error instanceof Neo4jError && error.code === REFUSED ? 'refused' : 'silent';
  } finally {
    // Of a server that died meanwhile nothing is left to be closed.
    await Promise.allSettled([askDriver(() => session.close().then(() => driver.close()), CLOSE_MS)]);
  }
}
