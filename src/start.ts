import { readClearanceFile } from './governance/clearance/clearance-file.js';
import { readDimensionFile } from './governance/labels/dimension-file.js';
import { readNamingFile } from './openlineage/naming/naming-file.js';
import { adoptFolder } from './governance/sets/folder-at-start.service.js';
import { hasSpellingsOfAll } from './catalog/spelling/spellings-of-all.js';
import { hasWordsOfAll } from './catalog/search/words-of-all.js';
import { randomUUID } from 'node:crypto';
import { createServer as createSocketServer } from 'node:net';
import { join } from 'node:path';
import type { Driver } from 'neo4j-driver';
import type { Logger } from 'pino';
import { systemActor } from './auth/actor.js';
import type { Config } from './config/config.js';
import { WatchedFolder } from './disk/watched-folder.js';
import { type AdminToken, adminToken, auditIdentity, installationSecret } from './installation.js';
import { Metrics } from './metrics.js';
import { everydayStatements } from './everyday.statements.js';
import { DatabaseReadiness } from './neo4j/migrations/database-readiness.js';
import { type EmbeddedNeo4j, startEmbeddedNeo4j } from './neo4j/embedded/embedded.js';
import { Graph, openDriver } from './neo4j/graph.js';
import { MigrationDatabase } from './neo4j/migrations/migration-database.js';
import { pendingMigrations } from './neo4j/migrations/migrate.js';
import { MigrationWatch } from './neo4j/migrations/migration-watch.js';
import { PlanWarming } from './neo4j/plan-warming.js';
import { Planner } from './neo4j/planner.js';
import { SetupError } from './neo4j/setup-error.js';
import { createServer } from './server.js';
import { OPEN_STATES } from './training/jobs/job.js';
import type { Launcher } from './launchers/port/launcher.js';
import { openConfigured } from './launchers/configured.js';
import { openJobUser } from './launchers/machine/job-user.js';
import { LocalLauncher } from './launchers/local/local.js';
import { migrate } from './wiring/migrate.js';
import { wire } from './wiring/wire.js';

export interface Running {
  /** Where it listens: http://127.0.0.1:4000 */
  address: string;
  /** null: the database has an administrator whose token is not kept here. */
  admin: AdminToken | null;
  adminTokenFile: string;
  /** Answers what is open, then stops everything this process started. Jobs run on; the next start finds them. */
  stop: () => Promise<void>;
  /** Resolves when a newer Weftline has migrated the database, and this one is to be stopped. */
  overtaken: Promise<void>;
}

export interface StartOptions {
  config: Config;
  logger: Logger;
  /** Told, in words for a person, what is going on. */
  print: (message: string) => void;
  /** Gives the start up. */
  signal?: AbortSignal;
}

/** Starts the whole server: Neo4j when none is configured, the schema, the worker, HTTP. Throws SetupError for what a person can mend. */
export async function start(options: StartOptions): Promise<Running> {
  const { config } = options;
  await refuseTakenPort(config);
  await refuseFullHome(config);
  const database = await openDatabase(options);
  const driver = openDriver(database);
  try {
    await prepareDatabase(driver, options);
    return await serve(driver, database, options);
  } catch (error) {
    await driver.close();
    await database.stop();
    throw error;
  }
}

/** The Neo4j that the environment names, which is not ours to stop, or the embedded one. */
export async function openDatabase({
  config,
  print,
  signal,
}: Pick<StartOptions, 'config' | 'print' | 'signal'>): Promise<EmbeddedNeo4j> {
  if (config.neo4j) return { ...config.neo4j, stop: () => Promise.resolve() };
  const home = join(config.home, 'neo4j');
  return startEmbeddedNeo4j({
    home,
    heapMegabytes: config.embeddedHeapMegabytes,
    onEvent: print,
    ...(signal ? { signal } : {}),
  });
}

