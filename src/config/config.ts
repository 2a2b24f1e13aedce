import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type DataFolder, toDataFolders } from '../disk/data-folders.js';
import { type LineageDestination, lineageProblems, toDestinations, toPublicUrl } from './lineage.js';
import { type OidcConfig, oidcProblems, toOidcConfig } from './oidc.js';
import { settings } from './settings.js';
import { toWebhook, webhookProblems, type WebhookSettings } from './webhook.js';

const environment = z.object(settings);

export interface Config {
  host: string;
  port: number;
  home: string;
  logLevel: string;
  introspection: boolean;
  /** Statements are planned in the background after the start. */
  planAhead: boolean;
  /** Callers without a token may find discoverable assets. */
  anonymousDiscovery: boolean;
  maxTokenDays: number;
  maxGrantDays: number;
  /** Who may be the first to register in a namespace. */
  newNamespaces: 'anyone' | 'administrators';
  policies: {
    /** Where they are read at the start; null: nowhere. */
    folder: string | null;
    needsSecond: boolean;
    approvalHours: number;
    /** The longest time of an emergency, and that for its review. */
    breakGlass: { maxHours: number; reviewHours: number };
    /** All that serves is asked about anew after this time. */
    recheckSeconds: number;
  };
  /** null: only API tokens sign in. */
  oidc: OidcConfig | null;
  /** null: use the embedded server. */
  neo4j: { uri: string; username: string; password: string } | null;
  database: string;
  embeddedHeapMegabytes: number;
  queryTimeoutMs: number;
  limits: {
    bodyBytes: number;
    fieldsBodyBytes: number;
    lineageBodyBytes: number;
    lineageQueue: number;
    lineageQueueBytes: number;
    tokens: number;
    depth: number;
    aliases: number;
    rootFields: number;
    cost: number;
    responseBytes: number;
    streams: number;
  };
  /** What is told to others, and where. */
  telling: { publicUrl: string; destinations: readonly LineageDestination[]; webhook: WebhookSettings | null };
  drainSeconds: number;
  localLauncher: {
    enabled: boolean;
    gpus: number;
    /** Undefined: all the server may use. */
    cpus: number | undefined;
    /** Undefined: all there is. */
    memoryBytes: number | undefined;
    concurrentJobs: number;
    /** Undefined: the user of the server. */
    runAs: string | undefined;
  };
  /** File of launchers; null: the local one alone. */
  namingFile: string | null;
  labelDimensionsFile: string | null;
  clearancesFile: string | null;
  launchersFile: string | null;
  minFreeBytes: number;
  /** Where data that is published may be read. */
  dataFolders: readonly DataFolder[];
  maxModelBytes: number;
  maxLogBytes: number;
  /** Grams of CO2 equivalents a kWh; null: not known. */
  gridIntensity: number | null;
  heartbeatSeconds: number;
  audit: {
    directory: string;
    keyFile: string;
    /** null: by the id of the installation. */
    origin: string | null;
    checkpointSeconds: number;
    /** null: for ever. */
    retentionDays: number | null;
    checkSeconds: number;
    /** Numbers of entries, both ends within. */
    knownDamage: { from: number; to: number }[];
  };
}

/** Thrown by `readConfig`: its message lists every problem found, one a line. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from the environment, once, and lists all problems together.
 * An empty variable counts as absent, as people write it in compose files.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  const problems = parsed.success
    ? [
        ...neo4jProblems(parsed.data),
        ...oidcProblems(parsed.data),
        ...lineageProblems(parsed.data),
        ...webhookProblems(parsed.data),
      ]
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  if (!parsed.success || problems.length > 0) {
    throw new ConfigError(`The configuration has ${problems.length} problem(s):\n  ${problems.join('\n  ')}`);
  }
  return toConfig(parsed.data);
}

function neo4jProblems(data: z.infer<typeof environment>): string[] {
  const parts = ['NEO4J_URI', 'NEO4J_USERNAME', 'NEO4J_PASSWORD'] as const;
  const missing = parts.filter((part) => data[part] === undefined);
  return missing.length === 0 || missing.length === parts.length
    ? []
    : missing.map((part) => `${part}: set all of ${parts.join(', ')}, or none of them for the embedded Neo4j`);
}

/** `57,61-63` */
function toRanges(text: string): { from: number; to: number }[] {
  return text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.split('-').map(Number))
    .map(([from = 0, to = from]) => ({ from, to }));
}

