import type { AccessService } from '../../access/grants/access.service.js';
import type { Actor } from '../../auth/actor.js';
import type { Loaders } from '../../graphql/loaders.js';
import type { Page, PageRows } from '../../graphql/page.js';
import { CODE, type Reported, reportedIn, type SaidFacet, TELLING } from './reported.js';
import type { PlacedFacet, ReportedRepository, RunSource } from './reported.repository.js';

/** What producers said of assets and runs, as it is shown. */
export class ReportedService {
  constructor(
    private readonly rows: ReportedRepository,
    private readonly access: AccessService,
  ) {}

  /** What they said for people to read. */
  async of(actor: Actor, ids: readonly string[]): Promise<Map<string, Reported>> {
    const said = await this.rows.saidOf(actor, ids, TELLING);
    return new Map(ids.map((id) => [id, reportedIn(said.get(id) ?? [])]));
  }

  /** The facets in which code of jobs is. */
  async codeOf(actor: Actor, ids: readonly string[]): Promise<Map<string, SaidFacet[]>> {
    const said = await this.rows.saidOf(actor, ids, CODE);
    return new Map(ids.map((id) => [id, said.get(id) ?? []]));
  }

  /** Whether the actor may read what can hold code, settings or names of what is hidden: who may EDIT the asset does, and an AUDITOR. */
  async mayRead(actor: Actor, assetId: string, loaders: Loaders): Promise<boolean> {
    if (actor.role === 'AUDITOR') return true;
    const batch = (ids: readonly string[]) => this.access.viewerCan(actor, ids);
    return ((await loaders.find('asset.viewerCan', assetId, batch)) ?? []).includes('EDIT');
  }

  async facetsOf(
    actor: Actor,
    ids: readonly string[],
    name: string | null,
    page: Page,
  ): Promise<Map<string, PageRows<PlacedFacet>>> {
    const found = await this.rows.facetsOf(actor, ids, name, page);
    return new Map(ids.map((id) => [id, found.get(id) ?? { rows: [], more: false }]));
  }

  async countFacetsOf(actor: Actor, ids: readonly string[], name: string | null): Promise<Map<string, number>> {
    const found = await this.rows.countFacetsOf(actor, ids, name);
    return new Map(ids.map((id) => [id, found.get(id) ?? 0]));
  }

  sourcesOfRuns(actor: Actor, ids: readonly string[]): Promise<Map<string, RunSource>> {
    return this.rows.sourcesOfRuns(actor, ids);
  }

  runsCalled(actor: Actor, keys: readonly string[]): Promise<Map<string, string>> {
    return this.rows.runsCalled(actor, keys);
  }
}
