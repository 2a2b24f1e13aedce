import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { type Namespace, type NamespaceAction, namespaceActionsOf, registrarsTold } from '../model/namespace.js';
import type { NamespaceOwners } from './namespace-owners.service.js';
import type { NamespaceService } from './namespace.service.js';
import * as type from './namespace.type.js';

@Resolver()
export class NamespaceResolver {
  constructor(
    private readonly service: NamespaceService,
    private readonly owning: NamespaceOwners,
  ) {}

  @Query(() => type.NamespaceType, {
    nullable: true,
    description:
      'One namespace by its name; null when there is none that you own, may register in by name, or see an asset in that you did not bring there yourself.',
  })
  namespace(
    @Ctx() { actor }: Context,
    @Arg('name', () => String, { description: 'The name of the namespace.' }) name: string,
  ): Promise<Namespace | null> {
    return this.service.find(actor, name);
  }

  @Query(() => type.NamespaceConnection, {
    description:
      'The namespaces that you own, were admitted to, or see an asset in that you did not bring there yourself; all of them for ADMIN and AUDITOR. Their order is fixed and means nothing.',
  })
  async namespaces(@Ctx() { actor }: Context, @Args(() => PageArgs) args: PageArgs): Promise<Connection<Namespace>> {
    const page = pageOf('namespaces', args);
    return toConnection('namespaces', page, await this.service.list(actor, page), () => this.service.count(actor));
  }

  @Mutation(() => type.NamespacePayload, {
    description:
      'Sets the visibility of a namespace. Its assets follow, except those with one of their own, and so does who may register there, unless that was set; needs the ADMIN role.',
  })
  setNamespaceVisibility(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetNamespaceVisibilityInput, { description: 'The namespace, and its new settings.' })
    input: type.SetNamespaceVisibilityInput,
  ): Promise<type.NamespacePayload> {
    return this.service.setVisibility(actor, input);
  }
  @Mutation(() => type.NamespaceSettingsPayload, {
    description:
      'Replaces the owners of a namespace, who say who may register there; needs to own it, or the ADMIN role. Owning it gives no sight of the assets of others in it.',
  })
  async setNamespaceOwners(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetNamespaceOwnersInput, { description: 'The namespace, and the principals.' })
    input: type.SetNamespaceOwnersInput,
  ): Promise<type.NamespaceSettingsPayload> {
    return { namespace: await this.owning.setOwners(actor, input) };
  }

  @Mutation(() => type.NamespaceSettingsPayload, {
    description: 'Says who may register in a namespace; needs to own it, or the ADMIN role.',
  })
  async setNamespaceRegistration(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetNamespaceRegistrationInput, { description: 'The namespace, and the principals.' })
    input: type.SetNamespaceRegistrationInput,
  ): Promise<type.NamespaceSettingsPayload> {
    return { namespace: await this.owning.setRegistration(actor, input) };
  }

  @Mutation(() => type.NamespaceSettingsPayload, {
    description:
      'Says after which time without a sign a run of a transformation there is overdue; needs to own the namespace, or the ADMIN role.',
  })
  async setNamespaceRuns(
    @Ctx() { actor }: Context,
    @Arg('input', () => type.SetNamespaceRunsInput, { description: 'The namespace, and the time.' })
    input: type.SetNamespaceRunsInput,
  ): Promise<type.NamespaceSettingsPayload> {
    return { namespace: await this.owning.setRuns(actor, input) };
  }
}

@Resolver(() => type.NamespaceType)
export class NamespaceFieldsResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => [PrincipalType], {
    description: 'The owners, who say who may register there; nobody: an ADMIN.',
  })
  owners(@Root() namespace: Namespace, @Ctx() context: Context): Promise<Principal[]> {
    return this.load(context, namespace.ownerIds);
  }

  @FieldResolver(() => [PrincipalType], {
    nullable: true,
    description:
      'The principals who may register besides the owners; null for whoever neither owns it nor reads everything.',
  })
  async registrars(@Root() namespace: Namespace, @Ctx() context: Context): Promise<Principal[] | null> {
    const told = registrarsTold(context.actor, namespace);
    return told && this.load(context, told);
  }

  @FieldResolver(() => [type.NamespaceActionEnum], { description: 'The actions that you may take on it.' })
  viewerCan(@Root() namespace: Namespace, @Ctx() { actor }: Context): NamespaceAction[] {
    return namespaceActionsOf(actor, namespace);
  }

  private async load({ actor, loaders }: Context, ids: readonly string[]): Promise<Principal[]> {
    const batch = (each: readonly string[]) => this.principals.byIds(actor, each);
    const found = await Promise.all(ids.map((id) => loaders.find('principal', id, batch)));
    return found.filter((principal) => principal !== undefined);
  }
}
