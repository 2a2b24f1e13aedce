import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemActor } from '../../src/auth/actor.js';
import { newId } from '../../src/ids.js';
import { startEmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { Graph, openDriver } from '../../src/neo4j/graph.js';
import { CREATE_TOKEN } from '../../src/principals/tokens/token.cypher.js';
import { mintToken } from '../../src/principals/tokens/token.js';
import { migrate } from '../../src/wiring/migrate.js';
import { LOAD_PRINCIPALS } from '../lineage/load.cypher.js';
import { type Factory, MEMORY, openFactory } from '../lineage/graph-cache.js';

/** A database that events go into. */
export type Store = Pick<Factory, 'database' | 'openDriver' | 'stop' | 'home'>;

const TOKEN_LIVES_MS = 24 * 3_600_000;

/** An empty one, or the factory of so many assets. */
export async function openStore(assets: number): Promise<Store> {
  if (assets > 0) return openFactory({ assets, seed: 1, fresh: false });
  const folder = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  const home = join(folder, 'neo4j');
  const database = await startEmbeddedNeo4j({ home, ...MEMORY });
  const open = (): ReturnType<typeof openDriver> => openDriver(database);
  const driver = open();
  await migrate(driver).finally(() => driver.close());
  const stop = async (): Promise<void> => {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { database, openDriver: open, stop, home };
}

/** A user of their own, and a token of theirs that may report and read. */
export async function signUpReporter(store: Store): Promise<{ id: string; token: string }> {
  const driver = store.openDriver();
  try {
    const graph = new Graph(driver, { database: 'neo4j', timeoutMs: 60_000 });
    const now = new Date();
    const [userId, { id, text, hash }] = [newId(), mintToken(newId())];
    const expiresAt = new Date(now.getTime() + TOKEN_LIVES_MS);
    const token = { id, name: 'bench', hash, scopes: ['REPORT', 'READ'], now, expiresAt, madeWith: null };
    await graph.write(systemActor('bench').origin, async (tx) => {
      await tx.run(LOAD_PRINCIPALS, { rows: [[userId, `reporter ${userId}`, false, now.getTime()]] });
      await tx.one(CREATE_TOKEN, { ...token, userId });
    });
    return { id: userId, token: text };
  } finally {
    await driver.close();
  }
}
