import { type Actor, viewerOf } from '../../auth/actor.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './health.cypher.js';
import { type Health, HEALTH_STATES, type HealthState, type Heartbeat } from './health.js';

export class HealthRepository {
  constructor(private readonly graph: Graph) {}

  /** Keeps the heartbeat in place of the last one; with the state before, null when it is the first. */
  async beat(
    tx: WriteTransaction,
    deploymentId: string,
    beat: Heartbeat & { reportedById: string },
    now: Date,
  ): Promise<{ before: HealthState | null; health: Health }> {
    const row = await tx.one(cypher.BEAT, { deploymentId, beat, now });
    const before = row.maybeText('before');
    return { before: before === null ? null : stateOf(before), health: decodeHealth(row.row('health')) };
  }

  async of(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, Health>> {
    const parameters = { ids: deploymentIds, viewer: viewerOf(actor) };
    const rows = await this.graph.read(actor.origin, cypher.HEALTH_OF, parameters);
    return new Map(rows.map((row) => decodeHealth(row.row('health'))).map((health) => [health.deploymentId, health]));
  }
}

function decodeHealth(row: Row): Health {
  return {
    deploymentId: row.text('deploymentId'),
    state: stateOf(row.text('state')),
    at: row.time('at'),
    since: row.time('since'),
    message: row.maybeText('message'),
    latencySeconds: row.maybeFloat('latencySeconds'),
    errorRate: row.maybeFloat('errorRate'),
    reportedById: row.text('reportedById'),
    releaseId: row.maybeText('releaseId'),
  };
}

function stateOf(word: string): HealthState {
  const state = HEALTH_STATES.find((each) => each === word);
  if (state === undefined) throw new TypeError(`"${word}" is no state of health.`);
  return state;
}
