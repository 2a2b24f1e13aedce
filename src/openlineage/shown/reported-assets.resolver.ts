import { Args, Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { AssetType, Transformation } from '../../catalog/assets/asset.type.js';
import type { Asset } from '../../catalog/model/asset.js';
import { type Connection, connectionOfEdges } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf, writeCursor } from '../../graphql/page.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { codeIn, facetShown, type Reported, type Said, type ShownFacet } from './reported.js';
import type { ReportedService } from './reported.service.js';
import * as type from './reported.type.js';

@Resolver(() => AssetType)
export class ReportedOfAssetsResolver {
  constructor(private readonly service: ReportedService) {}

  @FieldResolver(() => type.ReportedOfAssetType, {
    description: 'The words of producers about it, by events of OpenLineage.',
  })
  reported(@Root() { id }: Asset, @Ctx() { actor, loaders }: Context): Promise<Reported> {
    return loaders.get('asset.reported', id, (ids) => this.service.of(actor, ids));
  }

  @FieldResolver(() => type.ReportedFacetConnection, {
    description:
      'The facets that producers sent of it, by name: of each source what it sent last. Fields and flows stand elsewhere. Empty in an auditor session.',
  })
  async reportedFacets(
    @Root() { id }: Asset,
    @Ctx() { actor, loaders }: Context,
    @Args(() => type.ReportedFacetsArgs) args: type.ReportedFacetsArgs,
  ): Promise<Connection<ShownFacet>> {
    const page = pageOf('reportedFacets', args);
    const name = args.name ?? null;
    const batch = (ids: readonly string[]) => this.service.facetsOf(actor, ids, name, page);
    const { rows, more } = await loaders.get('asset.reportedFacets', id, batch, { name, page });
    const mayRead = rows.length > 0 && (await this.service.mayRead(actor, id, loaders));
    const edges = rows.map((facet) => ({
      cursor: writeCursor('reportedFacets', facet.place),
      node: facetShown(facet, mayRead),
    }));
    const count = () =>
      loaders.get('asset.reportedFacetCount', id, (ids) => this.service.countFacetsOf(actor, ids, name), { name });
    return connectionOfEdges(edges, page, more, count);
  }
}

@Resolver(() => Transformation)
export class ReportedCodeResolver {
  constructor(private readonly service: ReportedService) {}

  @FieldResolver(() => [type.ReportedCode], {
    description: 'Its code, as producers sent it: SQL, or another language. The text is for who may EDIT it.',
  })
  async reportedCode(@Root() { id }: Asset, @Ctx() { actor, loaders }: Context): Promise<ReturnType<typeof codeIn>> {
    const said = await loaders.get('transformation.reportedCode', id, (ids) => this.service.codeOf(actor, ids));
    return said.length === 0 ? [] : codeIn(said, await this.service.mayRead(actor, id, loaders));
  }
}

@Resolver(() => type.ReportedType)
export class ReportedByResolver {
  constructor(private readonly principals: PrincipalService) {}

  @FieldResolver(() => PrincipalType, { nullable: true, description: 'The account that reported it.' })
  async reportedBy(@Root() { reportedById }: Said, @Ctx() { actor, loaders }: Context): Promise<Principal | null> {
    return (await loaders.find('principal', reportedById, (ids) => this.principals.byIds(actor, ids))) ?? null;
  }
}
