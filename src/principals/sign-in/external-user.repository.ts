import type { Role } from '../../auth/actor.js';
import type { ChangesOfRights } from '../../auth/changes-of-rights.js';
import { decodeGranted, HeldGrants } from '../../auth/held-grants.repository.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { ExternalPerson } from './external-user.js';
import * as cypher from './external-user.cypher.js';
import { foldCase } from '../accounts/fold-case.js';
import type { User } from '../accounts/principal.js';
import { decodeUser } from '../accounts/principal.decode.js';

/** A person as they are kept, beside what their token means. */
export interface KnownPerson {
  user: User;
  teamIds: string[];
  grants: HeldGrants;
  /** The teams they are in through groups, and those their token says; both in order. */
  throughGroups: string[];
  meant: string[];
  /** The groups that count: of the token made last, so not always of the one in hand. */
  groups: string[];
  /** The token in hand has been taken in: what is kept is what it says, or what a later one does. */
  isTakenIn: boolean;
}

/** What is kept once a token was taken in. */
export interface TakenIn {
  user: User;
  groups: string[];
  /** No token was seen that was made later. */
  isNewest: boolean;
  throughGroups: string[];
}

export class ExternalUserRepository {
  constructor(
    private readonly graph: Graph,
    private readonly now: () => Date,
    private readonly changes: ChangesOfRights,
  ) {}

  /** null before the first sign-in. */
  async find(origin: QueryOrigin, person: ExternalPerson): Promise<KnownPerson | null> {
    const { now, changes } = this;
    const mark = changes.mark();
    const row = (await this.graph.read(origin, cypher.FIND_EXTERNAL_USER, { ...person, now: now() }))[0];
    if (!row) return null;
    const [groups, toldAt] = [row.texts('groups'), row.maybeInt('toldAt')];
    const isOlder = toldAt !== null && person.issuedAt < toldAt;
    const isSame = person.issuedAt === toldAt && groups.length === row.texts('toldGroups').length;
    const user = decodeUser(row.row('principal'));
    const hasName = person.name === null || person.name === user.name;
    const teamIds = row.texts('teamIds');
    const granted = decodeGranted(row.rows('grants'));
    return {
      user,
      teamIds,
      grants: new HeldGrants([user.id, ...teamIds], { changes, now }, { granted, mark }),
      throughGroups: row.texts('throughGroups'),
      meant: row.texts('meant'),
      groups,
      isTakenIn: isOlder || (isSame && hasName),
    };
  }

  /** null when somebody has the handle, or the person has signed in meanwhile: the transaction is then lost. */
  async create(tx: WriteTransaction, person: ExternalPerson, user: User): Promise<User | null> {
    const { issuer, subject, issuedAt, groups } = person;
    const { id, name, handle, role, createdAt: now } = user;
    try {
      const row = await tx.one(cypher.CREATE_EXTERNAL_USER, {
        ...{ id, issuer, subject, issuedAt, groups },
        ...{ name, handle, nameKey: foldCase(handle), role, now },
      });
      return decodeUser(row.row('principal'));
    } catch (error) {
      if (error instanceof ConstraintViolation) return null;
      throw error;
    }
  }

  /** Lets the token say what it may still say; holds the person for the rest of the transaction. */
  async takeIn(tx: WriteTransaction, person: ExternalPerson): Promise<TakenIn> {
    const { issuer, subject, issuedAt, groups } = person;
    const row = await tx.one(cypher.TAKE_IN_TOKEN, { issuer, subject, issuedAt, groups, now: this.now() });
    return {
      user: decodeUser(row.row('principal')),
      groups: row.texts('groups'),
      isNewest: row.flag('isNewest'),
      throughGroups: row.texts('throughGroups'),
    };
  }

  async update(tx: WriteTransaction, person: ExternalPerson, kept: { name: string; role: Role }): Promise<User> {
    const { issuer, subject } = person;
    return decodeUser(
      (await tx.one(cypher.UPDATE_EXTERNAL_USER, { issuer, subject, ...kept, now: this.now() })).row('principal'),
    );
  }

  /** Puts them into the teams of their groups and out of the others; the teams they are then in through groups. */
  async setGroupTeams(tx: WriteTransaction, person: ExternalPerson, groups: readonly string[]): Promise<string[]> {
    const { issuer, subject } = person;
    const row = await tx.one(cypher.SET_GROUP_TEAMS, { issuer, subject, groups, now: this.now() });
    return row.texts('throughGroups');
  }
}
