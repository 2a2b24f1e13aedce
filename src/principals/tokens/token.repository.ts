import { type Actor, type Scope, viewerOf } from '../../auth/actor.js';
import type { ChangesOfRights, ReadMark } from '../../auth/changes-of-rights.js';
import { decodeGranted, HeldGrants } from '../../auth/held-grants.repository.js';
import type { Graph, QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { ReportLimits } from '../../auth/report-limits.js';
import type { Row } from '../../neo4j/row.js';
import { decodeSession } from './auditor-session.repository.js';
import type { AuditorSession } from './auditor-session.js';
import type { Account, ApiToken } from '../accounts/principal.js';
import { decodeAccount, decodeToken, grouped, reportLimitsOf, scopesOf } from '../accounts/principal.decode.js';
import * as cypher from './token.cypher.js';

/** A token as it is checked, with whose it is. */
export interface TokenHolder {
  hash: string;
  scopes: Scope[];
  expiresAt: Date;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  madeWith: string[];
  reportLimits: ReportLimits | null;
  /** None of the tokens it was made with has been revoked, has ended, or belongs to somebody who is kept out. */
  makersStand: boolean;
  account: Account | AuditorSession;
  teamIds: string[];
  grants: HeldGrants;
}

export class TokenRepository {
  constructor(
    private readonly graph: Graph,
    private readonly sources: { changes: ChangesOfRights; now: () => Date },
  ) {}

  async tokensOf(actor: Actor, accountIds: readonly string[]): Promise<Map<string, ApiToken[]>> {
    const rows = await this.graph.read(actor.origin, cypher.TOKENS_OF, { ids: accountIds, viewer: viewerOf(actor) });
    return grouped(accountIds, rows, (row) =>
      row.rows('tokens').map((token) => tokenAsThen(decodeToken(token), actor.readsAsOf)),
    );
  }

  /** null when there is no such user or service account, or it is disabled. */
  async create(tx: WriteTransaction, userId: string, token: ApiToken, hash: string) {
    const { id, name, scopes, createdAt: now, expiresAt, madeWith, reportLimits } = token;
    const row = await tx.first(cypher.CREATE_TOKEN, {
      ...{ userId, id, name, hash, scopes, now, expiresAt, madeWith },
      ...{ reportNamespaces: reportLimits?.namespaces ?? [], reportJobs: reportLimits?.jobs ?? [] },
    });
    return row && { token: decodeToken(row.row('token')), holder: holderOf(row) };
  }

  /** null when there is no such token, or the actor may not revoke it. */
  async revoke(tx: WriteTransaction, by: { id: string; actorId: string; isAdmin: boolean; now: Date }) {
    const row = await tx.first(cypher.REVOKE_TOKEN, { ...by });
    return row && { token: decodeToken(row.row('token')), holder: holderOf(row) };
  }

  /** `mark`: from before this was asked. */
  async holder(origin: QueryOrigin, tokenId: string, now: Date, mark: ReadMark): Promise<TokenHolder | null> {
    const row = (await this.graph.read(origin, cypher.AUTHENTICATE, { tokenId, now }))[0];
    if (!row) return null;
    const account = row.text('kind') === 'AuditorSession' ? decodeSession(row.row('principal')) : decodeAccount(row);
    const teamIds = row.texts('teamIds');
    const granted = decodeGranted(row.rows('grants'));
    return {
      hash: row.text('hash'),
      scopes: scopesOf(row),
      expiresAt: row.time('expiresAt'),
      revokedAt: row.maybeTime('revokedAt'),
      lastUsedAt: row.maybeTime('lastUsedAt'),
      madeWith: row.texts('madeWith'),
      reportLimits: reportLimitsOf(row),
      makersStand: row.flag('makersStand'),
      account,
      teamIds,
      grants: new HeldGrants([account.id, ...teamIds], this.sources, { granted, mark }),
    };
  }

  async touch(origin: QueryOrigin, tokenId: string, now: Date): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.TOUCH_TOKEN, { tokenId, now }));
  }
}

/** The token as it was at the time of an auditor session: what came later is not there. A later use hides an earlier one. */
function tokenAsThen(token: ApiToken, then: Date | undefined): ApiToken {
  const past = (time: Date | null): Date | null => (then && time && time > then ? null : time);
  return { ...token, revokedAt: past(token.revokedAt), lastUsedAt: past(token.lastUsedAt) };
}

function holderOf(row: Row): { name: string; isPerson: boolean } {
  return { name: row.text('holderName'), isPerson: row.text('kind') === 'User' };
}
