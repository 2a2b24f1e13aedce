import { type Actor, actorId } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { conflict, notFound } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { foldCase } from '../accounts/fold-case.js';
import type { Team } from '../accounts/principal.js';
import { teamTaken } from '../accounts/principal.repository.js';
import { checkedName } from '../accounts/principal.service.js';
import type { DirectoryRepository, Holdings, LockedPrincipal, NameChange } from './directory.repository.js';

export interface TeamChange {
  team: string;
  reason?: string | null;
}

type LockedTeam = LockedPrincipal & { principal: Team };

/** Teams that are no longer in use. What they did and were granted stays told; nobody acts for them any more. */
export class TeamRetirement {
  constructor(
    private readonly graph: Graph,
    private readonly names: DirectoryRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Retires a team: its members leave, the grants to it end, and it cannot own or be granted anything. Again it changes nothing.
   * Throws NOT_FOUND, or CONFLICT while it owns something, which says what.
   */
  retire(actor: Actor, input: TeamChange): Promise<Team> {
    return this.graph.write(actor.origin, async (tx) => {
      const { principal: team } = await this.lock(tx, input.team);
      if (team.retiredAt) return team;
      checkOwnsNothing(team, await this.names.holdings(tx, team.id));
      const {
        team: retired,
        groupBefore,
        members,
        grants,
        assets,
      } = await this.names.retire(tx, team.id, actorId(actor));
      const before = { retiredAt: null, members, externalGroup: groupBefore };
      const after = { retiredAt: retired.retiredAt, members: [], externalGroup: null, grantsRevoked: grants };
      await this.audit(tx, actor, retired, {
        action: 'team:retire',
        before,
        after,
        reason: input.reason,
        assetIds: assets,
      });
      return retired;
    });
  }

  /**
   * Brings a retired team back, without members and grants; under another name if one is given, which it needs when its own was
   * released and is taken. Again it changes nothing. Throws NOT_FOUND, CONFLICT or BAD_USER_INPUT.
   */
  restore(actor: Actor, input: TeamChange & { name?: string | null }): Promise<Team> {
    const given = input.name == null ? null : checkedName(input.name);
    return this.graph.write(actor.origin, async (tx) => {
      const { principal: team, isReleased } = await this.lock(tx, input.team);
      if (!team.retiredAt) {
        if (given === null || given === team.name) return team;
        throw conflict(`The team "${team.name}" is in use. To rename it use renameTeam.`);
      }
      const name = given ?? team.name;
      const changes: NameChange = isReleased || name !== team.name ? { name, nameKey: foldCase(name) } : {};
      const restored = await this.names.restore(tx, team.id, changes, teamTaken(name));
      const before = { retiredAt: team.retiredAt, name: team.name };
      const after = { retiredAt: null, name: restored.name };
      await this.audit(tx, actor, restored, { action: 'team:restore', before, after, reason: input.reason });
      return restored;
    });
  }

  /** Lets another team have the name of a retired one. Again it changes nothing. Throws NOT_FOUND or CONFLICT. */
  releaseName(actor: Actor, input: TeamChange): Promise<Team> {
    return this.graph.write(actor.origin, async (tx) => {
      const { principal: team, isReleased } = await this.lock(tx, input.team);
      if (!team.retiredAt) throw conflict(`The team "${team.name}" is in use. Retire it first, or rename it.`);
      if (isReleased) return team;
      const released = await this.names.releaseName(tx, team.id);
      const change = { before: { nameReleased: false }, after: { nameReleased: true } };
      await this.audit(tx, actor, released, { action: 'team:releaseName', ...change, reason: input.reason });
      return released;
    });
  }

  private async lock(tx: WriteTransaction, id: string): Promise<LockedTeam> {
    const locked = await this.names.lock(tx, id);
    if (locked?.principal.__typename !== 'Team') throw notFound(`There is no team ${id}.`);
    return locked as LockedTeam;
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    { id, name }: Team,
    told: {
      action: string;
      before: Record<string, unknown>;
      after: Record<string, unknown>;
      reason: string | null | undefined;
      assetIds?: readonly string[];
    },
  ): Promise<void> {
    return recordAudit(tx, actor, {
      ...told,
      targetId: id,
      targetName: name,
      reason: told.reason ?? null,
      at: this.now(),
    });
  }
}

/** Throws CONFLICT for a team that something would be left without an owner by. */
function checkOwnsNothing({ name }: Team, { assets, urns, namespaces }: Holdings): void {
  const parts = [
    ...(assets > 0
      ? [`${counted(assets, 'asset')} (${listed(urns, assets)}): hand them on with offerOwnership or setOwners`]
      : []),
    ...(namespaces.length > 0
      ? [
          `${counted(namespaces.length, 'namespace')} (${listed(namespaces.slice(0, 3), namespaces.length)}): name other owners with setNamespaceOwners`,
        ]
      : []),
  ];
  if (parts.length > 0) throw conflict(`The team "${name}" still owns ${parts.join('; and ')}. Then retire it.`);
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
const listed = (some: readonly string[], all: number): string => `${some.join(', ')}${all > some.length ? ', …' : ''}`;
