import { z } from 'zod';
import type { Actor } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { Row } from '../../neo4j/row.js';
import type { Statements } from '../../neo4j/statements.js';
import { readStoredAs } from '../../stored-json.js';
import { ACTIONS } from '../policies/facts.js';
import { APPROVAL_STATES, type PolicyApproval } from './approval.js';
import type { DigestedSubject } from './decision.js';
import * as cypher from './decision.cypher.js';
import { storedSubjects } from './decision.repository.js';

export class ApprovalRepository extends ActorReads {
  async create(tx: WriteTransaction, { __typename, subjects, codeAuthors, ...plain }: PolicyApproval): Promise<void> {
    const approval = {
      ...plain,
      subjects: JSON.stringify(subjects),
      codeAuthors: codeAuthors && JSON.stringify(codeAuthors),
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
    changes: Pick<PolicyApproval, 'state' | 'deciderId' | 'decidedAt' | 'reason'>,
  ): Promise<PolicyApproval> {
    return decodeApproval((await tx.one(cypher.DECIDE_APPROVAL, { id, changes })).row('approval'));
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, PolicyApproval>> {
    const rows = await this.read(actor, cypher.APPROVALS_BY_ID, { ids });
    return new Map(
      rows.map((row) => [row.row('approval').text('id'), shown(actor, decodeApproval(row.row('approval')))]),
    );
  }
}

/** To an auditor session, what was decided later is not there. */
function shown({ readsAsOf }: Actor, approval: PolicyApproval): PolicyApproval {
  if (!readsAsOf || !approval.decidedAt || approval.decidedAt <= readsAsOf) return approval;
  return { ...approval, state: 'REQUESTED', deciderId: null, decidedAt: null, reason: null };
}

function decodeApproval(row: Row): PolicyApproval {
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
  };
}
