import { type Actor, actorId, type Role } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, notFound } from '../../errors.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Account } from './principal.js';
import type { AccountAdministrationRepository } from './account-administration.repository.js';

const LAST_ADMIN = 'This is the last enabled ADMIN, and nobody could run the installation. Make another one first.';

/** Who may sign in, and with which role: changed by an ADMIN, and never so that no ADMIN is left. */
export class AccountAdministration {
  constructor(
    private readonly graph: Graph,
    private readonly standing: AccountAdministrationRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Keeps a user or service account out: tokens and sign-ins are refused from now on, and open streams end with their
   * next event. What they own and did stays. Disabling twice changes nothing. Throws NOT_FOUND or BAD_USER_INPUT.
   */
  async disable(actor: Actor, input: { principal: string; reason: string }): Promise<Account> {
    if (input.reason.trim() === '') throw badInput('Say why: the reason is kept in the audit log.');
    if (input.principal === actorId(actor)) throw badInput('You cannot disable yourself. Another ADMIN can.');
    return this.change(actor, input.principal, async (tx, account, otherAdmins) => {
      if (account.disabledAt) return account;
      if (account.role === 'ADMIN' && otherAdmins === 0) throw badInput(LAST_ADMIN);
      const changed = await this.standing.setDisabled(tx, account.id, this.now());
      await this.audit(tx, actor, changed, 'principal:disable', {
        before: { disabledAt: null },
        after: { disabledAt: changed.disabledAt },
        reason: input.reason.trim(),
      });
      return changed;
    });
  }

  /** Lets them sign in again, with the tokens and rights they still have. Enabling twice changes nothing. */
  async enable(actor: Actor, input: { principal: string; reason?: string | null }): Promise<Account> {
    return this.change(actor, input.principal, async (tx, account) => {
      if (!account.disabledAt) return account;
      const changed = await this.standing.setDisabled(tx, account.id, null);
      const change = { before: { disabledAt: account.disabledAt }, after: { disabledAt: null } };
      await this.audit(tx, actor, changed, 'principal:enable', { ...change, reason: input.reason ?? null });
      return changed;
    });
  }

  /** Gives a user or service account another role. Throws NOT_FOUND, or BAD_USER_INPUT for the last ADMIN. */
  async setRole(actor: Actor, input: { user: string; role: Role; reason?: string | null }): Promise<Account> {
    return this.change(actor, input.user, async (tx, account, otherAdmins) => {
      if (account.role === input.role) return account;
      checkServiceAccountRole(account.__typename === 'ServiceAccount' ? input.role : 'MEMBER');
      if (account.role === 'ADMIN' && !account.disabledAt && otherAdmins === 0) throw badInput(LAST_ADMIN);
      const changed = await this.standing.setRole(tx, account.id, input.role);
      const change = { before: { role: account.role }, after: { role: input.role } };
      await this.audit(tx, actor, changed, 'principal:setRole', { ...change, reason: input.reason ?? null });
      return changed;
    });
  }

  /** Runs a change of one account under the lock of all such changes. */
  private change(
    actor: Actor,
    id: string,
    work: (tx: WriteTransaction, account: Account, otherAdmins: number) => Promise<Account>,
  ): Promise<Account> {
    return this.graph.write(actor.origin, async (tx) => {
      const otherAdmins = await this.standing.lockAdministration(tx, id);
      const principal = await this.standing.lock(tx, id);
      if (!principal) throw notFound(`There is no principal ${id}.`);
      if (principal.__typename === 'Team') {
        throw badInput(
          `${principal.name} is a team, and teams do not sign in. Give the id of a user or service account.`,
        );
      }
      return work(tx, principal, otherAdmins);
    });
  }

  private audit(
    tx: WriteTransaction,
    actor: Actor,
    account: Account,
    action: string,
    change: { before: Record<string, unknown>; after: Record<string, unknown>; reason: string | null },
  ): Promise<void> {
    const isUser = account.__typename === 'User';
    return recordAudit(tx, actor, {
      action,
      targetId: account.id,
      targetName: isUser ? account.handle : account.name,
      personal: isUser ? ['/targetName'] : [],
      ...change,
      at: this.now(),
    });
  }
}

/**
 * Behind each act of administration stands a person: a token of a program, copied from a build or a notebook, must not
 * be able to make more of its kind. Throws BAD_USER_INPUT.
 */
export function checkServiceAccountRole(role: Role): void {
  if (role === 'ADMIN') throw badInput('A service account cannot be an ADMIN. Give it the role MEMBER or AUDITOR.');
}
