import { z } from 'zod';
import { toDataFolders } from '../disk/data-folders.js';
import { lineageSettings } from './lineage.js';
import { oidcSettings } from './oidc.js';
import { webhookSettings } from './webhook.js';

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
