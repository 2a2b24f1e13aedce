import { readClearanceFile } from '../../src/governance/clearance/clearance-file.js';
import { readNamingFile } from '../../src/openlineage/naming/naming-file.js';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Logger, pino } from 'pino';
import { inject } from 'vitest';
import { type Actor, type Role, SCOPES, systemActor } from '../../src/auth/actor.js';
import { readSigner, readVerifier, verifierOf } from '../../src/audit/checkpoints/checkpoint.js';
import { CheckpointFiles } from '../../src/audit/checkpoints/checkpoint-files.js';
import { EntryMarks } from '../../src/audit/record/entry-marks.js';
import { readConfig } from '../../src/config/config.js';
import { installationId, installationSecret } from '../../src/installation.js';
import { Metrics } from '../../src/metrics.js';
import type { Telling } from '../../src/openlineage/outbox/outbox.js';
import type { EventIngest } from '../../src/openlineage/ingest/ingest.port.js';
import { Graph, openDriver, type StatementObserver } from '../../src/neo4j/graph.js';
import { createServer } from '../../src/server.js';
import type { Launcher } from '../../src/launchers/port/launcher.js';
import { LocalLauncher } from '../../src/launchers/local/local.js';
import { type Weftline, wire } from '../../src/wiring/wire.js';
import { Client } from './client.js';
import { runnerCommand } from './runner.js';

export interface TestWeftline {
  address: string;
  weftline: Weftline;
  graph: Graph;
  /** Names of the statements run so far, in order; set `length = 0` to begin anew. Without those that look up who calls. */
  statements: string[];
  /** With those: who calls is kept for a moment, so how many there are depends on the time. */
  everyStatement: string[];
  /** A namespace of this test alone: tests share one database and tell their things apart by it. */
  namespace: string;
  /** Makes a user with a token and gives a client that is signed in as them. */
  user: (options?: { role?: Role; teams?: readonly string[] }) => Promise<Client>;
  /** Makes a team of the given users. */
  team: (...members: readonly Client[]) => Promise<string>;
  /**
   * Seals all that was done until now, by whichever server: a stream that is opened after it begins behind that, however
   * busy the machine is.
   */
  sealed: () => Promise<void>;
  /** A client without a token. */
  anonymous: Client;
  stop: () => Promise<void>;
}

interface Database {
  uri: string;
  username: string;
  password: string;
}

export interface TestOptions {
  /** Carry launched jobs to their end; off unless a file tests them. */
  runner?: boolean;
  /** Ask policies anew of what serves; off unless a file tests it. */
  policyWatch?: boolean;
  /** Environment of the configuration, such as { WEFTLINE_MAX_COST: '500' }. */
  environment?: Readonly<Record<string, string>>;
  now?: () => Date;
  /** A database of the test's own; the one that all tests share, when not given. */
  database?: Database;
  /** Where checkpoints of the audit log are kept; a folder that goes with the server, when not given. */
  checkpoints?: string;
  /** Name of the local launcher, for a server that has its database for itself; one that is no other's, when not given. */
  localLauncher?: string;
  /** Launchers beside the local one. */
  launchers?: readonly Launcher[];
  /** What events of producers are given to; none are taken, when not given. */
  ingest?: EventIngest;
  /** Where events are sent, and how fast; see WEFTLINE_LINEAGE_TO. */
  telling?: Partial<Telling>;
  /** Where the log goes; nowhere, when not given. */
  logger?: Logger;
}

/**
 * Servers that share a database share the key, or they take each other's entries for forged: here, all of all files, of all
 * runs. It signs nothing of worth.
 */
const TEST_SIGNER_TEXT = 'PRIVATE+KEY+weftline-test+43daff47+AZGA0kYRsjVCkVlWbWL+il9VfNbPT/JTIR2SSmvS3gNt';
export const TEST_SIGNER = readSigner(TEST_SIGNER_TEXT);
/** The key in a file, as a server of its own process reads it; where it lies. */
export function testKeyFile(folder: string): string {
  const file = join(folder, 'test-audit-key');
  writeFileSync(file, `${TEST_SIGNER_TEXT}\n`, { mode: 0o600 });
  return file;
}

export const TEST_MARKS = new EntryMarks(TEST_SIGNER);
const LOOK_UPS = new Set([
  ...['principals.authenticate', 'principals.findExternalUser', 'principals.touchToken', 'auth.grantsHeld'],
]);
const JOBS = join(import.meta.dirname, '../../.weftline/test/jobs');

/** Where the database is that all tests share. */
export const sharedDatabase = (): Database => ({
  uri: inject('neo4jUri'),
  username: inject('neo4jUsername'),
  password: inject('neo4jPassword'),
});

/** The same for a server in a process of its own. */
export const sharedEnvironment = (): Record<string, string> => {
  const { uri, username, password } = sharedDatabase();
  return { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password };
};

/** A driver on it; close it at the end. */
export const openSharedDriver = (): ReturnType<typeof openDriver> => openDriver(sharedDatabase());

