import type { AccessService } from '../../access/grants/access.service.js';
import { type Actor, readsEverything } from '../../auth/actor.js';
import type { Loaders } from '../../graphql/loaders.js';
import type { Facts } from '../policies/facts.js';
import type { PolicyDecision } from './decision.js';
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

/** Facts of a decision for who asks, and the names of those that are not for them. */
export interface ToldFacts {
  facts: Partial<Facts>;
  withheld: string[];
}

/**
 * Who reads what only who asked for a launch knew: its purpose is for whom that of the job is for, its quota for whom that of the team is
 * for. All else of a decision is for whoever sees what it is about.
 */
export class FactsAccess {
  constructor(private readonly access: AccessService) {}

  async told(actor: Actor, decision: PolicyDecision, loaders: Loaders): Promise<ToldFacts> {
    const { facts, action, actorId } = decision;
    if (action !== 'launchTraining' || actor.id === actorId) return { facts, withheld: [] };
    const withheld = [
      ...(facts.purpose === undefined || (await this.readsPurpose(actor, decision, loaders)) ? [] : ['purpose']),
      ...(facts.quota === undefined || readsEverything(actor) ? [] : ['quota']),
    ];
    const told = Object.entries(facts).filter(([name]) => !withheld.includes(name));
    return { facts: Object.fromEntries(told), withheld };
  }

  /** An AUDITOR, and whoever may EDIT the transformation or what comes of it. */
  private async readsPurpose(
    actor: Actor,
    { resourceId, subjects }: PolicyDecision,
    loaders: Loaders,
  ): Promise<boolean> {
    if (actor.role === 'AUDITOR') return true;
    const outputs = subjects.filter(({ part }) => part === 'OUTPUT').map(({ assetId }) => assetId);
    const can = await Promise.all(
      [resourceId, ...outputs].map((id) =>
        loaders.find('asset.viewerCan', id, (ids) => this.access.viewerCan(actor, ids)),
      ),
    );
    return can.some((actions) => actions?.includes('EDIT'));
  }
}
