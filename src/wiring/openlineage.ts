import { awaitDecisions } from '../governance/gate/gate.js';
import type { AliasService } from '../access/aliases/alias.service.js';
import type { Joining } from '../access/aliases/joining.service.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { RegistrationService } from '../catalog/registration/registration.service.js';
import { QualityRecorder } from '../catalog/quality/quality-recorder.repository.js';
import type { ClaimReconciler } from '../lineage/statements/claim-reconciler.js';
import { FormerFields } from '../openlineage/changes/former-fields.js';
import { IngestQueue } from '../openlineage/ingest/ingest.queue.js';
import { IngestRepository } from '../openlineage/ingest/ingest.repository.js';
import { IngestService } from '../openlineage/ingest/ingest.service.js';
import { ReportedChanges } from '../openlineage/changes/dataset-changes.js';
import { ReportedFlows } from '../openlineage/ingest/reported-flows.service.js';
import { ReportedNames } from '../openlineage/ingest/reported-names.service.js';
import { ReportedQuality } from '../openlineage/ingest/reported-quality.service.js';
import { ReportedReleases } from '../openlineage/ingest/reported-releases.service.js';
import { ReportedRuns } from '../openlineage/ingest/reported-runs.service.js';
import { Backlog } from '../openlineage/intake/backlog.js';
import { EventIntake } from '../openlineage/intake/intake.service.js';
import { IngestSourceResolver, IngestStatusResolver } from '../openlineage/intake/ingest-status.resolver.js';
import { IngestStatusService } from '../openlineage/intake/ingest-status.service.js';
import { IntakeTallies } from '../openlineage/intake/tallies.js';
import { NamingRules } from '../openlineage/naming/naming-rules.js';
import { RejectedRepository } from '../openlineage/rejected/rejected.repository.js';
import { RejectedEventsResolver } from '../openlineage/rejected/rejected.resolver.js';
import { RejectedEvents } from '../openlineage/rejected/rejected.service.js';
import type { AccessService } from '../access/grants/access.service.js';
import type { RunService } from '../lineage/runs/run.service.js';
import * as shownAssets from '../openlineage/shown/reported-assets.resolver.js';
import { ChangesRepository } from '../openlineage/shown/changes.repository.js';
import * as changeResolvers from '../openlineage/shown/changes.resolver.js';
import { ChangesService } from '../openlineage/shown/changes.service.js';
import { ReportedOfRunsResolver } from '../openlineage/shown/reported-runs.resolver.js';
import { ReportedRepository } from '../openlineage/shown/reported.repository.js';
import { ReportedService } from '../openlineage/shown/reported.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

interface Shared {
  principals: PrincipalService;
  assets: AssetService;
  registrations: RegistrationService;
  engine: ClaimReconciler;
  joining: Joining;
  aliases: AliasService;
}

/** What takes events of producers into the graph, and keeps what it refused. */
export function wireOpenlineage(parts: Parts, shared: Shared) {
  const { graph, now, logger, events } = parts;
  const rejected = new RejectedEvents(new RejectedRepository(graph, now), logger);
  const ingest = events.ingest ?? ingestInto(parts, shared);
  const backlog = new Backlog({ events: events.mostWaiting, bytes: events.mostBytes }, now);
  const intake = new EventIntake(ingest, rejected, events.naming ?? new NamingRules(), backlog, new IntakeTallies(now));
  const status = new IngestStatusService(intake.backlog, intake.tallies);
  const resolvers: ResolverEntries = [
    [IngestStatusResolver, new IngestStatusResolver(status)],
    [IngestSourceResolver, new IngestSourceResolver(shared.principals)],
    [RejectedEventsResolver, new RejectedEventsResolver(rejected, shared.principals)],
  ];
  return { intake, status, resolvers };
}

function ingestInto(
  { graph, logger, now }: Parts,
  { assets, registrations, engine, joining, aliases }: Shared,
): IngestQueue {
  const rows = new IngestRepository(now);
  const flows = new ReportedFlows(engine, rows);
  const runs = new ReportedRuns(rows, now);
  const others = [
    new ReportedQuality(new QualityRecorder(now, awaitDecisions)),
    new ReportedChanges(now),
    new FormerFields(rows),
  ];
  const names = new ReportedNames(rows, registrations, aliases);
  const service = new IngestService(
    graph,
    rows,
    registrations,
    assets,
    flows,
    runs,
    new ReportedReleases(rows),
    others,
    joining,
    names,
    now,
  );
  const onFault = (error: unknown): void => logger.error({ err: error }, 'An event could not be taken in.');
  return new IngestQueue(service, onFault);
}

interface ForShowing {
  principals: PrincipalService;
  assets: AssetService;
  access: AccessService;
  runs: RunService;
}

/** What producers said, as it is shown. */
export function wireReported({ graph, now }: Parts, { principals, assets, access, runs }: ForShowing): ResolverEntries {
  const changes = new ChangesService(new ChangesRepository(graph, now));
  const { ChangesOfDatasetsResolver, ChangesByVersionsResolver, ChangeFieldsResolver } = changeResolvers;
  const reported = new ReportedService(new ReportedRepository(graph, now), access);
  const { ReportedOfAssetsResolver, ReportedCodeResolver, ReportedByResolver } = shownAssets;
  return [
    [ReportedOfAssetsResolver, new ReportedOfAssetsResolver(reported)],
    [ReportedCodeResolver, new ReportedCodeResolver(reported)],
    [ReportedByResolver, new ReportedByResolver(principals)],
    [ReportedOfRunsResolver, new ReportedOfRunsResolver(reported, runs)],
    [ChangesOfDatasetsResolver, new ChangesOfDatasetsResolver(changes, assets)],
    [ChangesByVersionsResolver, new ChangesByVersionsResolver(changes)],
    [ChangeFieldsResolver, new ChangeFieldsResolver(changes, assets, runs)],
  ];
}
