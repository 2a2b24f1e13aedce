import type { AssetService } from '../catalog/assets/asset.service.js';
import type { RegistrationService } from '../catalog/registration/registration.service.js';
import { FieldClaimRepository } from '../lineage/fields/field-claim.repository.js';
import type { ClaimReconciler } from '../lineage/statements/claim-reconciler.js';
import { IngestQueue } from '../openlineage/ingest/ingest.queue.js';
import { IngestRepository } from '../openlineage/ingest/ingest.repository.js';
import { IngestService } from '../openlineage/ingest/ingest.service.js';
import { ReportedFlows } from '../openlineage/ingest/reported-flows.service.js';
import { ReportedRuns } from '../openlineage/ingest/reported-runs.service.js';
import type { Parts } from './parts.js';

/** What takes events of OpenLineage into the graph. */
export function wireOpenlineage(
  { graph, logger, now }: Parts,
  shared: { assets: AssetService; registrations: RegistrationService; engine: ClaimReconciler },
): { ingest: IngestQueue } {
  const { assets, registrations, engine } = shared;
  const rows = new IngestRepository(now);
  const flows = new ReportedFlows(engine, new FieldClaimRepository(), rows);
  const service = new IngestService(graph, rows, registrations, assets, flows, new ReportedRuns(rows, now), now);
  const onFault = (error: unknown): void => logger.error({ err: error }, 'An event could not be taken in.');
  return { ingest: new IngestQueue(service, onFault) };
}
