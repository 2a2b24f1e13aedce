import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolderSync } from '../../disk/make-folder.js';

import { replaceFileSync, UNFINISHED } from '../../disk/whole-file.js';
import { identifySelf, isAlive, parseIdentity, type ProcessIdentity } from './process-identity.js';

/** The files of one embedded server; everything lies under one folder that only its user can read. */
export interface EmbeddedHome {
  readonly folder: string;
  readonly configFolder: string;
  /** Held while somebody starts or stops the server. */
  readonly lockFile: string;
  readonly neo4jLog: string;
  /** What Java itself prints: faulty settings, no memory. */
  readonly consoleLog: string;
  readonly passwordFile: string;
}

/** The Java that serves a home, as whoever started it wrote it down. */
export interface ServerState {
  process: ProcessIdentity;
  port: number;
  /** The file of classes that it writes at its end; null for none. */
  archive: string | null;
}

/** Names the files under the folder and makes the folders, readable by their user alone. */
export function openHome(folder: string): EmbeddedHome {
  for (const name of ['', 'clients', 'conf', 'data', 'import', 'logs', 'plugins', 'run']) {
    makeFolderSync(join(folder, name));
  }
  return {
    folder,
    configFolder: join(folder, 'conf'),
    lockFile: join(folder, 'start.lock'),
    neo4jLog: join(folder, 'logs', 'neo4j.log'),
    consoleLog: join(folder, 'logs', 'console.log'),
    passwordFile: join(folder, 'password'),
  };
}

/** The password of the user neo4j: made up at the first call, the same ever after. */
export function ensurePassword(home: EmbeddedHome): string {
  const known = readIfThere(home.passwordFile);
  if (known !== null) return known.trim();
  const password = randomBytes(24).toString('base64url');
  replaceFileSync(home.passwordFile, `${password}\n`);
  return password;
}

/** Settings of a small server that only this machine reaches. */
export function writeSettings(
  home: EmbeddedHome,
  { port, pageCacheMegabytes, keepPlans }: { port: number; pageCacheMegabytes: number; keepPlans: boolean },
): void {
  const settings = [
    '# Written at every start; changes made here are lost.',
    'server.default_listen_address=127.0.0.1',
    'server.default_advertised_address=127.0.0.1',
    `server.bolt.listen_address=127.0.0.1:${port}`,
    `server.bolt.advertised_address=127.0.0.1:${port}`,
    'server.http.enabled=false',
    'server.https.enabled=false',
    `server.memory.pagecache.size=${pageCacheMegabytes}m`,
    'dbms.security.auth_enabled=true',
    'dbms.usage_report.enabled=false',
    '# An empty store would take 516 MB with it.',
    'db.tx_log.preallocate=false',
    'db.tx_log.rotation.retention_policy=64M size',
    '# How late a transaction timeout may fire; the default is two seconds.',
    'db.transaction.monitor.check.interval=100ms',
    '# With the default of five, a stop takes ten seconds longer. Later lines call it …_period_duration, and take "0s".',
    'internal.dbms.bolt.netty_server_shutdown_quiet_period=0',
    ...(keepPlans ? ['dbms.cypher.statistics_divergence_threshold=0.98', 'dbms.cypher.min_replan_interval=1d'] : []),
  ];
  replaceFileSync(join(home.configFolder, 'neo4j.conf'), `${settings.join('\n')}\n`);
}

/** Who serves the home according to the last start; null when nobody, or when the note is not readable as one. */
export function readState(home: EmbeddedHome): ServerState | null {
  const text = readIfThere(join(home.folder, 'state.json'));
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null || !('process' in value) || !('port' in value)) return null;
  const identity = parseIdentity(value.process);
  const archive = 'archive' in value && typeof value.archive === 'string' ? value.archive : null;
  return identity === null || typeof value.port !== 'number' ? null : { process: identity, port: value.port, archive };
}

export function writeState(home: EmbeddedHome, state: ServerState | null): void {
  const path = join(home.folder, 'state.json');
  if (state === null) rmSync(path, { force: true });
  else replaceFileSync(path, JSON.stringify(state));
}

/** Notes that this process uses the server until it gives the lease back or dies. Answers the lease's file. */
export function takeLease(home: EmbeddedHome): string {
  const self = identifySelf();
  const lease = join(home.folder, 'clients', `${self.pid}-${randomUUID()}`);
  replaceFileSync(lease, JSON.stringify(self));
  return lease;
}

export function returnLease(lease: string): void {
  rmSync(lease, { force: true });
}

/** Whether a living process uses the server. Leases of dead ones are cleared away. */
export function isLeased(home: EmbeddedHome): boolean {
  const folder = join(home.folder, 'clients');
  let living = 0;
  for (const name of readdirSync(folder).filter((entry) => !entry.endsWith(UNFINISHED))) {
    const text = readIfThere(join(folder, name));
    const holder = text === null ? null : parseIdentity(JSON.parse(text));
    if (holder !== null && isAlive(holder)) living += 1;
    else returnLease(join(folder, name));
  }
  return living > 0;
}

/** The last lines of both logs without the stacks, oldest first, to tell why the server did not start. */
export function readLogTail(home: EmbeddedHome): string {
  const saysSomething = (line: string): boolean => line.trim() !== '' && !/^\s+(at |\.\.\. \d+ more)/.test(line);
  const tailOf = (path: string): string[] => (readIfThere(path) ?? '').split('\n').filter(saysSomething).slice(-10);
  return [...tailOf(home.consoleLog), ...tailOf(home.neo4jLog)].join('\n');
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
