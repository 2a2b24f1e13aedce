import neo4j from 'neo4j-driver';
import { pino } from 'pino';
import { newSigningKey, readSigner } from '../audit/checkpoints/checkpoint.js';
import { CheckpointFiles } from '../audit/checkpoints/checkpoint-files.js';
import { Graph } from '../neo4j/graph.js';
import type { Parts } from '../wiring/parts.js';

/** Parts with which the schema can be made and looked at. They connect to nothing, launch nothing and keep nothing. */
export function unconnectedParts(): Parts {
  const driver = neo4j.driver('bolt://127.0.0.1:1', neo4j.auth.basic('none', 'none'));
  return {
    graph: new Graph(driver, { database: 'neo4j', timeoutMs: 1_000 }),
    launchers: [],
    launchLimits: { modelBytes: 0, logBytes: 0 },
    access: { oidc: null, anonymousDiscovery: false, maxTokenDays: 366, maxGrantDays: 365, newNamespaces: 'anyone' },
    telling: { publicUrl: 'http://127.0.0.1', destinations: [] },
    events: { mostWaiting: 0, mostBytes: 0 },
    policies: {
      needsSecond: false,
      recheckSeconds: 300,
      approvalHours: 72,
      breakGlass: { maxHours: 4, reviewHours: 72 },
    },
    heartbeatSeconds: 60,
    cursorSecret: 'none',
    audit: {
      origin: 'none',
      signer: readSigner(newSigningKey('none').signer),
      verifiers: [],
      files: new CheckpointFiles('none'),
      checkpointSeconds: 60,
      retentionDays: null,
      checkSeconds: 3_600,
      knownDamage: [],
    },
    worker: 'none',
    logger: pino({ level: 'silent' }),
    now: () => new Date(),
  };
}
