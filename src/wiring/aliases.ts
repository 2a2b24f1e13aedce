import { AliasRepository } from '../access/aliases/alias.repository.js';
import * as aliasResolvers from '../access/aliases/alias.resolver.js';
import { AliasService } from '../access/aliases/alias.service.js';
import { JoinRepository } from '../access/aliases/join.repository.js';
import { Joining } from '../access/aliases/joining.service.js';
import type { AssetRepository } from '../catalog/assets/asset.repository.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

/** Two names of one data set: proposed, decided, undone. */
export function wireAliases(
  { graph, now }: Parts,
  { assets, assetRows, principals }: { assets: AssetService; assetRows: AssetRepository; principals: PrincipalService },
) {
  const joining = new Joining(new JoinRepository(now), assets, assetRows, now);
  const aliases = new AliasService(graph, new AliasRepository(graph, now), joining, assets, now);
  const resolvers: ResolverEntries = [
    [aliasResolvers.AliasResolver, new aliasResolvers.AliasResolver(aliases, assets)],
    [aliasResolvers.AliasFieldsResolver, new aliasResolvers.AliasFieldsResolver(principals, assets)],
    [aliasResolvers.AssetAliasesResolver, new aliasResolvers.AssetAliasesResolver(aliases)],
  ];
  return { joining, aliases, resolvers };
}
