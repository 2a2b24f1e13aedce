import { Arg, Args, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../graphql/connection.type.js';
import type { Context } from '../graphql/context.js';
import { pageOf } from '../graphql/page.js';
import type { Asset } from './asset.js';
import type { AssetService } from './asset.service.js';
import { Dataset, Model } from './asset.type.js';
import type { Version } from './version.js';
import { PublishDatasetVersionInput, PublishModelVersionInput } from './version.input.js';
import type { VersionService } from './version.service.js';
import * as type from './version.type.js';

@Resolver()
export class VersionResolver {
  constructor(private readonly versions: VersionService) {}

  @Mutation(() => type.PublishDatasetVersionPayload, {
    description: 'Publishes an exact version of a data set; needs EDIT.',
  })
  async publishDatasetVersion(
    @Ctx() { actor }: Context,
    @Arg('input', () => PublishDatasetVersionInput, { description: 'The version.' }) input: PublishDatasetVersionInput,
  ): Promise<type.PublishDatasetVersionPayload> {
    return { datasetVersion: await this.versions.publishDatasetVersion(actor, input) };
  }

  @Mutation(() => type.PublishModelVersionPayload, {
    description: 'Publishes an exact version of a model trained elsewhere; needs EDIT.',
  })
  async publishModelVersion(
    @Ctx() { actor }: Context,
    @Arg('input', () => PublishModelVersionInput, { description: 'The version.' }) input: PublishModelVersionInput,
  ): Promise<type.PublishModelVersionPayload> {
    return { modelVersion: await this.versions.publishModelVersion(actor, input) };
  }
}

/** The versions of an asset, batched over a list of assets. */
class VersionLists {
  constructor(private readonly versions: VersionService) {}

  async page(asset: Asset, { actor, loaders }: Context, args: PageArgs): Promise<Connection<Version>> {
    const list = 'versions';
    const page = pageOf(list, args);
    const rows = await loaders.get('asset.versions', asset.id, (ids) => this.versions.of(actor, ids, page), page);
    const count = () => loaders.get('asset.versionCount', asset.id, (ids) => this.versions.countOf(actor, ids));
    return toConnection(list, page, rows, count);
  }

  async latest(asset: Asset, { actor, loaders }: Context): Promise<Version | null> {
    const page = pageOf('versions', { first: 1 });
    const rows = await loaders.get('asset.versions', asset.id, (ids) => this.versions.of(actor, ids, page), page);
    return rows.rows[0] ?? null;
  }
}

@Resolver(() => Dataset)
export class DatasetVersionsResolver {
  private readonly lists: VersionLists;
  constructor(versions: VersionService) {
    this.lists = new VersionLists(versions);
  }

  @FieldResolver(() => type.DatasetVersionConnection, { description: 'Its published versions, the newest first.' })
  versions(
    @Root() dataset: Asset,
    @Ctx() context: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<Version>> {
    return this.lists.page(dataset, context, args);
  }

  @FieldResolver(() => type.DatasetVersion, {
    nullable: true,
    description: 'The newest version; null when none was published.',
  })
  latestVersion(@Root() dataset: Asset, @Ctx() context: Context): Promise<Version | null> {
    return this.lists.latest(dataset, context);
  }
}

@Resolver(() => Model)
export class ModelVersionsResolver {
  private readonly lists: VersionLists;
  constructor(versions: VersionService) {
    this.lists = new VersionLists(versions);
  }

  @FieldResolver(() => type.ModelVersionConnection, { description: 'Its published versions, the newest first.' })
  versions(
    @Root() model: Asset,
    @Ctx() context: Context,
    @Args(() => PageArgs) args: PageArgs,
  ): Promise<Connection<Version>> {
    return this.lists.page(model, context, args);
  }

  @FieldResolver(() => type.ModelVersion, {
    nullable: true,
    description: 'The newest version; null when none was published.',
  })
  latestVersion(@Root() model: Asset, @Ctx() context: Context): Promise<Version | null> {
    return this.lists.latest(model, context);
  }
}

/** Loads the asset a version belongs to: whoever sees the version sees it. */
function assetOf(assets: AssetService, version: Version, { actor, loaders }: Context): Promise<Asset> {
  return loaders.get('asset', version.assetId, (ids) => assets.byIds(actor, ids));
}

@Resolver(() => type.DatasetVersion)
export class DatasetVersionFieldsResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => Dataset, { description: 'The data set it is a state of.' })
  dataset(@Root() version: Version, @Ctx() context: Context): Promise<Asset> {
    return assetOf(this.assets, version, context);
  }
}

@Resolver(() => type.ModelVersion)
export class ModelVersionFieldsResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => Model, { description: 'The model it is a state of.' })
  model(@Root() version: Version, @Ctx() context: Context): Promise<Asset> {
    return assetOf(this.assets, version, context);
  }
}
