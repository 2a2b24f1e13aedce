import { isDeepStrictEqual } from 'node:util';
import { type Actor, readsEverything } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, notFound } from '../../errors.js';
import type { Graph } from '../../neo4j/graph.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import type { Quota, QuotaStanding } from './quota.js';
import type { QuotaRepository } from './quota.repository.js';
import type { SetQuotaInput } from './quota.type.js';

/** Setting what teams may take, and seeing what is left. */
export class QuotaService {
  constructor(
    private readonly graph: Graph,
    private readonly quotas: QuotaRepository,
    private readonly launchers: LauncherRegistry,
    private readonly now: () => Date,
  ) {}

  /** Sets a quota, or takes it away when it limits nothing: null then. Throws NOT_FOUND for the team, or BAD_USER_INPUT. */
  async set(actor: Actor, input: SetQuotaInput): Promise<QuotaStanding | null> {
    const quota = readQuota(input, this.now());
    if (quota.launcher !== null) this.launchers.choose(quota.launcher);
    const { teamId, launcher } = quota;
    const isNone = quota.runningGpus === null && quota.gpuHours === null;
    await this.graph.write(actor.origin, async (tx) => {
      const name = await this.quotas.lockTeam(tx, teamId);
      if (name === null) throw notFound(`There is no team ${teamId}. Find teams with principals.`);
      const before = await this.quotas.find(tx, teamId, launcher);
      const [had, wanted] = [before && told(before), isNone ? null : told(quota)];
      if (isDeepStrictEqual(had, wanted)) return;
      if (isNone) await this.quotas.remove(tx, teamId, launcher);
      else await this.quotas.write(tx, quota);
      await recordAudit(tx, actor, {
        action: 'quota:set',
        targetId: teamId,
        targetName: name,
        before: had,
        after: wanted,
        reason: input.reason ?? null,
        at: this.now(),
      });
    });
    if (isNone) return null;
    return (await this.quotas.of(actor.origin, [teamId])).find((each) => each.launcher === launcher) ?? null;
  }

  /** All of them for who reads everything, else those of one's teams. Quotas have no history: an auditor session sees none. */
  async list(actor: Actor): Promise<QuotaStanding[]> {
    if (actor.readsAsOf) return [];
    if (readsEverything(actor)) return this.quotas.all(actor.origin);
    return this.quotas.of(actor.origin, actor.principalIds);
  }

  /** The quotas of the teams by their ids; null for a team whose quotas the actor may not know. */
  async ofTeams(actor: Actor, teamIds: readonly string[]): Promise<Map<string, QuotaStanding[] | null>> {
    const may = (id: string): boolean =>
      !actor.readsAsOf && (readsEverything(actor) || (actor.id !== null && actor.principalIds.includes(id)));
    const found = await this.quotas.of(actor.origin, teamIds.filter(may));
    return new Map(teamIds.map((id) => [id, may(id) ? found.filter(({ teamId }) => teamId === id) : null]));
  }
}

function readQuota(input: SetQuotaInput, changedAt: Date): Quota {
  const { team: teamId, period, runningGpus = null, gpuHours = null } = input;
  if (runningGpus !== null && runningGpus < 0)
    throw badInput(`\`runningGpus\` is ${runningGpus}; it must be 0 or more.`);
  if (gpuHours !== null && !(gpuHours >= 0 && gpuHours <= 1e9))
    throw badInput(`\`gpuHours\` is ${gpuHours}; it must be from 0 to 1,000,000,000.`);
  return { teamId, launcher: input.launcher ?? null, runningGpus, gpuHours, period, changedAt };
}

function told({ launcher, runningGpus, gpuHours, period }: Quota): Record<string, unknown> {
  return { launcher, runningGpus, gpuHours, period };
}
