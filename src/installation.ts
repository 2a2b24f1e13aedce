import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolderSync } from './disk/make-folder.js';
import type { Signer, Verifier } from './audit/checkpoints/checkpoint.js';
import { auditKey, CheckpointFiles } from './audit/checkpoints/checkpoint-files.js';
import { systemActor } from './auth/actor.js';
import type { Config } from './config/config.js';
import { isThere } from './disk/presence.js';
import { replaceFileSync } from './disk/whole-file.js';
import { newId } from './ids.js';
import type { Graph } from './neo4j/graph.js';
import { SetupError } from './neo4j/setup-error.js';
import type { SignInService } from './principals/sign-in/sign-in.service.js';
import type { TokenService } from './principals/tokens/token.service.js';

/** The secret of the installation, made by whoever comes first. @public: planned by test/graph/plans.test.ts. */
export const INSTALLATION_SECRET = `// installation.secret
MERGE (i:Installation {key: 'settings'})
SET i.cursorSecret = coalesce(i.cursorSecret, $candidate), i.createdAt = coalesce(i.createdAt, $now)
RETURN i.cursorSecret AS secret`;

/** The secret all servers of this database share: whoever comes first makes it. */
export async function installationSecret(graph: Graph, now: Date): Promise<string> {
  const candidate = randomBytes(32).toString('base64url');
  const row = await graph.write(systemActor('start').origin, (tx) => tx.one(INSTALLATION_SECRET, { candidate, now }));
  return row.text('secret');
}

/** The id of the installation, made by whoever comes first. @public: planned by test/graph/plans.test.ts. */
export const INSTALLATION_ID = `// installation.id
MERGE (i:Installation {key: 'settings'})
SET i.id = coalesce(i.id, $candidate)
RETURN i.id AS id`;

/** The id of this installation: all servers of one database have the same. */
export async function installationId(graph: Graph): Promise<string> {
  const candidate = newId();
  const row = await graph.write(systemActor('start').origin, (tx) => tx.one(INSTALLATION_ID, { candidate }));
  return row.text('id');
}

/** The key of the audit log that the installation goes by. @public: planned by test/graph/plans.test.ts. */
export const INSTALLATION_KEY = `// installation.auditKey
MERGE (i:Installation {key: 'settings'})
SET i.auditKey = CASE WHEN coalesce(i.auditKey, $key) IN $known THEN $key ELSE i.auditKey END
RETURN i.auditKey AS key`;

/**
 * What the audit log of this server is named and signed with, and where its checkpoints are kept. Throws SetupError when
 * other servers of this database have another key: they would take the entries of this one for forged, and it theirs.
 */
export async function auditIdentity(
  graph: Graph,
  { audit: config, minFreeBytes }: Pick<Config, 'audit' | 'minFreeBytes'>,
): Promise<AuditIdentity> {
  const origin = config.origin ?? `weftline/${await installationId(graph)}`;
  const { fresh, ...key } = auditKey(config.keyFile, origin);
  const [own = '', ...earlier] = [key.signer, ...key.verifiers].map(({ name, id }) => `${name}+${id}`);
  const row = await graph.write(systemActor('start').origin, (tx) =>
    tx.one(INSTALLATION_KEY, { key: own, known: [own, ...earlier] }),
  );
  if (row.text('key') !== own) {
    throw new SetupError(
      `The servers of this database sign the audit log with the key ${row.text('key')}, and ${config.keyFile} is another. Copy their key file, with the .pub beside it, and name it in WEFTLINE_AUDIT_KEY_FILE. If that key is lost, docs/audit-log.md says what to do.`,
    );
  }
  return { origin, ...key, freshKey: fresh, files: new CheckpointFiles(config.directory, minFreeBytes) };
}

export interface AuditIdentity {
  origin: string;
  signer: Signer;
  verifiers: Verifier[];
  /** The key was made by this call. */
  freshKey: boolean;
  files: CheckpointFiles;
}

export interface AdminToken {
  secret: string;
  /** Made by this call; otherwise it was kept from before. */
  fresh: boolean;
}

/**
 * The administrator's token of an installation, in the manner of Jupyter: made at first start, kept in a file only its
 * owner can read, replaced when it no longer works. null when the database has an administrator whose token is not kept
 * here and `ownsDatabase` is false: starting one more server on a shared database must not make one more key to it. null
 * too when the administrator was disabled or is none any more: a start does not undo that, `npm run token` does.
 */
export async function adminToken(
  { signIn, tokens }: { signIn: SignInService; tokens: TokenService },
  file: string,
  ownsDatabase: boolean,
): Promise<AdminToken | null> {
  const kept = isThere(file) ? readFileSync(file, 'utf8').trim() : null;
  if (kept !== null && (await works(signIn, kept))) return { secret: kept, fresh: false };
  const administrator = await tokens.administrator();
  if (administrator && (!ownsDatabase || administrator.disabledAt || administrator.role !== 'ADMIN')) return null;
  return { secret: await keepNewAdminToken(tokens, file), fresh: true };
}

/** Makes a new token of the administrator and keeps it in the file; the old ones stay until they are revoked. */
export async function keepNewAdminToken(tokens: TokenService, file: string): Promise<string> {
  const { secret } = await tokens.mintAdminToken();
  makeFolderSync(dirname(file));
  replaceFileSync(file, `${secret}\n`);
  return secret;
}

async function works(signIn: SignInService, token: string): Promise<boolean> {
  try {
    const { origin } = systemActor('start');
    await signIn.authenticate({ authorization: `Bearer ${token}`, address: null, origin, afresh: true });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'UNAUTHENTICATED') return false;
    throw error;
  }
}
