import { AccessEventResolver } from './access/access-event.resolver.js';
import { AccessRepository } from './access/access.repository.js';
import * as accessResolvers from './access/access.resolver.js';
import { AccessService } from './access/access.service.js';
import { ExplanationRepository } from './access/explanation.repository.js';
import { ExplanationResolver } from './access/explanation.resolver.js';
import { ExplanationService } from './access/explanation.service.js';
import { GrantService } from './access/grant.service.js';
import { OfferRepository } from './access/offer.repository.js';
import * as offerResolvers from './access/offer.resolver.js';
import { OfferService } from './access/offer.service.js';
import { OwnershipRepository } from './access/ownership.repository.js';
import * as ownershipResolvers from './access/ownership.resolver.js';
import { OwnershipService } from './access/ownership.service.js';
import { StandingRepository } from './access/standing.repository.js';
import type { AssetRepository } from './catalog/asset.repository.js';
import type { AssetService } from './catalog/asset.service.js';
import type { PrincipalService } from './principals/principal.service.js';
import type { Parts, ResolverEntries } from './wire.js';

/** Owners, offers, requests, grants, and why somebody may do something. */
export function wireAccess(
  { graph, now, access: { maxGrantDays } }: Parts,
  { assets, assetRows, principals }: { assets: AssetService; assetRows: AssetRepository; principals: PrincipalService },
) {
  const [accessRows, standings, owners] = [
    new AccessRepository(graph, now),
    new StandingRepository(graph),
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
    [ExplanationResolver, new ExplanationResolver(explanations, principals)],
  ];
  return { access, grants, offers, resolvers };
}
