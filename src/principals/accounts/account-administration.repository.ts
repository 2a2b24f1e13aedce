import type { Role } from '../../auth/actor.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Account, Principal } from './principal.js';
import { decodeAccount, decodePrincipal } from './principal.decode.js';
import * as cypher from './account-administration.cypher.js';

export class AccountAdministrationRepository {
  constructor(private readonly now: () => Date) {}

  /** Waits for all others who change who is an ADMIN; how many enabled ADMINs there are besides that one. */
  async lockAdministration(tx: WriteTransaction, except: string): Promise<number> {
    return (await tx.one(cypher.LOCK_ADMINISTRATION, { except, now: this.now() })).int('otherAdmins');
  }

  /** null when there is no such principal. */
  async lock(tx: WriteTransaction, id: string): Promise<Principal | null> {
    const row = await tx.first(cypher.LOCK_PRINCIPAL, { id, now: this.now() });
    return row && decodePrincipal(row);
  }

  /** null enables it. */
  async setDisabled(tx: WriteTransaction, id: string, disabledAt: Date | null): Promise<Account> {
    return decodeAccount(await tx.one(cypher.SET_DISABLED, { id, disabledAt, now: this.now() }));
  }

  async setRole(tx: WriteTransaction, id: string, role: Role): Promise<Account> {
    return decodeAccount(await tx.one(cypher.SET_ROLE, { id, role, now: this.now() }));
  }
}
