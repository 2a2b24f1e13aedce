import type { WriteTransaction } from '../../neo4j/graph.js';
import { LOCK_PRINCIPAL } from '../accounts/account-administration.cypher.js';
import type { Principal, Team } from '../accounts/principal.js';
import { decodePrincipal, decodeTeam, refused } from '../accounts/principal.decode.js';
import * as cypher from './directory.cypher.js';

/** What a renaming sets. */
export interface NameChange {
  name?: string;
  handle?: string;
  /** Absent: the key stays. */
  nameKey?: string;
}

/** A principal whose lock is held. */
export interface LockedPrincipal {
  principal: Principal;
  /** It has no key of its own: it is a twin, or its name was released. */
  isKeyless: boolean;
  /** Its name was released. */
  isReleased: boolean;
}

/** What a team has that somebody must answer for. */
export interface Holdings {
  assets: number;
  /** Of the first few. */
  urns: string[];
  namespaces: string[];
}

/** What went as a team was retired. */
export interface Retired {
  team: Team;
  groupBefore: string | null;
  members: string[];
  grants: string[];
  /** What they were on. */
  assets: string[];
}

/** Names of principals, and teams in and out of use. */
export class DirectoryRepository {
  constructor(private readonly now: () => Date) {}

  /** null when there is no such principal. */
  async lock(tx: WriteTransaction, id: string): Promise<LockedPrincipal | null> {
    const row = await tx.first(LOCK_PRINCIPAL, { id, now: this.now() });
    if (row === null) return null;
    const kept = row.row('principal');
    const [key, twin] = [kept.maybeText('nameKey'), kept.maybeText('twinOf')];
    return { principal: decodePrincipal(row), isKeyless: key === null, isReleased: key === null && twin === null };
  }

  /** Throws CONFLICT with the message when the key is taken. */
  async rename(tx: WriteTransaction, id: string, changes: NameChange, taken: string): Promise<Principal> {
    const row = await refused(taken, () => tx.one(cypher.RENAME, { id, changes, now: this.now() }));
    return decodePrincipal(row);
  }

  async holdings(tx: WriteTransaction, id: string): Promise<Holdings> {
    const row = await tx.one(cypher.HOLDINGS, { id });
    return { assets: row.int('assets'), urns: row.texts('urns'), namespaces: row.texts('namespaces') };
  }

  async retire(tx: WriteTransaction, id: string, actorId: string): Promise<Retired> {
    const row = await tx.one(cypher.RETIRE_TEAM, { id, actorId, now: this.now() });
    return {
      team: decodeTeam(row.row('principal')),
      groupBefore: row.maybeText('groupBefore'),
      members: row.texts('members'),
      grants: row.texts('grants'),
      assets: row.texts('assets'),
    };
  }

  /** Throws CONFLICT with the message when the key is taken. */
  async restore(tx: WriteTransaction, id: string, changes: NameChange, taken: string): Promise<Team> {
    const row = await refused(taken, () => tx.one(cypher.RESTORE_TEAM, { id, changes, now: this.now() }));
    return decodeTeam(row.row('principal'));
  }

  async releaseName(tx: WriteTransaction, id: string): Promise<Team> {
    return decodeTeam((await tx.one(cypher.RELEASE_NAME, { id })).row('principal'));
  }
}
