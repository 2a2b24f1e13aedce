import type { AuditTail } from '../audit/sealing/audit-tail.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { ReleaseService } from '../deployment/releases/release.service.js';
import { Rechecks } from '../governance/violations/recheck.service.js';
import type { TellsOfViolations } from '../governance/violations/telling.port.js';
import { ViolationFeed } from '../governance/violations/violation.feed.js';
import { ViolationRepository } from '../governance/violations/violation.repository.js';
import { DeploymentViolationsResolver, ViolationResolver } from '../governance/violations/violation.resolver.js';
import { ViolationReads } from '../governance/violations/violation.service.js';
import { registerWatchMetrics } from '../governance/violations/watch.metrics.js';
import { WatchRepository } from '../governance/violations/watch.repository.js';
import { PolicyWatch } from '../governance/violations/watch.worker.js';
import type { wireGovernance } from './governance.js';
import type { Parts, ResolverEntries } from './parts.js';

const LOOK_EVERY_MS = 1_000;

interface Shared extends Pick<ReturnType<typeof wireGovernance>, 'watching' | 'decisions'> {
  assets: AssetService;
  releases: ReleaseService;
  auditTail: AuditTail;
  tellsOfViolations: TellsOfViolations;
}

/** What serves and would be forbidden now: looked for without end, and told of. */
export function wireViolations(
  { graph, worker, logger, now, policies: { recheckSeconds } }: Parts,
  { assets, releases, auditTail, watching, decisions, tellsOfViolations }: Shared,
) {
  const reads = new ViolationReads(new ViolationRepository(graph, now), assets);
  const rows = new WatchRepository(graph, worker, now);
  const { standing, loaded, verdicts, gatherer } = watching;
  const kept = { watch: rows, decisions: watching.decisions, standing };
  const rechecks = new Rechecks(graph, kept, loaded, { verdicts, gatherer }, tellsOfViolations, now);
  const options = { everyMs: LOOK_EVERY_MS, recheckSeconds, logger, now };
  const watch = new PolicyWatch(graph, rows, auditTail, rechecks, watching.emergencies, options);
  const resolvers: ResolverEntries = [
    [ViolationResolver, new ViolationResolver(reads, { assets, releases, decisions })],
    [DeploymentViolationsResolver, new DeploymentViolationsResolver(reads)],
  ];
  const policyWatch = {
    start: (): void => watch.start(),
    stop: (): Promise<void> => watch.stop(),
    round: (): Promise<boolean> => watch.round(),
    register: (registry: Parameters<typeof registerWatchMetrics>[0]): void =>
      registerWatchMetrics(registry, () => rows.measure(), now),
  };
  return { violations: reads, violationFeed: new ViolationFeed(auditTail, reads), policyWatch, resolvers };
}
