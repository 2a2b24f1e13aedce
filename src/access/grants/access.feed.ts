import type { Actor } from '../../auth/actor.js';
import type { AssetEvent } from '../../audit/entries/audit.js';
import type { AuditTail } from '../../audit/sealing/audit-tail.js';
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

export interface AccessRequestEvent {
  cursor: string;
  at: Date;
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
    return this.cut(actor, await this.log.follow(actor, { list: LIST, after }, signal));
  }

  private async *cut(actor: Actor, entries: AsyncGenerator<AssetEvent>): AsyncGenerator<AccessRequestEvent> {
    for await (const entry of entries) {
      const about = ABOUT[entry.action];
      if (about === undefined || !(await this.concerns(actor, about, entry.targetId))) continue;
      yield {
        cursor: this.log.cursorOf(LIST, entry),
        at: entry.at,
        action: entry.action,
        requestId: about === 'request' ? entry.targetId : null,
        grantId: about === 'grant' ? entry.targetId : null,
      };
    }
  }

  private async concerns(actor: Actor, about: 'request' | 'grant', id: string): Promise<boolean> {
    const found = about === 'request' ? this.access.requestsByIds(actor, [id]) : this.grants.byIds(actor, [id]);
    return (await found).size > 0;
  }
}
