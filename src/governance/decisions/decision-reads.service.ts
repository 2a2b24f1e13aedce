import type { Actor } from '../../auth/actor.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { DecisionList, DecisionRepository, SeenDecision } from './decision.repository.js';

/** Finds decisions by policies: by their ids, by what they are about, and by what they let through. */
export class DecisionReads {
  constructor(private readonly decisions: DecisionRepository) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, SeenDecision>> {
    return this.decisions.byIds(actor, ids);
  }

  list(
    actor: Actor,
    list: DecisionList,
    ids: readonly string[],
    page: Page,
  ): Promise<Map<string, PageRows<SeenDecision>>> {
    return this.decisions.list(actor, list, ids, page);
  }

  count(actor: Actor, list: DecisionList, ids: readonly string[]): Promise<Map<string, number>> {
    return this.decisions.count(actor, list, ids);
  }
}
