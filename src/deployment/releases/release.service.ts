import type { Actor } from '../../auth/actor.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { Release } from './release.js';
import type { ReleaseRepository } from './release.repository.js';

/** Which model version serves where, and when it did. */
export class ReleaseService {
  constructor(private readonly releases: ReleaseRepository) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, Release>> {
    return this.releases.byIds(actor, ids);
  }

  currentOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, Release>> {
    return this.releases.currentOf(actor, deploymentIds);
  }

  of(actor: Actor, deploymentIds: readonly string[], page: Page): Promise<Map<string, PageRows<Release>>> {
    return this.releases.of(actor, deploymentIds, page);
  }

  countOf(actor: Actor, deploymentIds: readonly string[]): Promise<Map<string, number>> {
    return this.releases.countOf(actor, deploymentIds);
  }

  servedBy(actor: Actor, versionIds: readonly string[]): Promise<Map<string, Release[]>> {
    return this.releases.servedBy(actor, versionIds);
  }
}