/** An embedded graph is brought up to date; somebody's own database is changed only when they say so. */
async function prepareDatabase(driver: Driver, { config, print }: StartOptions): Promise<void> {
  const { database } = config;
  if (!config.neo4j) {
    await migrate(driver, { database, onEvent: print });
    return;
  }
  await reach(driver, config);
  const { pending } = await pendingMigrations(driver, { database });
  if (pending.length > 0) {
    throw new SetupError(
      `The database lacks ${pending.length} migration(s): ${pending.join(', ')}. Run "npm run migrate" with the same NEO4J_ variables, then start again.`,
    );
  }
  const graph = new MigrationDatabase(driver, database);
  if (!(await hasWordsOfAll(graph))) {
    throw new SetupError(
      'The database lacks the words by which assets are found. Run "npm run migrate" with the same NEO4J_ variables, then start again.',
    );
  }
  if (!(await hasSpellingsOfAll(graph))) {
    throw new SetupError(
      'The names in the database are not yet in the one spelling by which they are found. Run "npm run migrate" with the same NEO4J_ variables, then start again.',
    );
  }
}

async function reach(driver: Driver, config: Config): Promise<void> {
  try {
    await driver.verifyConnectivity({ database: config.database });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SetupError(
      `Neo4j at ${config.neo4j?.uri ?? ''} cannot be used: ${why} Check NEO4J_URI, NEO4J_USERNAME and NEO4J_PASSWORD.`,
      { cause },
    );
  }
}

async function serve(
  driver: Driver,
  database: EmbeddedNeo4j,
  { config, logger, print }: StartOptions,
): Promise<Running> {
  const now = (): Date => new Date();
  const origin = systemActor('start').origin;
  const metrics: Metrics = new Metrics(
    () => weftline.jobs.countByState(origin, OPEN_STATES),
    () => weftline.auditLog.measure(),
    () => weftline.ingestStatus.measure(),
  );
  const graph = new Graph(driver, { database: config.database, timeoutMs: config.queryTimeoutMs, observer: metrics });
  const { freshKey, ...identity } = await auditIdentity(graph, config);
  if (freshKey)
    print(
      `The key that signs checkpoints of the audit log was made: ${config.audit.keyFile}. Hand ${config.audit.keyFile}.pub to whoever is to check the log.`,
    );
  const { checkpointSeconds, retentionDays, checkSeconds, knownDamage } = config.audit;
  const weftline = wire({
    graph,
    launchers: launchersOf(config),
    launchLimits: { modelBytes: config.maxModelBytes, logBytes: config.maxLogBytes },
    gridIntensity: config.gridIntensity,
    access: config,
    data: config,
    telling: config.telling,
    events: eventsOf(config),
    policies: config.policies,
    labelDimensions: config.labelDimensionsFile === null ? [] : readDimensionFile(config.labelDimensionsFile),
    clearances: config.clearancesFile === null ? null : readClearanceFile(config.clearancesFile),
    heartbeatSeconds: config.heartbeatSeconds,
    cursorSecret: await installationSecret(graph, now()),
    audit: { ...identity, checkpointSeconds, retentionDays, checkSeconds, knownDamage },
    worker: randomUUID(),
    logger,
    now,
  });
  weftline.outbox.metrics.register(metrics.registry, weftline.outbox.measure);
  weftline.policyWatch.register(metrics.registry);
  const { folder: policyFolder } = config.policies;
  const policyFault = policyFolder === null ? null : await adoptFolder(weftline.sets, policyFolder, logger);
  if (policyFault !== null) print(policyFault);
  const adminTokenFile = join(config.home, 'admin-token');
  const admin = await adminToken(weftline, adminTokenFile, config.neo4j === null);
  const folders = foldersOf(config);
  const readiness = new DatabaseReadiness(driver, { database: config.database, logger });
  const migrations = new MigrationWatch(driver, { database: config.database, logger });
  const server = await createServer({
    weftline,
    refusal: () => migrations.refusal,
    remarks: policyFault === null ? [] : [FAULTY_FOLDER],
    config,
    metrics,
    logger,
    whyDatabaseNotReady: async () =>
      (await firstReason(folders)) ?? (await readiness.whyNot()) ?? (await weftline.auditLog.whyNotReady()),
  });
  const address = await server.app.listen({ host: config.host, port: config.port });
  weftline.runner.start();
  weftline.orphans.start();
  weftline.stranded.start();
  weftline.goingOn.start();
  weftline.outbox.start();
  weftline.policyWatch.start();
  await weftline.auditLog.start();
  weftline.auditLog.walk.start();
  const planner = new Planner(driver, config.database);
  const warming = new PlanWarming(graph, planner, { statements: everydayStatements(), logger });
  if (config.planAhead) warming.start();
  // Reads the active set of policies, so that the first who launches does not wait for it.
  const policiesRead = weftline.policyRemarks.all();
  const overtaken = new Promise<void>((resolve) => migrations.start(resolve));
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    print('Stopping: open requests are answered first.');
    migrations.stop();
    await bounded(warming.stop(), config.drainSeconds);
    await bounded(policiesRead, config.drainSeconds);
    await bounded(server.close(), config.drainSeconds);
    weftline.orphans.stop();
    await bounded(weftline.runner.stop(), config.drainSeconds);
    await bounded(weftline.stranded.stop(), config.drainSeconds);
    await bounded(weftline.policyWatch.stop(), config.drainSeconds);
    await bounded(weftline.goingOn.stop(), config.drainSeconds);
    // What was written by all of these goes with the next start, if not now.
    await bounded(weftline.outbox.stop(), config.drainSeconds);
    await bounded(weftline.auditLog.stop(), config.drainSeconds);
    await driver.close();
    await database.stop();
  };
  return { address, admin, adminTokenFile, overtaken, stop: () => (stopping ??= stop()) };
}

