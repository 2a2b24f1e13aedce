import { Arg, Args, Ctx, Extensions, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import { AssetType } from '../../catalog/assets/asset.type.js';
import type { Asset } from '../../catalog/model/asset.js';
import { AssetRef } from '../../catalog/model/ref.scalars.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { type AliasState, type AssetAlias, MOST_ALIASES } from './alias.js';
import * as input from './alias.input.js';
import type { TracedProposal } from './alias.repository.js';
import type { AliasService } from './alias.service.js';
import * as type from './alias.type.js';

@Resolver()
export class AliasResolver {
  constructor(
    private readonly aliases: AliasService,
    private readonly assets: AssetService,
  ) {}

  @Mutation(() => type.AliasProposalPayload, {
    description:
      'Proposes that two data sets are one table under two names. Owners of both decide; needs EDIT on one of them. Proposed already, it gives that proposal.',
  })
  async proposeAlias(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.ProposeAliasInput, { description: 'The two data sets.' }) given: input.ProposeAliasInput,
  ): Promise<type.AliasProposalPayload> {
    return { aliasProposal: await this.aliases.propose(actor, given) };
  }

  @Mutation(() => type.AliasProposalPayload, {
    description:
      'Agrees to a proposal, or declines it, for what you are an OWNER of. Once owners of both agreed, both are one data set: what is known of the one is seen on the other.',
  })
  async decideAlias(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.DecideAliasInput, { description: 'The proposal, and the decision.' })
    given: input.DecideAliasInput,
  ): Promise<type.AliasProposalPayload> {
    return { aliasProposal: await this.aliases.decide(actor, given) };
  }

  @Mutation(() => type.AliasProposalPayload, {
    description:
      'Makes two data sets of one again: each has what it had, and what was said of it by its name since. Grants given meanwhile end. For an OWNER of either.',
  })
  async undoAlias(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.UndoAliasInput, { description: 'The join.' }) given: input.UndoAliasInput,
  ): Promise<type.AliasProposalPayload> {
    return { aliasProposal: await this.aliases.undo(actor, given) };
  }

  @Query(() => type.AliasProposalConnection, {
    description:
      'Proposals to join two names: your own, and those about what you own, of data sets that you may see both; newest first.',
  })
  async aliasProposals(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('asset', () => AssetRef, { nullable: true, description: 'Of this data set only.' }) asset?: string | null,
    @Arg('states', () => [type.AliasStateEnum], {
      nullable: true,
      description: 'The states to list; any, when not given.',
    })
    states?: AliasState[] | null,
  ): Promise<Connection<TracedProposal>> {
    const page = pageOf('aliasProposals', args);
    const assetId = asset == null ? null : ((await this.assets.find(actor, asset))?.id ?? 'none');
    const conditions = { assetId, states: states ?? null };
    const rows = await this.aliases.list(actor, conditions, page);
    return toConnection('aliasProposals', page, rows, () => this.aliases.count(actor, conditions));
  }
}

@Resolver(() => type.AliasProposalType)
export class AliasFieldsResolver {
  constructor(
    private readonly principals: PrincipalService,
    private readonly assets: AssetService,
  ) {}

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'One of both; once they are joined, the one that stays. null when you may not see it.',
  })
  asset(@Root() { assetNow }: TracedProposal, @Ctx() context: Context): Promise<Asset | null> {
    return this.assetOf(context, assetNow);
  }

  @FieldResolver(() => AssetType, {
    nullable: true,
    description: 'The other; once they are joined, the one that stays. null when you may not see it.',
  })
  sameAs(@Root() { sameAsNow }: TracedProposal, @Ctx() context: Context): Promise<Asset | null> {
    return this.assetOf(context, sameAsNow);
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who proposed it.' })
  proposer(@Root() { proposerId }: TracedProposal, @Ctx() context: Context): Promise<Principal> {
    return this.load(context, proposerId);
  }

  @FieldResolver(() => [PrincipalType], {
    description: 'The principals who agreed for an asset that they own: of `asset`, then of `sameAs`.',
  })
  @Extensions({ listSize: 2 })
  agreed(@Root() { words }: TracedProposal, @Ctx() context: Context): Promise<Principal[]> {
    const given = [words.asset, words.sameAs].filter((word) => word !== null);
    return Promise.all(given.map(({ byId }) => this.load(context, byId)));
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal whose word decided it, or who took it back; null while it is open.',
  })
  async decider(@Root() { deciderId }: TracedProposal, @Ctx() context: Context): Promise<Principal | null> {
    return deciderId === null ? null : this.load(context, deciderId);
  }

  @FieldResolver(() => PrincipalType, {
    nullable: true,
    description: 'The principal who undid it; null: nobody did.',
  })
  async undoneBy(@Root() { undoneById }: TracedProposal, @Ctx() context: Context): Promise<Principal | null> {
    return undoneById === null ? null : this.load(context, undoneById);
  }

  private async assetOf({ actor, loaders }: Context, id: string): Promise<Asset | null> {
    return (await loaders.find('asset', id, (ids) => this.assets.byIds(actor, ids))) ?? null;
  }

  private load({ actor, loaders }: Context, id: string): Promise<Principal> {
    return loaders.get('principal', id, (ids) => this.principals.byIds(actor, ids));
  }
}

/** By which other names assets are known. */
@Resolver(() => AssetType)
export class AssetAliasesResolver {
  constructor(private readonly names: AliasService) {}

  @Extensions({ listSize: MOST_ALIASES })
  @FieldResolver(() => [type.AssetAliasType], {
    description: `Names by which it is known besides its present one, the newest first: former ones, those that producers told of, those of data sets joined into it. At most ${MOST_ALIASES}; none in a session of an auditor.`,
  })
  async aliases(@Root() asset: Asset, @Ctx() { actor, loaders }: Context): Promise<AssetAlias[]> {
    return (await loaders.find('asset.aliases', asset.id, (ids) => this.names.aliasesOf(actor, ids))) ?? [];
  }
}
