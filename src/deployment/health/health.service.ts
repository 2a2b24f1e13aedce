import { type Actor, actorId } from '../../auth/actor.js';
import { may } from '../../auth/rights.js';
import { recordAudit } from '../../audit/record/record.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { badInput, forbidden } from '../../errors.js';
import type { Graph } from '../../neo4j/graph.js';
import { type Health, type Heartbeat, isStale } from './health.js';
import type { ReportHealthInput } from './health.input.js';
import type { HealthRepository } from './health.repository.js';

const MAX_MESSAGE = 1_000;

/** How deployments are, as their monitors say: heartbeats, and what they come to. */
export class HealthService {
  constructor(
    private readonly graph: Graph,
    private readonly rows: HealthRepository,
    private readonly assets: AssetService,
    private readonly options: { heartbeatSeconds: number; now: () => Date },
  ) {}

  /**
   * Keeps a heartbeat. Only a change of state is written to the audit log: a heartbeat comes every few seconds and says
   * mostly what the last one said. Throws NOT_FOUND, FORBIDDEN or BAD_USER_INPUT.
   */
  async report(actor: Actor, input: ReportHealthInput): Promise<{ health: Health; changed: boolean }> {
    const beat = readHeartbeat(input);
    return this.graph.write(actor.origin, async (tx) => {
      const { asset, rights } = await this.assets.look(tx, actor, input.deployment);
      if (asset.kind !== 'DEPLOYMENT') throw badInput(`${asset.urn} is a ${asset.kind}; a DEPLOYMENT is needed here.`);
      if (!may(actor, rights, 'EDIT')) {
        throw forbidden(
          `You may not EDIT ${asset.urn}, so you cannot report its health. Its owners can grant it: ask with requestAccess.`,
        );
      }
      const at = this.options.now();
      const { before, health } = await this.rows.beat(tx, asset.id, { ...beat, reportedById: actorId(actor) }, at);
      const changed = before !== health.state;
      if (changed) {
        await recordAudit(tx, actor, {
          action: 'deployment:health',
          targetId: asset.id,
          targetName: asset.urn,
          assetIds: [asset.id],
          before: { state: before },
          after: { state: health.state, message: health.message, release: health.releaseId },
          at,
        });
      }
      return { health, changed };
    });
  }

  /** The last heartbeat of each; none for one that never had any. */
  of(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, Health>> {
    return this.rows.of(actor, deploymentIds);
  }

  /** An auditor session sees what was stale then. */
  isStale(actor: Actor, health: Health): boolean {
    return isStale(health, actor.readsAsOf ?? this.options.now(), this.options.heartbeatSeconds);
  }
}

function readHeartbeat({ state, message, latencySeconds, errorRate }: ReportHealthInput): Heartbeat {
  if (message != null && [...message].length > MAX_MESSAGE)
    throw badInput(`\`message\` has ${[...message].length} characters; at most ${MAX_MESSAGE} are kept.`);
  if (latencySeconds != null && !(latencySeconds >= 0))
    throw badInput(`\`latencySeconds\` is ${latencySeconds}; it cannot be negative.`);
  if (errorRate != null && !(errorRate >= 0 && errorRate <= 1))
    throw badInput(`\`errorRate\` is ${errorRate}; it must be from 0 to 1.`);
  return {
    state,
    message: message?.trim() || null,
    latencySeconds: latencySeconds ?? null,
    errorRate: errorRate ?? null,
  };
}
