import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemActor } from './auth/actor.js';
import type { Graph } from './neo4j/graph.js';
import type { PrincipalService } from './principals/principal.service.js';

export const INSTALLATION_SECRET = `// installation.secret
MERGE (i:Installation {key: 'settings'})
  ON CREATE SET i.cursorSecret = $candidate, i.createdAt = $now
RETURN i.cursorSecret AS secret`;

/** The secret all servers of this database share: whoever comes first makes it. */
export async function installationSecret(graph: Graph, now: Date): Promise<string> {
  const candidate = randomBytes(32).toString('base64url');
  const row = await graph.write(systemActor('start').origin, (tx) => tx.one(INSTALLATION_SECRET, { candidate, now }));
  return row.text('secret');
}

export interface AdminToken {
  secret: string;
  /** Made by this call; otherwise it was kept from before. */
  fresh: boolean;
}

/**
 * The administrator's token of an installation, in the manner of Jupyter: made at first start, kept in a file only its
 * owner can read, replaced when it no longer works. null when the database has an administrator whose token is not kept
 * here and `ownsDatabase` is false: starting one more server on a shared database must not make one more key to it.
 */
export async function adminToken(
  principals: PrincipalService,
  file: string,
  ownsDatabase: boolean,
): Promise<AdminToken | null> {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
  if (kept !== null && (await works(principals, kept))) return { secret: kept, fresh: false };
  if (!ownsDatabase && (await principals.hasAdministrator())) return null;
  return { secret: await keepNewAdminToken(principals, file), fresh: true };
}

/** Makes a new token of the administrator and keeps it in the file; the old ones stay until they are revoked. */
export async function keepNewAdminToken(principals: PrincipalService, file: string): Promise<string> {
  const { secret } = await principals.mintAdminToken();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return secret;
}

async function works(principals: PrincipalService, token: string): Promise<boolean> {
  try {
    await principals.authenticate(`Bearer ${token}`, systemActor('start').origin);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'UNAUTHENTICATED') return false;
    throw error;
  }
}
