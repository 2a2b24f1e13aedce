import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { Deployment } from '../../catalog/assets/asset.type.js';
import { shownThen } from '../../catalog/model/as-of.js';
import type { Version } from '../../catalog/versions/version.js';
import type { VersionService } from '../../catalog/versions/version.service.js';
import { ModelVersion } from '../../catalog/versions/version.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import type { Release } from './release.js';
import type { ReleaseService } from './release.service.js';
import { ReleaseConnection, ReleaseType } from './release.type.js';

@Resolver(() => ReleaseType)
export class ReleaseFieldsResolver {
  constructor(
    private readonly releases: ReleaseService,
    private readonly assets: AssetService,
    private readonly versions: VersionService,
    private readonly principals: PrincipalService,
  ) {}

  @FieldResolver(() => Deployment, { nullable: true, description: 'The deployment; null when you may not see it.' })
  async deployment(@Root() release: Release, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    const { deploymentId, shownAt } = release;
    const batch = (ids: readonly string[]) => this.assets.byIds(actor, ids, shownAt);
    return (await loaders.find('asset', deploymentId, batch, shownAt && { shownAt })) ?? null;
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'The model version; null when you may not see it.',
  })
  async modelVersion(@Root() release: Release, @Ctx() { actor, loaders }: Context): Promise<Version | null> {
    const { modelVersionId, shownAt } = release;
    const version = await loaders.find('version', modelVersionId, (ids) => this.versions.byIds(actor, ids));
    return version ? shownThen(version, shownAt ?? null) : null;
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who released it.' })
  releasedBy(@Root() release: Release, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', release.releasedById, (ids) => this.principals.byIds(actor, ids));
  }

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description: 'The earlier release whose model version it took up again; null when it was no rollback.',
  })
  rolledBackTo(@Root() release: Release, @Ctx() context: Context): Promise<Release | null> {
    return this.another(release, release.rolledBackToId, context);
  }

  @FieldResolver(() => ReleaseType, {
    nullable: true,
    description:
      'The release on another deployment that it was promoted from; null when it was not, or you may not see that deployment.',
  })
  promotedFrom(@Root() release: Release, @Ctx() context: Context): Promise<Release | null> {
    return this.another(release, release.promotedFromId, context);
  }

  private async another({ shownAt }: Release, id: string | null, { actor, loaders }: Context): Promise<Release | null> {
    if (id === null) return null;
    const found = await loaders.find('release', id, (ids) => this.releases.byIds(actor, ids));
    return found ? shownThen(found, shownAt ?? null) : null;
  }
}

@Resolver(() => Deployment)
export class DeploymentReleasesResolver {
  constructor(private readonly service: ReleaseService) {}

  @FieldResolver(() => ReleaseType, { nullable: true, description: 'The current release; null when nothing does.' })
  async current(@Root() deployment: Asset, @Ctx() { actor, loaders }: Context): Promise<Release | null> {
    return (
      (await loaders.find('deployment.current', deployment.id, (ids) => this.service.currentOf(actor, ids))) ?? null
    );
  }

  @FieldResolver(() => ReleaseConnection, { description: 'All that served here, the newest first.' })
  async releases(
    @Root() deployment: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<Release>> {
    const page = pageOf('releases', args);
    const rows = await loaders.get(
      'deployment.releases',
      deployment.id,
      (ids) => this.service.of(actor, ids, page),
      page,
    );
    const count = () =>
      loaders.get('deployment.releaseCount', deployment.id, (ids) => this.service.countOf(actor, ids));
    return toConnection('releases', page, rows, count);
  }
}

@Resolver(() => ModelVersion)
export class ModelVersionReleasesResolver {
  constructor(private readonly service: ReleaseService) {}

  @FieldResolver(() => [ReleaseType], {
    description: 'The releases of it, the newest first, where you may see it.',
  })
  servedBy(@Root() version: Version, @Ctx() { actor, loaders }: Context): Promise<Release[]> {
    return loaders.get('modelVersion.servedBy', version.id, (ids) => this.service.servedBy(actor, ids));
  }
}
