import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import type { Context } from '../../graphql/context.js';
import { ChangeAssetInput } from '../assets/asset.input.js';
import type { RemovalService } from './removal.service.js';
import * as type from './removal.type.js';
import { DeleteAssetPayload, ReleaseUrnInput, ReleaseUrnPayload } from './removal.type.js';
import type { Retirement } from './retirement.service.js';

@Resolver()
export class RemovalResolver {
  constructor(
    private readonly removals: RemovalService,
    private readonly retirement: Retirement,
  ) {}

  @Mutation(() => type.RetireAssetPayload, {
    description:
      'Retires an asset, or takes that back; needs MANAGE_OWNERS or to be a STEWARD. Retiring is decided by policies.',
  })
  retireAsset(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RetireAssetInput, { description: 'The asset to retire, or to bring back.' })
    given: type.RetireAssetInput,
  ): Promise<type.RetireAssetPayload> {
    return this.retirement.retire(actor, given);
  }

  @Mutation(() => DeleteAssetPayload, {
    description:
      'Deletes an asset with its fields and history and frees its urns, while nothing hangs on it: no version, flow, grant, request, run, job or release, and no open session of an auditor to whom it is there. The audit log keeps what it was. Needs MANAGE_OWNERS or to be a STEWARD.',
  })
  async deleteAsset(
    @Ctx() { actor }: Context,
    @Arg('input', () => ChangeAssetInput, { description: 'The asset to delete.' }) given: ChangeAssetInput,
  ): Promise<DeleteAssetPayload> {
    const { id, releasedUrns } = await this.removals.delete(actor, given);
    return { deletedId: id, releasedUrns };
  }

  @Mutation(() => ReleaseUrnPayload, {
    description:
      'Gives a urn back, so that it may be taken: a former one of an asset, or the present one of a retired asset, which then has a name made of its id. From then on the urn no longer leads to the asset, as of earlier times either. Needs MANAGE_OWNERS or to be a STEWARD.',
  })
  async releaseUrn(
    @Ctx() { actor }: Context,
    @Arg('input', () => ReleaseUrnInput, { description: 'The urn to give back.' }) given: ReleaseUrnInput,
  ): Promise<ReleaseUrnPayload> {
    return { asset: await this.removals.releaseUrn(actor, given) };
  }
}
