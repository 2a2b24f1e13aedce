import { Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import type { Asset } from '../model/asset.js';
import { areNearTwins, MOST_TWINS } from '../twins/name-keys.js';
import type { AssetService } from './asset.service.js';
import { AssetType } from './asset.type.js';

/** What each asset could be taken for. */
@Resolver(() => AssetType)
export class NearTwinResolver {
  constructor(private readonly assets: AssetService) {}

  @Extensions({ listSize: MOST_TWINS })
  @FieldResolver(() => [AssetType], {
    description: `Other assets of its kind that you may see, by names of today, that it could be taken for: their names differ in case, in a "/" at the end, in blanks, or in letters that look alike (Unicode UTS 39). At most ${MOST_TWINS}.`,
  })
  async nearTwins(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<Asset[]> {
    const ids = await loaders.find('asset.nearTwins', asset.id, (batch) => this.assets.nearTwinsOf(actor, batch));
    const found = await Promise.all(
      (ids ?? []).map((id) => loaders.find('asset', id, (batch) => this.assets.byIds(actor, batch))),
    );
    // A session that is frozen at a time is shown the names of then: what is alike only since is not told.
    return found.filter((twin) => twin !== undefined).filter((twin) => areNearTwins(asset, twin));
  }
}
