import { z } from 'zod';
import { type Actor, administers, SCOPES } from '../../auth/actor.js';
import { decodeRights, may } from '../../auth/rights.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { readStoredAs } from '../../json/stored.js';
import { ACTIONS } from '../policies/facts.js';
import { APPROVAL_STATES, CONTINUATIONS, type PolicyApproval } from './approval.js';
import type { DigestedSubject } from './decision.js';
import { type AskedFor, readRequest } from './request.js';
import * as cypher from './decision.cypher.js';
import { storedSubjects } from './decision.repository.js';

export class ApprovalRepository extends ActorReads {
  async create(
    tx: WriteTransaction,
    { __typename, subjects, codeAuthors, scopes, ...plain }: PolicyApproval,
  ): Promise<void> {
    const approval = {
      ...plain,
      subjects: JSON.stringify(subjects),
      codeAuthors: codeAuthors && JSON.stringify(codeAuthors),
      scopes: scopes.join(' '),
    };
    await tx.run(cypher.CREATE_APPROVAL, { approval });
  }

  /** Those of one subject, the newest first. */
  async of(statements: Statements, subject: string): Promise<PolicyApproval[]> {
    return (await statements.run(cypher.APPROVALS_OF, { subject })).map((row) => decodeApproval(row.row('approval')));
  }

  async lock(tx: WriteTransaction, id: string): Promise<PolicyApproval | null> {
    const row = await tx.first(cypher.LOCK_APPROVAL, { id, now: this.now() });
    return row && decodeApproval(row.row('approval'));
  }

  async decide(
    tx: WriteTransaction,
    id: string,
    changes: Pick<
      PolicyApproval,
      'state' | 'deciderId' | 'decidedAt' | 'reason' | 'continuation' | 'dueAt' | 'request'
    >,
  ): Promise<PolicyApproval> {
    return decodeApproval((await tx.one(cypher.DECIDE_APPROVAL, { id, changes })).row('approval'));
  }

  /** That what was asked for has come about, or why it does not, or when it is tried again: where it was not told before. */
  async tell(
    tx: WriteTransaction,
    id: string,
    changes: Partial<
      Pick<PolicyApproval, 'continuation' | 'stoppedBecause' | 'allowedId' | 'endedAt' | 'dueAt' | 'attempts'>
    >,
  ): Promise<void> {
    await tx.run(cypher.TELL_CONTINUATION, { id, changes, isOver: changes.endedAt !== undefined });
  }

  /** The newest first. */
  async list(actor: Actor, conditions: ApprovalConditions, page: Page): Promise<PageRows<SeenApproval>> {
    const statement = pageStatement(cypher.LIST_APPROVALS, page);
    const parameters = { ...conditions, ...statement.window, viewerId: actor.id };
    const { rows, more } = cutPage(await this.read(actor, statement.cypher, parameters), page);
    const ids = rows.map((row) => row.text('id'));
    const found = await this.byIds(actor, ids);
    return { rows: ids.flatMap((id) => found.get(id) ?? []), more };
  }

  async count(actor: Actor, conditions: ApprovalConditions): Promise<number> {
    const rows = await this.read(actor, cypher.COUNT_APPROVALS, { ...conditions, viewerId: actor.id });
    return rows[0]?.int('total') ?? 0;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, SeenApproval>> {
    const rows = await this.read(actor, cypher.APPROVALS_BY_ID, { ids });
    return new Map(
      rows.map((row) => {
        const approval = shown(actor, decodeApproval(row.row('approval')));
        const rights = row.maybeRow('rights');
        const decides = rights === null ? administers(actor) : may(actor, decodeRights(rights), 'MANAGE_OWNERS');
        const isConcerned = !actor.readsAsOf && (decides || approval.requesterId === actor.id);
        return [approval.id, { ...approval, shownRequest: isConcerned ? readRequest(approval.request) : null }];
      }),
    );
  }
}

/** Which approvals are listed; null in a member: no such condition. */
export interface ApprovalConditions {
  states: readonly string[] | null;
  isOpen: boolean | null;
  askedByMe: boolean | null;
}

/** An approval, with what was asked for where the viewer may decide it, or asked. */
export type SeenApproval = PolicyApproval & { shownRequest: AskedFor | null };

/** To an auditor session, what was decided later is not there. */
function shown({ readsAsOf }: Actor, approval: PolicyApproval): PolicyApproval {
  if (!readsAsOf) return approval;
  const wasDecided = approval.decidedAt !== null && approval.decidedAt <= readsAsOf;
  const hadEnded = approval.endedAt !== null && approval.endedAt <= readsAsOf;
  const open = { state: 'REQUESTED', deciderId: null, decidedAt: null, reason: null } as const;
  const goesOn = approval.continuation !== 'ASK_AGAIN';
  const before = wasDecided && approval.state === 'APPROVED' ? ('DUE' as const) : ('WAITING' as const);
  return {
    ...approval,
    ...(wasDecided ? {} : open),
    ...(hadEnded || !goesOn ? {} : { continuation: before, stoppedBecause: null, allowedId: null, endedAt: null }),
  };
}

/** An approval as it is kept. */
export function decodeApproval(row: Row): PolicyApproval {
  const authors = row.maybeText('codeAuthors');
  return {
    __typename: 'PolicyApproval',
    id: row.text('id'),
    action: ACTIONS.find((action) => action === row.text('action')) ?? 'export',
    ...{ subject: row.text('subject'), resourceId: row.text('resourceId'), resourceUrn: row.text('resourceUrn') },
    subjects: readStoredAs<DigestedSubject[]>(row.text('subjects'), storedSubjects, () => []),
    ...{
      subjectsDigest: row.text('subjectsDigest'),
      decisionId: row.text('decisionId'),
      requesterId: row.text('requesterId'),
    },
    codeAuthors: authors === null ? null : readStoredAs<string[]>(authors, z.array(z.string()), () => []),
    state: APPROVAL_STATES.find((state) => state === row.text('state')) ?? 'REJECTED',
    ...{ requestedAt: row.time('requestedAt'), expiresAt: row.time('expiresAt') },
    ...{
      deciderId: row.maybeText('deciderId'),
      decidedAt: row.maybeTime('decidedAt'),
      reason: row.maybeText('reason'),
    },
    ...{ request: row.maybeText('request'), requestDigest: row.maybeText('requestDigest') },
    scopes: SCOPES.filter((scope) => row.maybeText('scopes')?.split(' ').includes(scope)),
    tokenId: row.maybeText('tokenId'),
    continuation: CONTINUATIONS.find((each) => each === row.maybeText('continuation')) ?? 'ASK_AGAIN',
    ...{ dueAt: row.maybeTime('dueAt'), attempts: row.maybeInt('attempts') ?? 0 },
    ...{ stoppedBecause: row.maybeText('stoppedBecause'), allowedId: row.maybeText('allowedId') },
    endedAt: row.maybeTime('endedAt'),
  };
}