/** For anybody who asks whether the server is ready: what is wrong with it stands in the log alone. */
const FAULTY_FOLDER =
  'The policies in WEFTLINE_POLICIES cannot be used; the set that was active before stays so, or all that policies decide is denied where there was none. The log says what is wrong.';

function eventsOf({ limits, namingFile }: Config) {
  const room = { mostWaiting: limits.lineageQueue, mostBytes: limits.lineageQueueBytes };
  return namingFile === null ? room : { ...room, naming: readNamingFile(namingFile) };
}

function launchersOf({ localLauncher, launchersFile, home, minFreeBytes }: Config): Launcher[] {
  if (launchersFile !== null)
    return openConfigured(launchersFile, { directory: join(home, 'jobs'), home, minFreeBytes });
  if (!localLauncher.enabled) return [];
  const directory = join(home, 'jobs');
  const { runAs } = localLauncher;
  return [
    new LocalLauncher({
      directory,
      runAs: runAs === undefined ? undefined : openJobUser(runAs, { directory, home }),
      gpus: localLauncher.gpus,
      cpus: localLauncher.cpus,
      memoryBytes: localLauncher.memoryBytes,
      maxConcurrent: localLauncher.concurrentJobs,
      minFreeBytes,
    }),
  ];
}

/** What the server itself writes to, but for the checkpoints, which the audit log looks after. */
function foldersOf({ home, minFreeBytes, localLauncher, launchersFile }: Config): WatchedFolder[] {
  const jobs = new WatchedFolder({ path: join(home, 'jobs'), name: 'The folder for jobs', minFreeBytes });
  const runsJobs = launchersFile !== null || localLauncher.enabled;
  return [new WatchedFolder({ path: home, name: 'WEFTLINE_HOME', minFreeBytes }), ...(runsJobs ? [jobs] : [])];
}

async function firstReason(folders: readonly WatchedFolder[]): Promise<string | null> {
  return (await Promise.all(folders.map((folder) => folder.whyNot()))).find((why) => why !== null) ?? null;
}

/** Said before a database is started that could not write either. Little room is enough to begin with, and told by /readyz. */
async function refuseFullHome({ home }: Config): Promise<void> {
  const remedy = 'Mend that, or set WEFTLINE_HOME to a folder that can be made and written to; then start again.';
  const full = await new WatchedFolder({ path: home, name: `WEFTLINE_HOME (${home})`, remedy }).whyNot();
  if (full !== null) throw new SetupError(full);
}

/** A port that is taken is said before ten seconds are spent on starting a database. */
async function refuseTakenPort({ host, port }: Config): Promise<void> {
  if (port === 0) return;
  await new Promise<void>((resolve, reject) => {
    const probe = createSocketServer();
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const taken = `Port ${port} on ${host} is taken, perhaps by a Weftline that already runs. Stop that program, or choose another port: WEFTLINE_PORT=4001.`;
      reject(
        new SetupError(
          cause.code === 'EADDRINUSE'
            ? taken
            : `Cannot listen on ${host}:${port}: ${cause.message}. Check WEFTLINE_HOST and WEFTLINE_PORT.`,
        ),
      );
    });
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

/** Waits for the work, but not for ever: what hangs must not keep the database from being stopped. */
async function bounded(work: Promise<unknown>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
