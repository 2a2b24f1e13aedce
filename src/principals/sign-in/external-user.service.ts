import { type Actor, type SignedIn, systemActor } from '../../auth/actor.js';
import type { VerifiedToken } from '../../auth/oidc/token-verifier.js';
import { recordAudit } from '../../audit/record/record.js';
import type { OidcConfig } from '../../config/oidc.js';
import { conflict } from '../../errors.js';
import { newId } from '../../ids.js';
import { ConstraintViolation } from '../../neo4j/driver-errors.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import { type ExternalPerson, handlesFor, personOf, roleByGroups, scopesOfToken } from './external-user.js';
import type { ExternalUserRepository, KnownPerson } from './external-user.repository.js';
import type { User } from '../accounts/principal.js';

/**
 * People of the identity provider. The first sign-in makes them known here; a later one writes only when their name,
 * role or teams have changed, so that the common request costs one read, as with an API token.
 */
export class ExternalUserService {
  constructor(
    private readonly graph: Graph,
    private readonly people: ExternalUserRepository,
    private readonly config: Pick<OidcConfig, 'groupsClaim' | 'adminGroup' | 'auditorGroup'>,
    private readonly now: () => Date,
  ) {}

  /** Who the verified token is for, or 'DISABLED' for someone who is kept out. */
  async signIn(origin: QueryOrigin, token: VerifiedToken): Promise<SignedIn | 'DISABLED'> {
    const person = personOf(token, this.config.groupsClaim);
    let known = await this.people.find(origin, person);
    if (!known) {
      await this.makeKnown(origin, token, person);
      known = await this.people.find(origin, person);
      if (!known) throw new Error('A person who was made known is not there.');
    }
    if (known.user.disabledAt) return 'DISABLED';
    if (this.differs(known)) {
      await this.follow(origin, person);
      known = (await this.people.find(origin, person)) ?? known;
    }
    // As they are kept: an older token in hand gives no more than the newest one has said.
    const { name, role } = known.user;
    return {
      id: known.user.id,
      name,
      role,
      scopes: scopesOfToken(token, role),
      principalIds: [known.user.id, ...known.teamIds],
      grants: known.grants,
      expiresAt: token.expiresAt,
    };
  }

  /** Whether what is kept is not yet what the newest token says. A name comes with a token that is new, so it follows that. */
  private differs({ user, groups, isTakenIn, meant, throughGroups }: KnownPerson): boolean {
    const moved = meant.join() !== throughGroups.join();
    return !isTakenIn || moved || roleByGroups(groups, this.config, user.role) !== user.role;
  }

  private async makeKnown(origin: QueryOrigin, token: VerifiedToken, person: ExternalPerson): Promise<void> {
    for (const handle of handlesFor(token)) {
      const user: User = {
        __typename: 'User',
        id: newId(),
        name: person.name ?? handle,
        handle,
        role: roleByGroups(person.groups, this.config, 'MEMBER'),
        issuer: person.issuer,
        createdAt: this.now(),
        disabledAt: null,
      };
      if (await this.create(origin, person, user)) return;
      // Two first requests at the same time: the other one has made them known.
      if (await this.people.find(origin, person)) return;
    }
    throw conflict('Every handle for this person is taken. Ask an administrator to free one.');
  }

  /** Whether it was made; false: the handle is taken, or the person is known by now. */
  private async create(origin: QueryOrigin, person: ExternalPerson, user: User): Promise<boolean> {
    try {
      await this.graph.write(origin, async (tx) => {
        if (!(await this.people.create(tx, person, user))) throw new HandleTaken();
        const teams = await this.people.setGroupTeams(tx, person, person.groups);
        const { handle, role, name } = user;
        await recordAudit(tx, signingIn(origin), {
          action: 'user:create',
          targetId: user.id,
          targetName: handle,
          after: { handle, name, role, teams, issuer: person.issuer, subject: person.subject },
          personal: ['/targetName', '/after/handle', '/after/name', '/after/subject'],
          at: this.now(),
        });
      });
      return true;
    } catch (error) {
      if (error instanceof HandleTaken || error instanceof ConstraintViolation) return false;
      throw error;
    }
  }

  /** Writes what has changed at the identity provider, as far as the token in hand is the newest. */
  private async follow(origin: QueryOrigin, person: ExternalPerson): Promise<void> {
    await this.graph.write(origin, async (tx) => {
      const { user, groups, isNewest, throughGroups } = await this.people.takeIn(tx, person);
      const name = (isNewest ? person.name : null) ?? user.name;
      const role = roleByGroups(groups, this.config, user.role);
      const teams = await this.people.setGroupTeams(tx, person, groups);
      if (name === user.name && role === user.role && teams.join() === throughGroups.join()) return;
      await this.people.update(tx, person, { name, role });
      await recordAudit(tx, signingIn(origin), {
        action: 'user:follow',
        targetId: user.id,
        targetName: user.handle,
        before: { name: user.name, role: user.role, teams: throughGroups },
        after: { name, role, teams },
        personal: ['/targetName', '/before/name', '/after/name'],
        reason: 'So says the identity provider.',
        at: this.now(),
      });
    });
  }
}

/** The transaction cannot go on after a constraint refused: this gives it up. */
class HandleTaken extends Error {}

const signingIn = (origin: QueryOrigin): Actor => ({ ...systemActor('sign-in'), origin });
