import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { type Page, pageOf, type PageRows } from '../../graphql/page.js';
import type { Asset } from '../model/asset.js';
import type { AssetService } from '../assets/asset.service.js';
import { Dataset, Model } from '../assets/asset.type.js';
import { type ContentCheck, contentCheckOf } from './content-check.js';
import type { Version } from './version.js';
import { PublishDatasetVersionInput, PublishModelVersionInput } from './version.input.js';
import type { VersionService } from './version.service.js';
import * as type from './version.type.js';

@Resolver()
export class VersionResolver {
  constructor(private readonly versions: VersionService) {}

  @Mutation(() => type.PublishDatasetVersionPayload, {
    description: 'Publishes an exact version of a data set; needs EDIT. Policies decide about it.',
  })
  async publishDatasetVersion(
    @Ctx() { actor }: Context,
    @Arg('input', () => PublishDatasetVersionInput, { description: 'The data set, and the version to publish.' })
    input: PublishDatasetVersionInput,
  ): Promise<type.PublishDatasetVersionPayload> {
    const { version, dryRun } = await this.versions.publishDatasetVersion(actor, input);
    return { datasetVersion: version, dryRun };
  }

  @Mutation(() => type.PublishModelVersionPayload, {
    description: 'Publishes an exact version of a model trained elsewhere; needs EDIT. Policies decide about it.',
  })
  async publishModelVersion(
    @Ctx() { actor }: Context,
    @Arg('input', () => PublishModelVersionInput, { description: 'The model, and the version to publish.' })
    input: PublishModelVersionInput,
  ): Promise<type.PublishModelVersionPayload> {
    const { version, dryRun } = await this.versions.publishModelVersion(actor, input);
    return { modelVersion: version, dryRun };
  }
}

/** What data sets and models have of versions. */
function versionsResolver(
  assetType: typeof Dataset | typeof Model,
  versionType: typeof type.DatasetVersion | typeof type.ModelVersion,
  connectionType: typeof type.DatasetVersionConnection | typeof type.ModelVersionConnection,
) {
  @Resolver(() => assetType)
  class VersionsResolver {
    constructor(private readonly service: VersionService) {}

    @FieldResolver(() => connectionType, { description: 'Its published versions, the newest first.' })
    async versions(
      @Root() asset: Asset,
      @Ctx() context: Context,
      @Args(() => PageArgs) args: PageArgs,
    ): Promise<Connection<Version>> {
      const page = pageOf('versions', args);
      const rows = await this.load(asset, context, page);
      const { actor, loaders } = context;
      const count = () => loaders.get('asset.versionCount', asset.id, (ids) => this.service.countOf(actor, ids));
      return toConnection('versions', page, rows, count);
    }

    @FieldResolver(() => versionType, {
      nullable: true,
      description: 'The newest version; null when none was published.',
    })
    async latestVersion(@Root() asset: Asset, @Ctx() context: Context): Promise<Version | null> {
      return (await this.load(asset, context, pageOf('versions', { first: 1 }))).rows[0] ?? null;
    }

    private load(asset: Asset, { actor, loaders }: Context, page: Page): Promise<PageRows<Version>> {
      return loaders.get('asset.versions', asset.id, (ids) => this.service.of(actor, ids, page), page);
    }
  }
  return VersionsResolver;
}

export const DatasetVersionsResolver = versionsResolver(Dataset, type.DatasetVersion, type.DatasetVersionConnection);
export const ModelVersionsResolver = versionsResolver(Model, type.ModelVersion, type.ModelVersionConnection);

/** Loads the asset a version belongs to: whoever sees the version sees it. It is shown as of when the version is. */
function assetOf(assets: AssetService, version: Version, { actor, loaders }: Context): Promise<Asset> {
  const { assetId, shownAt } = version;
  return loaders.get('asset', assetId, (ids) => assets.byIds(actor, ids, shownAt), shownAt && { shownAt });
}

@Resolver(() => type.DatasetVersion)
export class DatasetVersionFieldsResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => type.ContentCheckType, { description: type.CONTENT_CHECK })
  contentCheck(@Root() version: Version): ContentCheck {
    return contentCheckOf(version.facets);
  }

  @FieldResolver(() => Dataset, { description: 'The data set it is a state of.' })
  dataset(@Root() version: Version, @Ctx() context: Context): Promise<Asset> {
    return assetOf(this.assets, version, context);
  }
}

@Resolver(() => type.ModelVersion)
export class ModelVersionFieldsResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => type.ContentCheckType, { description: type.CONTENT_CHECK })
  contentCheck(@Root() version: Version): ContentCheck {
    return contentCheckOf(version.facets);
  }

  @FieldResolver(() => Model, { description: 'The model it is a state of.' })
  model(@Root() version: Version, @Ctx() context: Context): Promise<Asset> {
    return assetOf(this.assets, version, context);
  }
}
