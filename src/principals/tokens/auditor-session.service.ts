import { type Actor, actorId, readsEverything } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { badInput, notFound } from '../../errors.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { newId } from '../../ids.js';
import type { Graph } from '../../neo4j/graph.js';
import type { AuditorSession } from './auditor-session.js';
import type { AuditorSessionRepository } from './auditor-session.repository.js';
import { checkLife, endOfLife, makersOf } from '../accounts/made-with.js';
import { checkedName } from '../accounts/principal.service.js';
import { mintToken } from './token.js';

const MAX_HOURS = 720;
const USUAL_HOURS = 24;

export interface OpenSession {
  auditor: string;
  reason: string;
  asOf?: Date | null;
  /** Absent: 24, or the rest of the life of the token it is opened with. */
  expiresInHours?: number | null;
}

/** Stays of outside auditors: a token of their own that reads everything as of one time, and ends by itself. */
export class AuditorSessionService {
  constructor(
    private readonly graph: Graph,
    private readonly sessions: AuditorSessionRepository,
    private readonly now: () => Date,
  ) {}

  /**
   * Opens a session and gives its token, this once. Opened with an API token, it ends with that at the latest: it reads
   * everything, as nobody could without having been an ADMIN. Throws BAD_USER_INPUT.
   */
  async open(actor: Actor, input: OpenSession): Promise<{ session: AuditorSession; secret: string }> {
    const session = this.describe(actor, input);
    const token = { ...mintToken(newId()), madeWith: makersOf(actor.credential) };
    return this.graph.write(actor.origin, async (tx) => {
      await this.sessions.open(tx, session, token);
      const { asOf, expiresAt } = session;
      await recordAudit(tx, actor, {
        action: 'auditorSession:open',
        targetId: session.id,
        targetName: session.name,
        after: { asOf, expiresAt, token: token.id },
        reason: session.reason,
        personal: ['/targetName'],
        at: session.createdAt,
      });
      return { session, secret: token.text };
    });
  }

  /** Ends a session at once. Ending it twice changes nothing. Throws NOT_FOUND. */
  async end(actor: Actor, id: string): Promise<AuditorSession> {
    return this.graph.write(actor.origin, async (tx) => {
      const ended = await this.sessions.end(tx, id);
      if (!ended) throw notFound(`There is no auditor session ${id}.`);
      const { session, before } = ended;
      if (before) return session;
      await recordAudit(tx, actor, {
        action: 'auditorSession:end',
        targetId: session.id,
        targetName: session.name,
        after: { endedAt: session.endedAt },
        personal: ['/targetName'],
        at: this.now(),
      });
      return session;
    });
  }

  /** The session the actor is in; null when they are in none. */
  async own(actor: Actor): Promise<AuditorSession | null> {
    const id = actorId(actor);
    return actor.readsAsOf ? ((await this.sessions.byIds(actor, [id])).get(id) ?? null) : null;
  }

  /** Only who reads everything may know of the sessions of others. */
  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, AuditorSession>> {
    return readsEverything(actor)
      ? this.sessions.byIds(actor, ids)
      : Promise.resolve(new Map<string, AuditorSession>());
  }

  list(actor: Actor, liveOnly: boolean, page: Page): Promise<PageRows<AuditorSession>> {
    return this.sessions.list(actor, liveOnly, page);
  }

  count(actor: Actor, liveOnly: boolean): Promise<number> {
    return this.sessions.count(actor, liveOnly);
  }

  private describe(actor: Actor, { auditor, reason, asOf, expiresInHours }: OpenSession): AuditorSession {
    const createdAt = this.now();
    if (reason.trim() === '') throw badInput('Say why the auditor comes: it is kept in the audit log.');
    const asked = expiresInHours ?? null;
    const life = { member: 'expiresInHours', asked, usual: USUAL_HOURS, unitMs: 3_600_000 };
    checkLife(life, MAX_HOURS);
    if (asOf && asOf > createdAt)
      throw badInput(
        `\`asOf\` is ${asOf.toISOString()}, which is in the future. Give a time that has come, or leave it out.`,
      );
    return {
      __typename: 'AuditorSession',
      id: newId(),
      name: checkedName(auditor),
      reason: reason.trim(),
      asOf: asOf ?? createdAt,
      openedById: actorId(actor),
      createdAt,
      expiresAt: endOfLife(actor.credential, life, createdAt),
      endedAt: null,
    };
  }
}
