import { ROLES, type Role } from '../../auth/actor.js';
import type { Graph, QueryOrigin } from '../../neo4j/graph.js';
import type { PolicyApproval } from '../decisions/approval.js';
import { type ApprovalRepository, decodeApproval } from '../decisions/approval.repository.js';
import { DUE_APPROVAL, DUE_APPROVALS, REQUESTER_NOW } from '../decisions/decision.cypher.js';

/** Who asked, as they are now. */
export interface RequesterNow {
  name: string;
  role: Role;
  teamIds: readonly string[];
  /** What they asked with was taken from them. */
  isRevoked: boolean;
}

/** What was approved and is to be done. */
export class GoingOnRepository {
  constructor(
    private readonly graph: Graph,
    private readonly approvals: ApprovalRepository,
  ) {}

  async due(origin: QueryOrigin, now: Date): Promise<PolicyApproval[]> {
    return (await this.graph.read(origin, DUE_APPROVALS, { now })).map((row) => decodeApproval(row.row('approval')));
  }

  /** null: it is not due, or is done. */
  async dueById(origin: QueryOrigin, id: string, now: Date): Promise<PolicyApproval | null> {
    const [row] = await this.graph.read(origin, DUE_APPROVAL, { id, now });
    return row ? decodeApproval(row.row('approval')) : null;
  }

  /** null: there is none such, or they are disabled. */
  async requester(origin: QueryOrigin, { requesterId: id, tokenId }: PolicyApproval): Promise<RequesterNow | null> {
    const [row] = await this.graph.read(origin, REQUESTER_NOW, { id, tokenId });
    if (!row) return null;
    const role = ROLES.find((each) => each === row.text('role')) ?? 'MEMBER';
    return { name: row.text('name'), role, teamIds: row.texts('teamIds'), isRevoked: row.flag('revoked') };
  }

  /** Where it was not told by who did it meanwhile. */
  tell(origin: QueryOrigin, id: string, changes: Parameters<ApprovalRepository['tell']>[2]): Promise<void> {
    return this.graph.write(origin, (tx) => this.approvals.tell(tx, id, changes));
  }
}
