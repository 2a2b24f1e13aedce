import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { readsEverything } from '../../auth/actor.js';
import type { Context } from '../../graphql/context.js';
import type { ApiToken, ServiceAccount, User } from '../accounts/principal.js';
import { ServiceAccountType, UserType } from '../accounts/principal.type.js';
import type { TokenService } from './token.service.js';
import * as type from './token.type.js';

@Resolver()
export class TokenResolver {
  constructor(private readonly tokens: TokenService) {}

  @Mutation(() => type.CreateApiTokenPayload, {
    description: 'Makes an API token. Its secret is shown in this answer only.',
  })
  async createApiToken(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.CreateApiTokenInput, { description: 'The name, scopes and lifetime of the new token.' })
    input: type.CreateApiTokenInput,
  ): Promise<type.CreateApiTokenPayload> {
    const { token: apiToken, secret } = await this.tokens.createToken(actor, input);
    return { apiToken, secret };
  }

  @Mutation(() => type.RevokeApiTokenPayload, { description: 'Ends an API token, at once.' })
  async revokeApiToken(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.RevokeApiTokenInput, { description: 'The token to revoke.' })
    input: type.RevokeApiTokenInput,
  ): Promise<type.RevokeApiTokenPayload> {
    return { apiToken: await this.tokens.revokeToken(actor, input.token) };
  }
}

@Resolver(() => UserType)
export class UserTokensResolver {
  constructor(private readonly tokens: TokenService) {}

  @FieldResolver(() => [type.ApiTokenType], {
    nullable: true,
    description: 'Their API tokens; null unless they are you, or you are an ADMIN or AUDITOR.',
  })
  apiTokens(@Root() user: User, @Ctx() context: Context): Promise<ApiToken[]> | null {
    return tokensFor(this.tokens, context, user.id);
  }
}

@Resolver(() => ServiceAccountType)
export class ServiceAccountTokensResolver {
  constructor(private readonly tokens: TokenService) {}

  @FieldResolver(() => [type.ApiTokenType], {
    nullable: true,
    description: 'Its API tokens; null unless it is you, or you are an ADMIN or AUDITOR.',
  })
  apiTokens(@Root() account: ServiceAccount, @Ctx() context: Context): Promise<ApiToken[]> | null {
    return tokensFor(this.tokens, context, account.id);
  }
}

function tokensFor(tokens: TokenService, { actor, loaders }: Context, id: string): Promise<ApiToken[]> | null {
  if (id !== actor.id && !readsEverything(actor)) return null;
  return loaders.get('account.tokens', id, (ids) => tokens.tokensOf(actor, ids));
}
