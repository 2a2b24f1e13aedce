import type { Logger } from 'pino';
import type { CheckpointOptions } from '../audit/checkpoints/checkpoint.worker.js';
import type { NumberRange } from '../audit/verification/known-damage.js';
import type { Config } from '../config/config.js';
import type { ClearanceFile } from '../governance/clearance/clearance-file.js';
import type { Dimension } from '../governance/labels/label.js';
import type { ResolverClass } from '../graphql/door/schema.js';
import type { Launcher } from '../launchers/port/launcher.js';
import type { Telling } from '../openlineage/outbox/outbox.js';
import type { EventIngest } from '../openlineage/ingest/ingest.port.js';
import type { NamingRules } from '../openlineage/naming/naming-rules.js';
import type { Graph } from '../neo4j/graph.js';
import type { LaunchLimits } from '../training/launch/launch.service.js';

/** What the application is made of. */
export interface Parts {
  graph: Graph;
  launchers: readonly Launcher[];
  launchLimits: LaunchLimits;
  /** Where data that is published may be read, and the home of the server, where none is; absent: nowhere. */
  data?: Pick<Config, 'dataFolders' | 'home'>;
  /** Grams of CO2 equivalents a kWh of the grid; absent or null: not known. */
  gridIntensity?: number | null;
  /** Who may sign in, what callers without a token may see, how long tokens and grants last, and who may use new namespaces. */
  access: Pick<Config, 'oidc' | 'anonymousDiscovery' | 'maxTokenDays' | 'maxGrantDays' | 'newNamespaces'>;
  /** How policies are activated, and how long approvals hold. */
  policies: Pick<Config['policies'], 'needsSecond' | 'approvalHours' | 'recheckSeconds' | 'breakGlass'>;
  /** Health that was reported longer ago is stale. */
  heartbeatSeconds: number;
  /** Secret of this installation: cursors and opaque keys are made with it. */
  cursorSecret: string;
  audit: Pick<CheckpointOptions, 'origin' | 'signer' | 'verifiers' | 'files'> & {
    checkpointSeconds: number;
    /** null: entries are kept for ever. */
    retentionDays: number | null;
    checkSeconds: number;
    knownDamage: readonly NumberRange[];
  };
  /** Dimensions of labels that this site has beside those of every one; absent: none. */
  labelDimensions?: readonly Dimension[];
  /** Who and which places are cleared for what; null or absent: nobody said. */
  clearances?: ClearanceFile | null;
  /** What is told to others of what happens here, and where. */
  telling: Telling;
  /** How much of the events of producers may wait, by which rules their names are others, and what they are given to: the graph, when it is not given. */
  events: { mostWaiting: number; mostBytes: number; naming?: NamingRules; ingest?: EventIngest };
  /** Names this process among all that share the database. */
  worker: string;
  logger: Logger;
  now: () => Date;
}

/** Resolver classes with the objects that answer for them. */
export type ResolverEntries = readonly (readonly [ResolverClass, object])[];
