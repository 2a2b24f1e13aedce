import { AccessEventResolver } from '../access/grants/access-event.resolver.js';
import { AccessRepository } from '../access/grants/access.repository.js';
import * as accessResolvers from '../access/grants/access.resolver.js';
import { AccessService } from '../access/grants/access.service.js';
import { ExplanationRepository } from '../access/explanation/explanation.repository.js';
import { ExplanationResolver } from '../access/explanation/explanation.resolver.js';
import { ExplanationService } from '../access/explanation/explanation.service.js';
import { GrantService } from '../access/grants/grant.service.js';
import { OfferRepository } from '../access/ownership/offer.repository.js';
import * as offerResolvers from '../access/ownership/offer.resolver.js';
import { OfferService } from '../access/ownership/offer.service.js';
import { OwnershipRepository } from '../access/ownership/ownership.repository.js';
import * as ownershipResolvers from '../access/ownership/ownership.resolver.js';
import { OwnershipService } from '../access/ownership/ownership.service.js';
import { PrincipalStatusRepository } from '../access/ownership/principal-status.repository.js';
import { UnownedRepository } from '../access/ownership/unowned.repository.js';
import { UnownedResolver } from '../access/ownership/unowned.resolver.js';
import { UnownedService } from '../access/ownership/unowned.service.js';
import type { AssetRepository } from '../catalog/assets/asset.repository.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

/** Owners, offers, requests, grants, and why somebody may do something. */
export function wireAccess(
  { graph, now, access: { maxGrantDays } }: Parts,
  { assets, assetRows, principals }: { assets: AssetService; assetRows: AssetRepository; principals: PrincipalService },
) {
  const [accessRows, standings, owners] = [
    new AccessRepository(graph, now),
    new PrincipalStatusRepository(graph),
    new OwnershipRepository(graph, now),
  ];
  const ownership = new OwnershipService(graph, owners, standings, assets, assetRows, now);
  const offers = new OfferService({
    ...{ graph, owners, ownership, standings, assets, now },
    offers: new OfferRepository(graph, now),
  });
  const grants = new GrantService(graph, accessRows, assets, { owners, standings }, now, maxGrantDays);
  const explanations = new ExplanationService(new ExplanationRepository(graph), accessRows, standings, assets, now);
  const access = new AccessService(graph, accessRows, assets, grants, now, maxGrantDays);
  const resolvers: ResolverEntries = [
    [accessResolvers.AccessResolver, new accessResolvers.AccessResolver(access, grants, assets)],
    [accessResolvers.AssetAccessResolver, new accessResolvers.AssetAccessResolver(access)],
    [accessResolvers.AccessRequestResolver, new accessResolvers.AccessRequestResolver(principals, assets)],
    [accessResolvers.AccessGrantResolver, new accessResolvers.AccessGrantResolver(principals, assets)],
    [AccessEventResolver, new AccessEventResolver(access, grants)],
    [ownershipResolvers.OwnershipResolver, new ownershipResolvers.OwnershipResolver(ownership)],
    [ownershipResolvers.OwnershipFieldsResolver, new ownershipResolvers.OwnershipFieldsResolver(principals)],
    [offerResolvers.OfferResolver, new offerResolvers.OfferResolver(offers, assets)],
    [offerResolvers.OfferFieldsResolver, new offerResolvers.OfferFieldsResolver(principals, assets)],
    [UnownedResolver, new UnownedResolver(new UnownedService(new UnownedRepository(graph, now)), principals)],
    [ExplanationResolver, new ExplanationResolver(explanations, principals)],
  ];
  return { access, grants, offers, resolvers };
}