/** A whole server on the test database, on a free port. Call `stop` at the end. */
export async function startTestWeftline(options: TestOptions = {}): Promise<TestWeftline> {
  const target = options.database ?? sharedDatabase();
  const config = readConfig({
    WEFTLINE_PORT: '0',
    WEFTLINE_LOG_LEVEL: 'silent',
    // A busy machine takes its time also over a small query: only one that hangs is given up.
    WEFTLINE_QUERY_TIMEOUT_MS: '120000',
    ...options.environment,
  });
  const now = options.now ?? ((): Date => new Date());
  const logger = options.logger ?? pino({ level: config.logLevel });
  const statements: string[] = [];
  const everyStatement: string[] = [];
  const observer: StatementObserver = {
    statementRan: (name) => {
      // What the sequencer does meanwhile is no part of what a test asks.
      if (name.startsWith('sealing.')) return;
      everyStatement.push(name);
      if (!LOOK_UPS.has(name)) statements.push(name);
    },
  };
  const driver = openDriver(target);
  const graph = new Graph(driver, { database: config.database, timeoutMs: config.queryTimeoutMs, observer });
  mkdirSync(JOBS, { recursive: true });
  // Workers take only jobs of launchers they have: of this name there is one, so files do not take each other's.
  const launcher = new LocalLauncher({
    name: options.localLauncher ?? `local-${randomBytes(6).toString('hex')}`,
    directory: JOBS,
    gpus: config.localLauncher.gpus,
    maxConcurrent: 4,
    supervisor: { command: runnerCommand() },
  });
  const origin = `weftline/${await installationId(graph)}`;
  const ownCheckpoints = mkdtempSync(join(tmpdir(), 'weftline-checkpoints-'));
  const weftline = wire({
    graph,
    launchers: [launcher, ...(options.launchers ?? [])],
    launchLimits: { modelBytes: config.maxModelBytes, logBytes: config.maxLogBytes },
    gridIntensity: config.gridIntensity,
    access: config,
    data: config,
    policies: config.policies,
    clearances: config.clearancesFile === null ? null : readClearanceFile(config.clearancesFile),
    heartbeatSeconds: config.heartbeatSeconds,
    cursorSecret: await installationSecret(graph, now()),
    audit: {
      origin,
      signer: TEST_SIGNER,
      verifiers: [readVerifier(verifierOf(TEST_SIGNER))],
      files: new CheckpointFiles(options.checkpoints ?? ownCheckpoints),
      checkpointSeconds: config.audit.checkpointSeconds,
      retentionDays: config.audit.retentionDays,
      checkSeconds: config.audit.checkSeconds,
      knownDamage: config.audit.knownDamage,
    },
    telling: { ...config.telling, ...options.telling },
    events: {
      ...{ mostWaiting: config.limits.lineageQueue, mostBytes: config.limits.lineageQueueBytes },
      ...(config.namingFile !== null && { naming: readNamingFile(config.namingFile) }),
      ...(options.ingest && { ingest: options.ingest }),
    },
    worker: randomBytes(6).toString('hex'),
    logger,
    now,
  });
  const metrics = new Metrics(
    () => weftline.jobs.countByState(systemActor('test').origin, ['RUNNING']),
    () => weftline.auditLog.measure(),
    () => weftline.ingestStatus.measure(),
  );
  const server = await createServer({
    weftline,
    config,
    metrics,
    logger,
    whyDatabaseNotReady: () => weftline.auditLog.whyNotReady(),
  });
  const address = await server.app.listen({ host: '127.0.0.1', port: 0 });
  weftline.outbox.metrics.register(metrics.registry, weftline.outbox.measure);
  weftline.outbox.start();
  weftline.policyWatch.register(metrics.registry);
  if (options.policyWatch) weftline.policyWatch.start();
  if (options.runner) weftline.runner.start();
  await weftline.auditLog.start();
  const admin = systemActor('test');
  return {
    address,
    weftline,
    graph,
    statements,
    everyStatement,
    namespace: `test-${randomBytes(6).toString('hex')}`,
    user: (wanted) => newUser(weftline, admin, address, wanted),
    team: async (...members) => {
      const name = `team-${randomBytes(6).toString('hex')}`;
      return (await weftline.principals.createTeam(admin, { name, members: members.map((member) => member.userId) }))
        .id;
    },
    sealed: () => weftline.auditLog.sequencer.sealAll(),
    anonymous: new Client(address, null, ''),
    stop: async () => {
      await server.close();
      await weftline.outbox.stop();
      if (options.policyWatch) await weftline.policyWatch.stop();
      if (options.runner) await weftline.runner.stop();
      await weftline.auditLog.stop();
      await driver.close();
      rmSync(ownCheckpoints, { recursive: true, force: true });
    },
  };
}

async function newUser(
  { principals, tokens }: Weftline,
  admin: Actor,
  address: string,
  { role = 'MEMBER', teams = [] }: { role?: Role; teams?: readonly string[] } = {},
): Promise<Client> {
  const handle = `user-${randomBytes(6).toString('hex')}`;
  const user = await principals.createUser(admin, { name: `Name of ${handle}`, handle, role });
  const { secret } = await tokens.createToken(admin, {
    name: 'test',
    user: user.id,
    scopes: SCOPES,
    expiresInDays: 1,
  });
  for (const team of teams) {
    const members = (await principals.membersOf(admin, [team])).get(team) ?? [];
    await principals.setMembers(admin, { team, members: [...members.map((member) => member.id), user.id] });
  }
  return new Client(address, secret, user.id);
}
