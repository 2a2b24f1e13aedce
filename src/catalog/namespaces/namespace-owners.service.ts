import { type Actor, administers } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, forbidden } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import { isAmong, type Namespace, type Registration } from '../model/namespace.js';
import type { NamespaceChange, NamespaceRepository } from './namespace.repository.js';
import { checkAssetName } from '../model/urn.js';

const MAX_OWNERS = 50;
const MAX_REGISTRARS = 500;
const MAX_SILENCE_SECONDS = 366 * 86_400;

export interface SetOwners {
  namespace: string;
  owners: readonly string[];
  reason?: string | null;
}

export interface SetRegistration {
  namespace: string;
  /** Absent: as it is; null: by the visibility. */
  registration?: Registration | null;
  /** Absent: as they are; null: none. */
  registrars?: readonly string[] | null;
  reason?: string | null;
}

export interface SetRuns {
  namespace: string;
  /** Absent or null: no run is overdue there. */
  overdueAfterSeconds?: number | null;
  reason?: string | null;
}

/** Who owns namespaces, and whom these let register there. Owning one gives no sight of what others own in it. */
export class NamespaceOwners {
  constructor(
    private readonly graph: Graph,
    private readonly namespaces: NamespaceRepository,
    private readonly now: () => Date,
  ) {}

  /** Replaces the owners. What is so already stays without a trace. Throws FORBIDDEN or BAD_USER_INPUT. */
  async setOwners(actor: Actor, input: SetOwners): Promise<Namespace> {
    const name = checkAssetName('namespace', input.namespace);
    const ownerIds = checkedIds('owners', input.owners, MAX_OWNERS);
    return this.graph.write(actor.origin, async (tx) => {
      const { before, isNew } = await this.lockFor(tx, actor, name);
      if (!isNew && isSame(before.ownerIds, ownerIds)) return before;
      const living = await this.checkHolders(tx, ownerIds, before.ownerIds);
      const isLeftAlone = ownerIds.length === 0 ? !administers(actor) : living === 0;
      if (isLeftAlone) {
        throw badInput(
          `The namespace "${name}" would be left without an owner who can act: name one. An ADMIN may leave it without any, and then says alone who may register.`,
        );
      }
      const told = { before: { owners: before.ownerIds }, after: { owners: ownerIds }, reason: input.reason };
      return this.change(tx, actor, before, { ownerIds }, { action: 'namespace:setOwners', ...told });
    });
  }

  /** Says who may register. What is so already stays without a trace. Throws FORBIDDEN or BAD_USER_INPUT. */
  async setRegistration(actor: Actor, input: SetRegistration): Promise<Namespace> {
    const name = checkAssetName('namespace', input.namespace);
    if (input.registration === undefined && input.registrars === undefined) {
      throw badInput('Nothing is to be changed. Give `registration`, `registrars` or both.');
    }
    const wanted = input.registrars && checkedIds('registrars', input.registrars, MAX_REGISTRARS);
    return this.graph.write(actor.origin, async (tx) => {
      const { before, isNew } = await this.lockFor(tx, actor, name);
      const set = before.registrationSet ? before.registration : null;
      const registration = input.registration === undefined ? set : input.registration;
      const registrarIds = wanted === undefined ? before.registrarIds : (wanted ?? []);
      if (!isNew && registration === set && isSame(before.registrarIds, registrarIds)) return before;
      await this.checkHolders(tx, registrarIds, before.registrarIds);
      const told = {
        before: { registration: set, registrars: before.registrarIds },
        after: { registration, registrars: registrarIds },
        reason: input.reason,
      };
      const changes = { registration, registrarIds };
      return this.change(tx, actor, before, changes, { action: 'namespace:setRegistration', ...told });
    });
  }

  /** Says after which silence a run there is overdue. What is so already stays without a trace. Throws FORBIDDEN or BAD_USER_INPUT. */
  async setRuns(actor: Actor, input: SetRuns): Promise<Namespace> {
    const name = checkAssetName('namespace', input.namespace);
    const seconds = input.overdueAfterSeconds ?? null;
    if (seconds !== null && (seconds < 1 || seconds > MAX_SILENCE_SECONDS))
      throw badInput(
        `\`overdueAfterSeconds\` is ${seconds}; it must be from 1 to ${MAX_SILENCE_SECONDS}, a year. Give null for runs that are never overdue.`,
      );
    return this.graph.write(actor.origin, async (tx) => {
      const { before, isNew } = await this.lockFor(tx, actor, name);
      if (!isNew && before.runsOverdueAfterSeconds === seconds) return before;
      const told = {
        before: { runsOverdueAfterSeconds: before.runsOverdueAfterSeconds },
        after: { runsOverdueAfterSeconds: seconds },
        reason: input.reason,
      };
      const changes = { runsOverdueAfterSeconds: seconds };
      return this.change(tx, actor, before, changes, { action: 'namespace:setRuns', ...told });
    });
  }

  /**
   * Locks a namespace that the actor may manage, and makes it for an ADMIN when nobody has used it. Whoever may not is refused
   * before anything is locked or made, in the same words whether there is one. To make one is a change: everyone may register
   * there then. Throws FORBIDDEN.
   */
  private async lockFor(
    tx: WriteTransaction,
    actor: Actor,
    name: string,
  ): Promise<{ before: Namespace; isNew: boolean }> {
    const refused = (): Error =>
      forbidden('Only an owner of the namespace, or an ADMIN whose token has the ADMIN scope, may do this.');
    const { known, owns } = await this.namespaces.terms(tx, actor, name);
    if (!administers(actor) && !owns) throw refused();
    const before = await this.namespaces.lock(tx, name);
    if (!administers(actor) && !isAmong(actor, before.ownerIds)) throw refused();
    return { before, isNew: !known };
  }

  /** How many of them can act. Throws BAD_USER_INPUT for one that is not there, or is disabled and comes in new. */
  private async checkHolders(tx: WriteTransaction, ids: readonly string[], before: readonly string[]): Promise<number> {
    const holders = await this.namespaces.holders(tx, ids);
    for (const id of ids) {
      const holder = holders.get(id);
      if (!holder) throw badInput(`There is no user, service account or team ${id.slice(0, 60)}. Give ids of some.`);
      if (holder.disabled && !before.includes(id)) throw badInput(`${id} is disabled. Name somebody who can act.`);
    }
    return [...holders.values()].filter(({ living }) => living).length;
  }

  private async change(
    tx: WriteTransaction,
    actor: Actor,
    { id, name }: Namespace,
    changes: NamespaceChange,
    told: {
      action: string;
      before: Record<string, unknown>;
      after: Record<string, unknown>;
      reason?: string | null | undefined;
    },
  ): Promise<Namespace> {
    const reason = told.reason ?? null;
    await recordAudit(tx, actor, { ...told, targetId: id, targetName: name, reason, at: this.now() });
    return this.namespaces.change(tx, name, changes);
  }
}

/** Each once. Throws BAD_USER_INPUT when there are too many. */
function checkedIds(what: string, ids: readonly string[], most: number): string[] {
  const once = [...new Set(ids)];
  if (once.length > most)
    throw badInput(`${once.length} ${what} are too many; at most ${most} are possible. Use teams.`);
  return once;
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}
