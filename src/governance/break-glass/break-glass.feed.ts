import type { Actor } from '../../auth/actor.js';
import type { AuditTail, Placed } from '../../audit/sealing/audit-tail.js';
import { BREAK_GLASS_ACTIONS, type BreakGlass, type BreakGlassChange } from './break-glass.js';
import type { BreakGlassService } from './break-glass.service.js';

const LIST = 'breakGlassChanged';

export interface BreakGlassEvent extends Placed {
  change: BreakGlassChange;
  breakGlass: BreakGlass;
}

/** Emergencies, as a stream read from the audit log, cut to what the listener may see at that moment. */
export class BreakGlassFeed {
  constructor(
    private readonly log: AuditTail,
    private readonly glasses: Pick<BreakGlassService, 'byIds'>,
  ) {}

  /** Without a cursor from now on. Throws BAD_USER_INPUT for the cursor of another list. */
  async follow(
    actor: Actor,
    { after }: { after?: string | null },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<BreakGlassEvent>> {
    return this.log.changes(
      actor,
      { list: LIST, after },
      {
        signal,
        actions: BREAK_GLASS_ACTIONS,
        things: this.glasses,
        toEvent: (change, breakGlass) => ({ change, breakGlass }),
      },
    );
  }
}
