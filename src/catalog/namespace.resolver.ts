import { Arg, Args, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../graphql/connection.type.js';
import type { Context } from '../graphql/context.js';
import { pageOf } from '../graphql/page.js';
import type { Namespace } from './namespace.js';
import type { NamespaceService } from './namespace.service.js';
import * as type from './namespace.type.js';

@Resolver()
export class NamespaceResolver {
  constructor(private readonly service: NamespaceService) {}

  @Query(() => type.NamespaceType, {
    nullable: true,
    description: 'One namespace by its name; null when there is none in which you may see an asset.',
  })
  namespace(
    @Ctx() { actor }: Context,
    @Arg('name', () => String, { description: 'Its name.' }) name: string,
  ): Promise<Namespace | null> {
    return this.service.find(actor, name);
  }

  @Query(() => type.NamespaceConnection, {
    description:
      'The namespaces in which you may see an asset, in order of first use; all of them for ADMIN and AUDITOR.',
  })
  async namespaces(@Ctx() { actor }: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Namespace>> {
    const page = pageOf('namespaces', args);
    return toConnection('namespaces', page, await this.service.list(actor, page), () => this.service.count(actor));
  }

  @Mutation(() => type.NamespacePayload, {
    description:
      'Sets the visibility of a namespace. Its assets follow, except those with one of their own; needs the ADMIN role.',
  })
  setNamespaceVisibility(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetNamespaceVisibilityInput, { description: 'Which namespace, and what.' })
    input: type.SetNamespaceVisibilityInput,
  ): Promise<type.NamespacePayload> {
    return this.service.setVisibility(actor, input);
  }
}
