import { Arg, Field, ObjectType, Resolver, Root, Subscription } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetFilter } from '../../catalog/assets/asset.input.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { Context } from '../../graphql/context.js';
import { DateTime } from '../../graphql/scalars.js';
import type { CatalogChangedArguments, CatalogEvent } from './catalog.feed.js';

@ObjectType('CatalogEvent', { description: 'Something happened to an asset you may see.' })
class CatalogEventType {
  @Field(() => String, { description: 'Its position in the stream: pass it as `after` to go on from here.' })
  cursor!: string;
  @Field(() => DateTime, { description: 'The time when it happened.' })
  at!: Date;
  @Field(() => String, { description: 'The kind of change: asset:update, version:publish, access:decide.' })
  action!: string;
  @Field(() => AssetType, { description: 'The asset, as it is now.' })
  asset!: Asset;
}

@Resolver()
export class CatalogEventResolver {
  @Subscription(() => CatalogEventType, {
    description:
      'Changes of assets that you may see. Give the cursor of the last event you have to go on from there; without `after` it begins now.',
    subscribe: ({ args, context }: { args: CatalogChangedArguments; context: Context }) =>
      context.feeds.catalog.follow(context.actor, args, context.signal),
  })
  catalogChanged(
    @Root() event: CatalogEvent,
    @Arg('filter', () => AssetFilter, {
      nullable: true,
      description:
        'Conditions on the assets; all that you may see, when not given. Retired ones are told of too; `owners` cannot be used here.',
    })
    _filter?: AssetFilter | null,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last event you have.' })
    _after?: string | null,
  ): CatalogEvent {
    return event;
  }
}
