import type { Actor } from '../auth/actor.js';
import { recordAudit } from '../audit/record.js';
import type { Page, PageRows } from '../graphql/page.js';
import type { Graph } from '../neo4j/graph.js';
import type { Visibility } from './asset.js';
import type { Namespace } from './namespace.js';
import type { NamespaceRepository } from './namespace.repository.js';
import { checkAssetName } from './urn.js';

/** So many assets follow in one transaction: measured at about a quarter of the time one may take (ADR 18). */
const BATCH = 20_000;

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
   * Sets what the assets of a namespace inherit, and lets those that inherit follow: up to 20,000 in the transaction of
   * the change itself, the others in further ones before this answers. Should these fail, the namespace already counts for
   * what is registered, and doing the same again brings the others after. Throws BAD_USER_INPUT.
   */
  async setVisibility(
    actor: Actor,
    input: { namespace: string; visibility: Visibility; reason?: string | null },
  ): Promise<{ namespace: Namespace; followed: number }> {
    const name = checkAssetName('namespace', input.namespace);
    const first = await this.graph.write(actor.origin, async (tx) => {
      const before = await this.namespaces.lock(tx, name);
      const namespace = await this.namespaces.setVisibility(tx, name, input.visibility);
      const followed = await this.namespaces.follow(tx, name, BATCH);
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
    return {
      namespace: first.namespace,
      followed: first.followed + (await this.followOn(actor, name, first.followed)),
    };
  }

  /** What is left after a full batch, batch by batch; each goes by what the namespace is set to at that moment. */
  private async followOn(actor: Actor, name: string, done: number): Promise<number> {
    let followed = 0;
    for (let last = done; last === BATCH; followed += last) {
      last = await this.graph.write(actor.origin, async (tx) => {
        await this.namespaces.lock(tx, name);
        return this.namespaces.follow(tx, name, BATCH);
      });
    }
    return followed;
  }
}
