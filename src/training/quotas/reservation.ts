import type { DenialReason } from '../../access/explanation/denial.js';
import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { Statements } from '../../neo4j/statements.js';
import { type Demand, quotaDenials, type QuotaStanding } from './quota.js';
import type { QuotaRepository } from './quota.repository.js';

/** Which team a launch is charged to, and what is in the way. */
export interface Charge {
  /** null: no team is charged. */
  teamId: string | null;
  demand: Demand;
  /** As they stand before the launch. */
  quotas: QuotaStanding[];
  reasons: DenialReason[];
}

export interface ChargeAsked {
  /** null: the one team of the actor that has a quota. */
  team: string | null;
  launcher: string | null;
  demand: Demand;
  /** Nobody else takes of the quotas before the transaction ends. */
  lock: boolean;
}

/** Finds the team that a launch is charged to, and whether its quotas leave room. Reserves nothing: the job itself does. */
export class QuotaReservation {
  constructor(private readonly quotas: QuotaRepository) {}

  /** Throws BAD_USER_INPUT for a team the actor is not in, when several could be meant, or for a time limit that is missing. */
  async charge(statements: Statements, actor: Actor, asked: ChargeAsked): Promise<Charge> {
    const { launcher, demand, lock } = asked;
    const teamId = await this.teamFor(statements, actor, asked);
    const quotas =
      teamId === null ? [] : await this.quotas.forLaunch(statements, { teamIds: [teamId], launcher, lock });
    const timed = quotas.find((quota) => quota.gpuHours !== null);
    if (timed && demand.gpus > 0 && demand.timeoutSeconds === null) {
      throw badInput(
        `\`timeoutSeconds\` is needed: the team "${timed.teamName}" has a quota of GPU-hours, of which the GPUs times this limit are reserved.`,
      );
    }
    return { teamId, demand, quotas, reasons: quotaDenials(quotas, demand) };
  }

  private async teamFor(statements: Statements, actor: Actor, { team, launcher }: ChargeAsked): Promise<string | null> {
    const teamIds = actor.principalIds.filter((id) => id !== actor.id);
    if (team !== null) {
      if (teamIds.includes(team)) return team;
      throw badInput(`You are not in a team ${team}. ${await this.ownTeams(statements, teamIds)}`);
    }
    if (teamIds.length === 0) return null;
    const quotas = await this.quotas.forLaunch(statements, { teamIds, launcher, lock: false });
    const having = new Map(quotas.map((quota) => [quota.teamId, quota.teamName]));
    if (having.size > 1) {
      const names = [...having].map(([id, name]) => `"${name}" (${id})`).join(', ');
      throw badInput(`\`team\` is needed: you are in several teams with a quota, ${names}. Name the one to charge.`);
    }
    return [...having.keys()][0] ?? null;
  }

  private async ownTeams(statements: Statements, teamIds: readonly string[]): Promise<string> {
    const teams = await this.quotas.teamsAmong(statements, teamIds);
    if (teams.size === 0) return 'You are in no team: leave `team` out.';
    return `You are in ${[...teams].map(([id, name]) => `"${name}" (${id})`).join(', ')}.`;
  }
}
