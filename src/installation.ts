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
 * owner can read. A token that no longer works is replaced. Whoever can read the folder owns the installation anyway.
 */
export async function adminToken(principals: PrincipalService, file: string): Promise<AdminToken> {
  const kept = existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
  if (kept !== null && (await works(principals, kept))) return { secret: kept, fresh: false };
  const { secret } = await principals.mintAdminToken();
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  chmodSync(file, 0o600);
  return { secret, fresh: true };
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
