import type { PrincipalService } from '../principals/accounts/principal.service.js';
import { QuotaReservation } from '../training/quotas/reservation.js';
import { FootprintRepository } from '../training/footprint/footprint.repository.js';
import { FootprintResolver } from '../training/footprint/footprint.resolver.js';
import { FootprintService } from '../training/footprint/footprint.service.js';
import type { LauncherRegistry } from '../launchers/registry.js';
import { QuotaRepository } from '../training/quotas/quota.repository.js';
import * as quotaResolvers from '../training/quotas/quota.resolver.js';
import { QuotaService } from '../training/quotas/quota.service.js';
import type { Parts, ResolverEntries } from './parts.js';

/** What teams may take of the launchers, charging it to them, and what was taken. */
export function wireQuotas(
  { graph, now, gridIntensity }: Parts,
  registry: LauncherRegistry,
  principals: PrincipalService,
) {
  const rows = new QuotaRepository(graph, now);
  const quotas = new QuotaService(graph, rows, registry, now);
  const footprints = new FootprintService(new FootprintRepository(graph, now), gridIntensity ?? null);
  const resolvers: ResolverEntries = [
    [FootprintResolver, new FootprintResolver(footprints)],
    [quotaResolvers.QuotaResolver, new quotaResolvers.QuotaResolver(quotas)],
    [quotaResolvers.QuotaFieldsResolver, new quotaResolvers.QuotaFieldsResolver(principals)],
    [quotaResolvers.TeamQuotasResolver, new quotaResolvers.TeamQuotasResolver(quotas)],
    [quotaResolvers.JobTeamResolver, new quotaResolvers.JobTeamResolver(principals)],
  ];
  return { charging: new QuotaReservation(rows), resolvers };
}
