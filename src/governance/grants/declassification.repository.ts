import { type Actor, viewerOf } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import { storedConditions } from '../labels/condition.js';
import { asSeen, type DeclassificationGrant } from './declassification.js';
import * as cypher from './declassification.cypher.js';

/** What of a grant changes after it was asked for. */
export type GrantChanges = Partial<Pick<DeclassificationGrant, 'approvals' | 'approvedAt' | 'rejected' | 'revoked'>>;

export class DeclassificationRepository extends ActorReads {
  /** The code, and the revision of the transformation that has it, are those of this moment. */
  async create(tx: WriteTransaction, grant: DeclassificationGrant): Promise<void> {
    const { id, dimension, from, to, command, codeDigest, reason, requestedById, requestedAt, expiresAt } = grant;
    const plain = { id, dimension, from, to, command, codeDigest, reason, requestedById, requestedAt, expiresAt };
    const conditions = grant.conditions.length === 0 ? null : JSON.stringify(grant.conditions);
    await tx.run(cypher.CREATE_GRANT, {
      transformationId: grant.transformationId,
      grant: { ...plain, conditions, approverIds: [], approvalTimes: [], approverRoles: [] },
    });
  }

  /** Id of the transformation; null: there is no such grant, or the actor may not know of it. */
  async placeOf(tx: WriteTransaction, actor: Actor, id: string): Promise<string | null> {
    const row = await tx.first(cypher.GRANT_PLACE, { id, viewer: viewerOf(actor), now: this.now() });
    return row?.text('transformationId') ?? null;
  }

  async lock(tx: WriteTransaction, id: string): Promise<DeclassificationGrant | null> {
    const row = await tx.first(cypher.LOCK_GRANT, { id, now: this.now() });
    return row && decodeGrant(row);
  }

  async change(
    tx: WriteTransaction,
    id: string,
    { approvals, approvedAt, rejected, revoked }: GrantChanges,
  ): Promise<void> {
    const changes = {
      ...(approvals && {
        approverIds: approvals.map(({ byId }) => byId),
        approvalTimes: approvals.map(({ at }) => at),
        approverRoles: approvals.map(({ isAdmin }) => (isAdmin ? 'ADMIN' : 'OWNER')),
      }),
      ...(approvedAt && { approvedAt }),
      ...(rejected && { rejectedAt: rejected.at, rejectedById: rejected.byId, rejectReason: rejected.reason }),
      ...(revoked && { revokedAt: revoked.at, revokedById: revoked.byId, revokeReason: revoked.reason }),
    };
    await tx.one(cypher.CHANGE_GRANT, { id, changes });
  }

  async countOf(tx: WriteTransaction, transformationId: string): Promise<number> {
    return (await tx.one(cypher.COUNT_GRANTS_OF, { id: transformationId })).int('total');
  }

  /** Ids of who wrote the code of a transformation, as far as it is known here. */
  async codeAuthors(tx: WriteTransaction, transformationId: string): Promise<readonly string[]> {
    return (await tx.one(cypher.CODE_AUTHORS, { id: transformationId })).texts('authors');
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, DeclassificationGrant>> {
    const rows = await this.read(actor, cypher.GRANTS_BY_ID, { ids });
    return new Map(rows.map((row) => [row.row('grant').text('id'), asSeen(actor, decodeGrant(row))]));
  }

  /** Those of each transformation, the newest first. */
  async of(actor: Actor, ids: readonly string[], page: Page): Promise<Map<string, PageRows<DeclassificationGrant>>> {
    const statement = pageStatement(cypher.GRANTS_OF, page);
    const rows = await this.read(actor, statement.cypher, { ids, ...statement.window });
    const seen = (row: Row): DeclassificationGrant => asSeen(actor, decodeGrant(row));
    return new Map(rows.map((row) => [row.text('id'), cutPage(row.rows('grants').map(seen), page)]));
  }

  async count(actor: Actor, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.read(actor, cypher.COUNT_GRANTS, { ids });
    return new Map(rows.map((row) => [row.text('id'), row.int('total')]));
  }
}

function decodeGrant(told: Row): DeclassificationGrant {
  const row = told.row('grant');
  const [times, roles] = [row.times('approvalTimes'), row.texts('approverRoles')];
  return {
    ...{ __typename: 'DeclassificationGrant', id: row.text('id'), transformationId: told.text('transformationId') },
    ...{ dimension: row.text('dimension'), from: row.texts('from'), to: row.texts('to') },
    conditions: storedConditions(row.maybeText('conditions')) ?? [],
    command: row.raw('command') === null ? null : row.texts('command'),
    ...{ codeDigest: row.text('codeDigest'), reason: row.text('reason') },
    ...{ requestedById: row.text('requestedById'), requestedAt: row.time('requestedAt') },
    ...{ expiresAt: row.time('expiresAt'), approvedAt: row.maybeTime('approvedAt') },
    approvals: row.texts('approverIds').flatMap((byId, index) => {
      const at = times[index];
      return at ? [{ byId, at, isAdmin: roles[index] === 'ADMIN' }] : [];
    }),
    ...{ rejected: wordOf(row, 'reject'), revoked: wordOf(row, 'revoke') },
    voidedAt: told.maybeTime('voidedAt'),
  };
}

function wordOf(row: Row, verb: 'reject' | 'revoke'): DeclassificationGrant['rejected'] {
  const past = verb === 'reject' ? 'rejected' : 'revoked';
  const at = row.maybeTime(`${past}At`);
  if (at === null) return null;
  return { at, byId: row.maybeText(`${past}ById`) ?? '', reason: row.maybeText(`${verb}Reason`) ?? '' };
}
