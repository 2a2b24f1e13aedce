import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import type { Asset } from '../../catalog/model/asset.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { Transformation } from '../../catalog/assets/asset.type.js';
import type { Context } from '../../graphql/context.js';
import * as input from './field-claim.input.js';
import type { FieldClaim } from './field-claim.js';
import type { FieldClaimService } from './field-claim.service.js';
import * as type from './field-claim.type.js';

@Resolver()
export class FieldClaimMutations {
  constructor(private readonly claims: FieldClaimService) {}

  @Mutation(() => type.ClaimFieldLineagePayload, {
    description:
      'States that fields go into fields, in the name of a source; needs EDIT on the transformations and sight of the data sets. Says nothing of the data sets as a whole: state that with claimLineage.',
  })
  claimFieldLineage(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ClaimFieldLineageInput, { description: 'The flows and the source.' })
    given: input.ClaimFieldLineageInput,
  ): Promise<type.ClaimFieldLineagePayload> {
    return this.claims.claim(actor, given);
  }

  @Mutation(() => type.RetractFieldLineagePayload, {
    description: 'Takes back what a source stated of fields, or ends it; needs EDIT on the transformations.',
  })
  retractFieldLineage(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.RetractFieldLineageInput, { description: 'The statements to retract, and their source.' })
    given: input.RetractFieldLineageInput,
  ): Promise<type.RetractFieldLineagePayload> {
    return this.claims.retract(actor, given);
  }
}

@Resolver(() => type.FieldClaimType)
export class FieldClaimResolver {
  constructor(private readonly assets: AssetService) {}

  @FieldResolver(() => Transformation, {
    nullable: true,
    description: 'The transformation that does it; null when it is gone from your sight.',
  })
  async via(@Root() claim: FieldClaim, @Ctx() { actor, loaders }: Context): Promise<Asset | null> {
    return (await loaders.find('asset', claim.via, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }
}
