import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CREATE_TOKEN } from '../../src/principals/tokens/token.cypher.js';
import { mintToken } from '../../src/principals/tokens/token.js';
import { newId } from '../../src/ids.js';
import { type Scope, systemActor } from '../../src/auth/actor.js';
import { Graph } from '../../src/neo4j/graph.js';
import { principalRows } from './catalog-rows.js';
import { type Child, startChild } from './child.js';
import type { Factory } from './graph-cache.js';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
/** The first question of a depth is planned, which takes Neo4j a second, and longer than the default on a busy machine. */
const QUERY_TIMEOUT_MS = 120_000;
const TOKEN_LIVES_MS = 24 * 3_600_000;

/** The built server as it is run, on the database of the factory: its own limits, rights and log. */
export async function startWeftline(
  { database }: Pick<Factory, 'database'>,
  flags: readonly string[] = [],
): Promise<Child> {
  const home = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  const child = await startChild(
    [...flags, MAIN],
    {
      WEFTLINE_HOME: home,
      // Servers that use one database one after the other are of one installation.
      WEFTLINE_AUDIT_KEY_FILE: join(tmpdir(), 'weftline-bench-audit-key'),
      WEFTLINE_PORT: '0',
      WEFTLINE_LOG_LEVEL: 'warn',
      WEFTLINE_QUERY_TIMEOUT_MS: String(QUERY_TIMEOUT_MS),
      NEO4J_URI: database.uri,
      NEO4J_USERNAME: database.username,
      NEO4J_PASSWORD: database.password,
    },
    /Weftline listens on (http:\S+)/,
  );
  const stop = async (): Promise<void> => {
    await child.stop();
    rmSync(home, { recursive: true, force: true });
  };
  return { ...child, stop };
}

/** A token of a user who is a member: they own some of the restricted assets, and may not see the others. */
export function memberToken(factory: Pick<Factory, 'openDriver'>): Promise<string> {
  const user = principalRows().find(({ team }) => !team);
  return tokenOf(factory, user?.id ?? '', ['READ']);
}

/** A token of a user who is there. */
export async function tokenOf(
  factory: Pick<Factory, 'openDriver'>,
  userId: string,
  scopes: readonly Scope[],
): Promise<string> {
  const { id, text, hash } = mintToken(newId());
  const now = new Date();
  const driver = factory.openDriver();
  try {
    const graph = new Graph(driver, { database: 'neo4j', timeoutMs: 60_000 });
    const expiresAt = new Date(now.getTime() + TOKEN_LIVES_MS);
    const madeBy = { madeWith: [], reportNamespaces: [], reportJobs: [] };
    const token = { userId, id, name: 'bench', hash, scopes: [...scopes], now, expiresAt, ...madeBy };
    await graph.write(systemActor('bench').origin, (tx) => tx.one(CREATE_TOKEN, token));
    return text;
  } finally {
    await driver.close();
  }
}