function toConfig(data: z.infer<typeof environment>): Config {
  const { NEO4J_URI: uri, NEO4J_USERNAME: username, NEO4J_PASSWORD: password } = data;
  const home = resolve(data.WEFTLINE_HOME);
  return {
    host: data.WEFTLINE_HOST,
    port: data.WEFTLINE_PORT,
    home,
    logLevel: data.WEFTLINE_LOG_LEVEL,
    introspection: data.WEFTLINE_INTROSPECTION,
    planAhead: data.WEFTLINE_PLAN_AHEAD,
    anonymousDiscovery: data.WEFTLINE_ANONYMOUS_DISCOVERY,
    maxTokenDays: data.WEFTLINE_MAX_TOKEN_DAYS,
    maxGrantDays: data.WEFTLINE_MAX_GRANT_DAYS,
    newNamespaces: data.WEFTLINE_NEW_NAMESPACES,
    policies: {
      folder: data.WEFTLINE_POLICIES === undefined ? null : resolve(data.WEFTLINE_POLICIES),
      needsSecond: data.WEFTLINE_POLICY_SECOND_ADMIN,
      approvalHours: data.WEFTLINE_APPROVAL_HOURS,
      breakGlass: {
        maxHours: data.WEFTLINE_BREAK_GLASS_HOURS,
        reviewHours: data.WEFTLINE_BREAK_GLASS_REVIEW_HOURS,
      },
      recheckSeconds: data.WEFTLINE_POLICY_RECHECK_SECONDS,
    },
    oidc: toOidcConfig(data),
    neo4j: uri && username && password ? { uri, username, password } : null,
    database: data.NEO4J_DATABASE,
    embeddedHeapMegabytes: data.WEFTLINE_NEO4J_HEAP_MB,
    queryTimeoutMs: data.WEFTLINE_QUERY_TIMEOUT_MS,
    limits: {
      bodyBytes: data.WEFTLINE_BODY_LIMIT_BYTES,
      fieldsBodyBytes: data.WEFTLINE_FIELDS_BODY_LIMIT_BYTES,
      lineageBodyBytes: data.WEFTLINE_LINEAGE_BODY_LIMIT_BYTES,
      lineageQueue: data.WEFTLINE_LINEAGE_QUEUE,
      lineageQueueBytes: data.WEFTLINE_LINEAGE_QUEUE_BYTES,
      tokens: data.WEFTLINE_MAX_TOKENS,
      depth: data.WEFTLINE_MAX_DEPTH,
      aliases: data.WEFTLINE_MAX_ALIASES,
      rootFields: data.WEFTLINE_MAX_ROOT_FIELDS,
      cost: data.WEFTLINE_MAX_COST,
      responseBytes: data.WEFTLINE_MAX_RESPONSE_BYTES,
      streams: data.WEFTLINE_MAX_STREAMS,
    },
    telling: { publicUrl: toPublicUrl(data), destinations: toDestinations(data), webhook: toWebhook(data) },
    drainSeconds: data.WEFTLINE_DRAIN_SECONDS,
    localLauncher: {
      enabled: data.WEFTLINE_LOCAL_LAUNCHER,
      gpus: data.WEFTLINE_LOCAL_GPUS,
      cpus: data.WEFTLINE_LOCAL_CPUS,
      memoryBytes: data.WEFTLINE_LOCAL_MEMORY_BYTES,
      concurrentJobs: data.WEFTLINE_LOCAL_JOBS,
      runAs: data.WEFTLINE_LOCAL_RUN_AS,
    },
    labelDimensionsFile: data.WEFTLINE_LABEL_DIMENSIONS === undefined ? null : resolve(data.WEFTLINE_LABEL_DIMENSIONS),
    namingFile: data.WEFTLINE_NAMING_RULES === undefined ? null : resolve(data.WEFTLINE_NAMING_RULES),
    clearancesFile: data.WEFTLINE_CLEARANCES === undefined ? null : resolve(data.WEFTLINE_CLEARANCES),
    launchersFile: data.WEFTLINE_LAUNCHERS === undefined ? null : resolve(data.WEFTLINE_LAUNCHERS),
    minFreeBytes: data.WEFTLINE_MIN_FREE_BYTES,
    dataFolders: toDataFolders(data.WEFTLINE_DATA_FOLDERS ?? '') ?? [],
    maxModelBytes: data.WEFTLINE_MAX_MODEL_BYTES,
    maxLogBytes: data.WEFTLINE_MAX_LOG_BYTES,
    gridIntensity: data.WEFTLINE_GRID_INTENSITY ?? null,
    heartbeatSeconds: data.WEFTLINE_HEARTBEAT_SECONDS,
    audit: {
      directory: resolve(data.WEFTLINE_AUDIT_DIRECTORY ?? join(home, 'audit')),
      keyFile: resolve(data.WEFTLINE_AUDIT_KEY_FILE ?? join(home, 'audit-key')),
      origin: data.WEFTLINE_AUDIT_ORIGIN ?? null,
      checkpointSeconds: data.WEFTLINE_AUDIT_CHECKPOINT_SECONDS,
      retentionDays: data.WEFTLINE_AUDIT_RETENTION_DAYS ?? null,
      checkSeconds: data.WEFTLINE_AUDIT_CHECK_SECONDS,
      knownDamage: toRanges(data.WEFTLINE_AUDIT_KNOWN_DAMAGE ?? ''),
    },
  };
}
