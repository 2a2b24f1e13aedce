import type { Actor } from '../../auth/actor.js';
import type { AuditTail } from '../../audit/sealing/audit-tail.js';
import type { AssetEvent } from '../../audit/entries/audit.js';
import type { Violation } from './violation.js';
import type { ViolationReads } from './violation.service.js';

const LIST = 'violationChanged';

/** As the audit log calls it when one begins and ends. */
export const VIOLATION_ACTIONS = { OPENED: 'violation:open', CLOSED: 'violation:close' } as const;
export const VIOLATION_CHANGES = ['OPENED', 'CLOSED'] as const;
export type ViolationChange = (typeof VIOLATION_CHANGES)[number];

export interface ViolationEvent {
  cursor: string;
  at: Date;
  change: ViolationChange;
  violation: Violation;
}

/** Violations that begin and end, as a stream read from the audit log, cut to what the listener may see at that moment. */
export class ViolationFeed {
  constructor(
    private readonly log: AuditTail,
    private readonly violations: ViolationReads,
  ) {}

  /** Without a cursor from now on. Throws BAD_USER_INPUT for the cursor of another list. */
  async follow(
    actor: Actor,
    { after }: { after?: string | null },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<ViolationEvent>> {
    return this.cut(actor, await this.log.follow(actor, { list: LIST, after }, signal));
  }

  private async *cut(actor: Actor, entries: AsyncGenerator<AssetEvent>): AsyncGenerator<ViolationEvent> {
    for await (const entry of entries) {
      const change = VIOLATION_CHANGES.find((each) => VIOLATION_ACTIONS[each] === entry.action);
      if (change === undefined) continue;
      const violation = (await this.violations.byIds(actor, [entry.targetId])).get(entry.targetId);
      if (violation) yield { cursor: this.log.cursorOf(LIST, entry), at: entry.at, change, violation };
    }
  }
}
