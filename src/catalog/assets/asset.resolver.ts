import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, Ctx, FieldResolver, Info, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Actor } from '../../auth/actor.js';
import { actionsOf } from '../../auth/rights.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import { CONSISTENCY_ARGUMENT } from '../../graphql/consistency.js';
import type { Context } from '../../graphql/context.js';
import type { Loaders } from '../../graphql/loaders.js';
import { DEFAULT_PAGE, pageOf } from '../../graphql/page.js';
import { selects } from '../../graphql/selection.js';
import { DateTime } from '../../graphql/scalars.js';
import { AssetRef } from '../model/ref.scalars.js';
import type { Asset, AssetField } from '../model/asset.js';
import { FacetBucket } from '../model/facet.type.js';
import * as input from './asset.input.js';
import * as payload from './asset.payload.js';
import type { AssetWithPeople } from './asset.repository.js';
import type { AssetService } from './asset.service.js';
import { AssetConnection, AssetType, Dataset, FieldType } from './asset.type.js';

@Resolver()
export class AssetResolver {
  constructor(private readonly assets: AssetService) {}

  @Query(() => AssetType, {
    nullable: true,
    description: 'One asset by id or urn; null when there is none that you may see.',
  })
  async asset(
    @Ctx() { actor, reach, loaders }: Context,
    @Info() info: GraphQLResolveInfo,
    @Arg('ref', () => AssetRef, { description: 'Its id or urn.' }) ref: string,
    @Arg('asOf', () => DateTime, {
      nullable: true,
      description:
        'The valid time of the answer: name, tags, description, fields, owners, retirement; null before it was registered. Default: now.',
    })
    asOf?: Date | null,
    @Arg('knownAt', () => DateTime, {
      nullable: true,
      description:
        'The transaction time of the answer: what had been recorded of it by then. Facts of the catalog are true from when they are recorded, so the earlier of the two decides. Default: now.',
    })
    knownAt?: Date | null,
    @Arg('consistency', () => String, { nullable: true, description: CONSISTENCY_ARGUMENT })
    consistency?: string | null,
  ): Promise<Asset | null> {
    if (consistency != null) await reach([consistency]);
    const isNow = asOf == null && knownAt == null && !actor.readsAsOf;
    if (!isNow || !selects(info, 'owners', 'viewerCan')) return this.assets.find(actor, ref, { asOf, knownAt });
    const found = await this.assets.findWithPeople(actor, ref);
    if (found) knowPeople(actor, loaders, found);
    return found?.asset ?? null;
  }

  @Query(() => AssetConnection, {
    name: 'assets',
    description: 'All assets that you may see, in order of registration.',
  })
  async assetsPage(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => input.AssetFilter, {
      nullable: true,
      description: 'Conditions on the list; all, when not given.',
    })
    filter?: input.AssetFilter | null,
  ): Promise<Connection<Asset>> {
    const page = pageOf('assets', args);
    const rows = await this.assets.list(actor, filter, page);
    return toConnection('assets', page, rows, () => this.assets.count(actor, filter));
  }

  @Mutation(() => payload.UpdateAssetPayload, {
    description: 'Changes an asset; needs EDIT. Its visibility needs MANAGE_OWNERS or to be a STEWARD.',
  })
  async updateAsset(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.UpdateAssetInput, { description: 'The asset to change, and its new values.' })
    given: input.UpdateAssetInput,
  ): Promise<payload.UpdateAssetPayload> {
    return { asset: await this.assets.update(actor, given) };
  }

  @Query(() => [FacetBucket], {
    description:
      'The tags of all assets that you may see, with the number of assets that have each; the most frequent first.',
  })
  async tags(
    @Ctx() { actor }: Context,
    @Arg('filter', () => input.AssetFilter, {
      nullable: true,
      description: 'Conditions on the assets; all, when not given.',
    })
    filter?: input.AssetFilter | null,
    @Arg('contains', () => String, {
      nullable: true,
      description: 'A text within the tag, upper and lower case alike; any, when not given.',
    })
    contains?: string | null,
    @Arg('first', () => Int, { defaultValue: DEFAULT_PAGE, description: 'Tags to return: 1 to 200.' })
    first?: number,
  ): Promise<FacetBucket[]> {
    return this.assets.tags(actor, filter, { contains: contains ?? null, first: first ?? DEFAULT_PAGE });
  }

  @Mutation(() => payload.UpdateAssetPayload, {
    description: 'Puts tags to an asset, besides those it has; needs EDIT.',
  })
  async addTags(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ChangeTagsInput, { description: 'The asset, and the tags that it gets.' })
    given: input.ChangeTagsInput,
  ): Promise<payload.UpdateAssetPayload> {
    return { asset: await this.assets.changeTags(actor, given, (tags) => [...tags, ...given.tags]) };
  }

  @Mutation(() => payload.UpdateAssetPayload, {
    description: 'Takes tags from an asset, and leaves it the others; needs EDIT.',
  })
  async removeTags(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ChangeTagsInput, { description: 'The asset, and the tags that it loses.' })
    given: input.ChangeTagsInput,
  ): Promise<payload.UpdateAssetPayload> {
    const lost = new Set(given.tags);
    return { asset: await this.assets.changeTags(actor, given, (tags) => tags.filter((tag) => !lost.has(tag))) };
  }

  @Mutation(() => payload.UpdateAssetPayload, {
    description: 'Renames an asset; needs MANAGE_OWNERS or to be a STEWARD.',
  })
  async renameAsset(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RenameAssetInput, { description: 'The asset to rename, and its new name.' })
    given: input.RenameAssetInput,
  ): Promise<payload.UpdateAssetPayload> {
    return { asset: await this.assets.rename(actor, given) };
  }
}

/** What the page of an asset shows besides is there: who owns it (access/ownership/ownership.resolver.ts), what one may do (access.resolver.ts). */
function knowPeople(actor: Actor, loaders: Loaders, { asset, rights, owners }: AssetWithPeople): void {
  const owned = owners.map(({ principal, role, since }) => ({ ownerId: principal.id, role, since }));
  loaders.know('asset.owners', asset.id, owned);
  loaders.know('asset.viewerCan', asset.id, actionsOf(actor, rights));
  for (const { principal } of owners) loaders.know('principal', principal.id, principal);
}

@Resolver(() => Dataset)
export class DatasetFieldsResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => [FieldType], { description: 'Its fields, in order.' })
  async fields(@Root() dataset: Asset, @Ctx() { actor, loaders }: Context): Promise<AssetField[]> {
    const batch = (ids: readonly string[]) => this.assets.fieldsOf(actor, ids);
    const fields = dataset.fieldsThen ?? (await loaders.get('dataset.fields', dataset.id, batch));
    return fields.map((field) => ({ ...field, among: fields }));
  }
}
