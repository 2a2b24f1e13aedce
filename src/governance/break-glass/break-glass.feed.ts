import type { Actor } from '../../auth/actor.js';
import type { AuditTail, Placed } from '../../audit/sealing/audit-tail.js';
import { BREAK_GLASS_ACTIONS, BREAK_GLASS_CHANGES, type BreakGlass, type BreakGlassChange } from './break-glass.js';
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
    return this.log.events(
      actor,
      { list: LIST, after },
      {
        signal,
        cut: async ({ action, targetId }) => {
          const change = BREAK_GLASS_CHANGES.find((each) => BREAK_GLASS_ACTIONS[each] === action);
          if (change === undefined) return [];
          const breakGlass = (await this.glasses.byIds(actor, [targetId])).get(targetId);
          return breakGlass ? [{ change, breakGlass }] : [];
        },
      },
    );
  }
}
