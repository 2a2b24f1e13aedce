import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type DataFolder, toDataFolders } from './disk/data-folders.js';
import {
  type LineageDestination,
  lineageProblems,
  lineageSettings,
  toDestinations,
  toPublicUrl,
} from './config.lineage.js';
import { toWebhook, webhookProblems, type WebhookSettings, webhookSettings } from './config.webhook.js';
import { type OidcConfig, oidcProblems, oidcSettings, toOidcConfig } from './config.oidc.js';

const port = z.coerce.number().int().min(0).max(65535);
const positive = z.coerce.number().int().positive();
const flag = z
  .enum(['true', 'false', '1', '0', 'on', 'off'])
  .transform((word) => word === 'true' || word === '1' || word === 'on');

/** Every environment variable Weftline reads, with its default and meaning: the table of docs/configuration.md is made from it. */
export const settings = {
  WEFTLINE_HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  WEFTLINE_PORT: port.default(4000).describe('Port to listen on; 0 takes a free one.'),
  WEFTLINE_HOME: z
    .string()
    .min(1)
    .default('.weftline')
    .describe('Folder for what this installation keeps: the embedded Neo4j, job folders, the admin token.'),
  WEFTLINE_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least serious log line written.'),
  WEFTLINE_INTROSPECTION: flag.default(true).describe('Whether the schema can be asked for, which GraphiQL needs.'),
  WEFTLINE_PLAN_AHEAD: flag
    .default(true)
    .describe('Whether the database is made to plan the statements in the background, before people ask them.'),
  WEFTLINE_ANONYMOUS_DISCOVERY: flag
    .default(false)
    .describe('Whether callers without a token may find discoverable assets, and do nothing else.'),
  WEFTLINE_MAX_TOKEN_DAYS: positive.max(366).default(366).describe('Longest life of an API token, in days.'),
  WEFTLINE_MAX_GRANT_DAYS: positive
    .max(3_660)
    .default(365)
    .describe('Longest time for which access may be granted, in days; grants given before stay.'),
  WEFTLINE_NEW_NAMESPACES: z
    .enum(['anyone', 'administrators'])
    .default('anyone')
    .describe('Who may register in a namespace that nobody has used or set yet: `anyone` or `administrators`.'),
  WEFTLINE_POLICIES: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Folder of policies (docs/policies.md) that is active from each start on; without it, what an ADMIN activated.',
    ),
  WEFTLINE_POLICY_SECOND_ADMIN: flag
    .default(false)
    .describe('Whether a set of policies is activated only once a second ADMIN activates it too.'),
  WEFTLINE_APPROVAL_HOURS: positive
    .max(8_784)
    .default(72)
    .describe('Time from when policies ask for an approval until it is worth nothing, in hours.'),
  WEFTLINE_BREAK_GLASS_HOURS: positive
    .max(168)
    .default(4)
    .describe('The longest time for which an emergency is declared (docs/break-glass.md), in hours.'),
  WEFTLINE_BREAK_GLASS_REVIEW_HOURS: positive
    .max(8_784)
    .default(72)
    .describe('Time from the end of an emergency until it has to be reviewed, in hours.'),
  WEFTLINE_POLICY_RECHECK_SECONDS: positive
    .max(86_400)
    .default(300)
    .describe(
      'Time after which policies are asked anew of all that serves, whatever changed: so what only time changes is found.',
    ),
  ...oidcSettings,
  NEO4J_URI: z
    .string()
    .regex(/^(neo4j|bolt)(\+s|\+ssc)?:\/\/.+/, 'must start with neo4j://, neo4j+s://, bolt:// or bolt+s://')
    .optional()
    .describe('Your own Neo4j 5.26+ or 2026.x; without it the embedded one is started.'),
  NEO4J_USERNAME: z.string().min(1).optional().describe('User of that Neo4j.'),
  NEO4J_PASSWORD: z.string().min(1).optional().describe('Password of that user.'),
  NEO4J_DATABASE: z.string().min(1).default('neo4j').describe('Database of that Neo4j.'),
  WEFTLINE_NEO4J_HEAP_MB: positive.default(512).describe('Java heap of the embedded Neo4j, in MiB.'),
  WEFTLINE_QUERY_TIMEOUT_MS: positive.default(15_000).describe('Longest a database transaction may run.'),
  WEFTLINE_BODY_LIMIT_BYTES: positive.default(1_048_576).describe('Largest accepted request body.'),
  WEFTLINE_FIELDS_BODY_LIMIT_BYTES: positive
    .default(8_388_608)
    .describe('Largest accepted body of a request that is one setFields and nothing else, of who has signed in.'),
  WEFTLINE_LINEAGE_BODY_LIMIT_BYTES: positive
    .max(268_435_456)
    .default(10_485_760)
    .describe('Largest accepted body of events of OpenLineage, counted after inflating, of who may report.'),
  WEFTLINE_LINEAGE_QUEUE: positive
    .default(10_000)
    .describe(
      'Most events of OpenLineage that wait to be taken; more are answered 429, and their clients send them again.',
    ),
  ...lineageSettings,
  ...webhookSettings,
  WEFTLINE_LINEAGE_QUEUE_BYTES: positive
    .default(67_108_864)
    .describe(
      'Most bytes, after inflating, of bodies of events that are read or wait to be taken; more are answered 429.',
    ),
  WEFTLINE_NAMING_RULES: z
    .string()
    .min(1)
    .optional()
    .describe(
      'YAML or JSON file of rules by which names of data sets and jobs in events are others (docs/openlineage.md).',
    ),
  WEFTLINE_LABEL_DIMENSIONS: z
    .string()
    .min(1)
    .optional()
    .describe('YAML or JSON file of dimensions of labels that this site has of its own (docs/labels.md).'),
  WEFTLINE_CLEARANCES: z
    .string()
    .min(1)
    .optional()
    .describe(
      'YAML or JSON file of who and which places are cleared for what, as policies are told (docs/policy-decisions.md).',
    ),
  WEFTLINE_MAX_TOKENS: positive.default(2_000).describe('Most lexical tokens in a GraphQL document.'),
  WEFTLINE_MAX_DEPTH: positive.default(15).describe('Deepest nesting of a GraphQL operation.'),
  WEFTLINE_MAX_ALIASES: positive.default(30).describe('Most aliases in a GraphQL operation.'),
  WEFTLINE_MAX_ROOT_FIELDS: positive.default(20).describe('Most fields at the top of a GraphQL operation.'),
  WEFTLINE_MAX_COST: positive.default(20_000).describe('Highest computed cost of a GraphQL operation.'),
  WEFTLINE_MAX_RESPONSE_BYTES: positive.default(8_388_608).describe('Largest answer to a GraphQL operation.'),
  WEFTLINE_MAX_STREAMS: positive.default(20).describe('Most subscriptions one principal may hold open at once.'),
  WEFTLINE_DRAIN_SECONDS: positive.default(10).describe('Longest to wait for open requests when stopping.'),
  WEFTLINE_LOCAL_LAUNCHER: flag.default(true).describe('Whether jobs may run as child processes of this machine.'),
  WEFTLINE_LOCAL_GPUS: z.coerce.number().int().min(0).default(0).describe('GPUs the local launcher may give to jobs.'),
  WEFTLINE_LOCAL_CPUS: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('CPUs the local launcher may give to jobs that ask for some; without it, all that the server may use.'),
  WEFTLINE_LOCAL_MEMORY_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Memory that jobs of the local launcher may reserve, in bytes; without it, all of the machine.'),
  WEFTLINE_LOCAL_JOBS: positive.default(2).describe('Jobs the local launcher runs at the same time.'),
  WEFTLINE_LOCAL_RUN_AS: z
    .string()
    .min(1)
    .optional()
    .describe('User jobs of the local launcher run as (docs/launchers/README.md); without it, that of the server.'),
  WEFTLINE_LAUNCHERS: z
    .string()
    .min(1)
    .optional()
    .describe(
      'YAML file of launchers (docs/launchers/README.md); with it, the settings of the one local launcher do not count.',
    ),
  WEFTLINE_MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(67_108_864)
    .describe('Room to stay free where the server writes, in bytes; with less it is not ready and takes no jobs.'),
  WEFTLINE_DATA_FOLDERS: z
    .string()
    .refine((text) => toDataFolders(text) !== null, 'must be absolute paths, as /data/shared,payments=/data/payments')
    .optional()
    .describe(
      'Folders in which the server reads data that is published, as `/data/shared,payments=/data/payments`: the first for all who may publish, the second for the namespace `payments` alone. They learn size, digest and columns of what lies there. None when not set.',
    ),
  WEFTLINE_MAX_MODEL_BYTES: positive.default(5_368_709_120).describe('Largest output of a training job, in bytes.'),
  WEFTLINE_MAX_LOG_BYTES: positive.default(67_108_864).describe('Log kept per attempt of a job, in bytes.'),
  WEFTLINE_GRID_INTENSITY: z.coerce
    .number()
    .min(0)
    .max(5_000)
    .optional()
    .describe('Grams of CO2 equivalents per kWh of the grid the machines run on; without it no carbon is told.'),
  WEFTLINE_HEARTBEAT_SECONDS: positive
    .default(60)
    .describe('Longest between two heartbeats of a deployment before its health counts as stale.'),
  WEFTLINE_AUDIT_DIRECTORY: z
    .string()
    .min(1)
    .optional()
    .describe('Folder for signed checkpoints of the audit log; `audit` in `WEFTLINE_HOME` when not set.'),
  WEFTLINE_AUDIT_KEY_FILE: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Key that signs checkpoints, made when missing; `audit-key` in `WEFTLINE_HOME` when not set. Servers that share a database share it.',
    ),
  WEFTLINE_AUDIT_ORIGIN: z
    .string()
    .regex(/^[^\s+]{1,200}$/, 'must be 1 to 200 characters without space and plus sign')
    .optional()
    .describe('Names the audit log in its checkpoints; `weftline/<id of the installation>` when not set.'),
  WEFTLINE_AUDIT_CHECKPOINT_SECONDS: positive
    .max(86_400)
    .default(60)
    .describe('Time between two checkpoints of a growing audit log.'),
  WEFTLINE_AUDIT_RETENTION_DAYS: positive
    .optional()
    .describe('Days that entries of the audit log are kept; for ever when not set. Their hashes are kept always.'),
  WEFTLINE_AUDIT_CHECK_SECONDS: positive
    .max(31_536_000)
    .default(3_600)
    .describe('Time from the end of a check of the whole audit log to the next; servers of one database take turns.'),
  WEFTLINE_AUDIT_KNOWN_DAMAGE: z
    .string()
    .regex(/^\d{1,15}(-\d{1,15})?(,\d{1,15}(-\d{1,15})?)*$/, 'must be numbers and ranges: 57,61-63')
    .optional()
    .describe(
      'Numbers of entries of the audit log that were found damaged and looked into, as 57,61-63: they no longer make the server not ready.',
    ),
} as const;

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
