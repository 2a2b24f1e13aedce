import type { Actor } from '../../auth/actor.js';
import type { AuditTail, Placed } from '../../audit/sealing/audit-tail.js';
import type { Violation } from './violation.js';
import type { ViolationReads } from './violation.service.js';

const LIST = 'violationChanged';

/** As the audit log calls it when one begins and ends. */
export const VIOLATION_ACTIONS = { OPENED: 'violation:open', CLOSED: 'violation:close' } as const;
export const VIOLATION_CHANGES = ['OPENED', 'CLOSED'] as const;
export type ViolationChange = (typeof VIOLATION_CHANGES)[number];

export interface ViolationEvent extends Placed {
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
    return this.log.changes(
      actor,
      { list: LIST, after },
      {
        signal,
        actions: VIOLATION_ACTIONS,
        things: this.violations,
        toEvent: (change, violation) => ({ change, violation }),
      },
    );
  }
}
