import type { Actor } from '../../auth/actor.js';
import type { AssetEvent } from '../../audit/entries/audit.js';
import type { AuditTail } from '../../audit/sealing/audit-tail.js';
import { BREAK_GLASS_ACTIONS, BREAK_GLASS_CHANGES, type BreakGlass, type BreakGlassChange } from './break-glass.js';
import type { BreakGlassService } from './break-glass.service.js';

const LIST = 'breakGlassChanged';

export interface BreakGlassEvent {
  cursor: string;
  at: Date;
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
    return this.cut(actor, await this.log.follow(actor, { list: LIST, after }, signal));
  }

  private async *cut(actor: Actor, entries: AsyncGenerator<AssetEvent>): AsyncGenerator<BreakGlassEvent> {
    for await (const entry of entries) {
      const change = BREAK_GLASS_CHANGES.find((each) => BREAK_GLASS_ACTIONS[each] === entry.action);
      if (change === undefined) continue;
      const breakGlass = (await this.glasses.byIds(actor, [entry.targetId])).get(entry.targetId);
      if (breakGlass) yield { cursor: this.log.cursorOf(LIST, entry), at: entry.at, change, breakGlass };
    }
  }
}
