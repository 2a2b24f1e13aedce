import type { Actor } from '../../auth/actor.js';
import type { AuditTail, Placed } from '../../audit/sealing/audit-tail.js';
import type { AccessService } from './access.service.js';
import type { GrantService } from './grant.service.js';

const LIST = 'accessRequestChanged';

/** What the entries of the audit log about access are about. */
const ABOUT: Readonly<Record<string, 'request' | 'grant'>> = {
  'access:request': 'request',
  'access:decide': 'request',
  'access:withdraw': 'request',
  'access:grant': 'grant',
  'access:revoke': 'grant',
};

export interface AccessRequestEvent extends Placed {
  action: string;
  /** One of the two is null. */
  requestId: string | null;
  grantId: string | null;
}

/** What happens to requests and grants, as a stream read from the audit log, cut to whom it concerns. */
export class AccessFeed {
  constructor(
    private readonly log: AuditTail,
    private readonly access: AccessService,
    private readonly grants: GrantService,
  ) {}

  /** Without a cursor from now on. Throws BAD_USER_INPUT for the cursor of another list. */
  async follow(
    actor: Actor,
    { after }: { after?: string | null },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<AccessRequestEvent>> {
    return this.log.events(
      actor,
      { list: LIST, after },
      {
        signal,
        cut: async ({ action, targetId }) => {
          const about = ABOUT[action];
          if (about === undefined || !(await this.concerns(actor, about, targetId))) return [];
          const [requestId, grantId] = about === 'request' ? [targetId, null] : [null, targetId];
          return [{ action, requestId, grantId }];
        },
      },
    );
  }

  private async concerns(actor: Actor, about: 'request' | 'grant', id: string): Promise<boolean> {
    const found = about === 'request' ? this.access.requestsByIds(actor, [id]) : this.grants.byIds(actor, [id]);
    return (await found).size > 0;
  }
}
