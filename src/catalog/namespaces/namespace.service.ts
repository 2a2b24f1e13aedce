import type { Actor } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Visibility } from '../model/asset.js';
import type { Namespace } from '../model/namespace.js';
import type { NamespaceRepository } from './namespace.repository.js';
import { checkAssetName } from '../model/urn.js';

/** So many assets follow in one transaction, and so many revisions are recorded in one: by measure (ADR 18). */
const FOLLOW_AT_ONCE = 50_000;
const RECORD_AT_ONCE = 4_000;

/** Where names live, and what their assets inherit. */
export class NamespaceService {
  constructor(
    private readonly graph: Graph,
    private readonly namespaces: NamespaceRepository,
    private readonly now: () => Date,
  ) {}

  /** null when there is none, or none of which the actor may know. */
  find(actor: Actor, name: string): Promise<Namespace | null> {
    return this.namespaces.find(actor, name);
  }

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Namespace>> {
    return this.namespaces.byIds(actor, ids);
  }

  list(actor: Actor, page: Page): Promise<PageRows<Namespace>> {
    return this.namespaces.list(actor, page);
  }

  count(actor: Actor): Promise<number> {
    return this.namespaces.count(actor);
  }

  /**
   * Sets what the assets of a namespace inherit, and lets those that inherit follow: up to 50,000 in the transaction of
   * the change itself. What is left, and the revisions of many, are written in further ones before this answers. Should
   * these fail, doing the same again ends the work. Throws BAD_USER_INPUT.
   */
  async setVisibility(
    actor: Actor,
    input: { namespace: string; visibility: Visibility; reason?: string | null },
  ): Promise<{ namespace: Namespace; followed: number }> {
    const name = checkAssetName('namespace', input.namespace);
    const first = await this.graph.write(actor.origin, async (tx) => {
      const before = await this.namespaces.lock(tx, name);
      const namespace = await this.namespaces.change(tx, name, { visibility: input.visibility });
      const followed = await this.namespaces.follow(tx, name, FOLLOW_AT_ONCE);
      // Few are done at once; many are hidden or shown first, and their history follows.
      if (followed <= RECORD_AT_ONCE) await this.namespaces.recordFollowers(tx, name, RECORD_AT_ONCE);
      if (before.visibility === namespace.visibility) return { namespace, followed };
      await recordAudit(tx, actor, {
        action: 'namespace:setVisibility',
        targetId: namespace.id,
        targetName: name,
        before: { visibility: before.visibility },
        after: { visibility: namespace.visibility },
        reason: input.reason ?? null,
        at: this.now(),
      });
      return { namespace, followed };
    });
    const more = first.followed < FOLLOW_AT_ONCE ? 0 : await this.repeat(actor, name, FOLLOW_AT_ONCE, 'follow');
    await this.repeat(actor, name, RECORD_AT_ONCE, 'recordFollowers');
    return { namespace: first.namespace, followed: first.followed + more };
  }

  /** Batch by batch until one is not full; each goes by what the namespace is set to at that moment. How many in all. */
  private async repeat(actor: Actor, name: string, limit: number, step: 'follow' | 'recordFollowers'): Promise<number> {
    for (let total = 0; ;) {
      const done = await this.graph.write(actor.origin, async (tx) => {
        await this.namespaces.lock(tx, name);
        return this.namespaces[step](tx, name, limit);
      });
      total += done;
      if (done < limit) return total;
    }
  }
}
