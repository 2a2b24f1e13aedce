import { Neo4jError } from 'neo4j-driver';
import { askDriver } from '../driver-errors.js';
import { EMBEDDED_USER } from './login.js';
import { openDriver } from '../graph.js';

const EVERY_MS = 5_000;
const PATIENCE_MS = 5_000;
/** One such answer may be the moment; of these in a row nothing is left to be waited for. */
const LOOKS = 3;

export interface HealthWatch {
  isBroken: () => Promise<boolean>;
  close: () => Promise<void>;
}

/**
 * Whether a server that lives has given itself up: after a disk that was full, Neo4j answers each statement that it has met
 * a critical error and must be started again, for ever, also once there is room. One that does not answer at all is not
 * meant: it may be busy, or recover. Looks every few seconds, however often it is asked.
 */
export function watchHealth(uri: string, password: string): HealthWatch {
  const driver = openDriver({ uri, username: EMBEDDED_USER, password });
  let lookAt = performance.now() + EVERY_MS;
  let broken = 0;
  const isBroken = async (): Promise<boolean> => {
    if (performance.now() < lookAt) return false;
    broken = (await refusesAll(driver)) ? broken + 1 : 0;
    lookAt = performance.now() + EVERY_MS;
    if (broken < LOOKS) return false;
    broken = 0;
    return true;
  };
  return { isBroken, close: () => driver.close() };
}

async function refusesAll(driver: ReturnType<typeof openDriver>): Promise<boolean> {
  const session = driver.session();
  try {
    await askDriver(() => session.run('RETURN 1'), PATIENCE_MS);
    return false;
  } catch (error) {
    return error instanceof Neo4jError && error.code.startsWith('Neo.DatabaseError.');
  } finally {
    await Promise.allSettled([askDriver(() => session.close(), PATIENCE_MS)]);
  }
}
