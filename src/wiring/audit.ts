import { AuditRepository } from '../audit/entries/audit.repository.js';
import { AuditResolver } from '../audit/entries/audit.resolver.js';
import { AuditTail } from '../audit/sealing/audit-tail.js';
import { AuditService } from '../audit/entries/audit.service.js';
import { CatalogEventResolver } from '../audit/watch/catalog-event.resolver.js';
import { AuditLog } from '../audit/sealing/audit-log.js';
import { CheckpointService } from '../audit/checkpoints/checkpoint.worker.js';
import { EntryMarks } from '../audit/record/entry-marks.js';
import { ErasureRepository } from '../audit/erasure/erasure.repository.js';
import { ErasureResolver } from '../audit/erasure/erasure.resolver.js';
import { ErasureService } from '../audit/erasure/erasure.service.js';
import { ExportRepository } from '../audit/verification/export.repository.js';
import { ExportService } from '../audit/verification/export.service.js';
import { LogWalkRepository } from '../audit/verification/log-walk.repository.js';
import { LogWalk } from '../audit/verification/log-walk.worker.js';
import { ProofRepository } from '../audit/proof/proof.repository.js';
import { ProofResolver } from '../audit/proof/proof.resolver.js';
import { ProofService } from '../audit/proof/proof.service.js';
import { RetentionRepository } from '../audit/erasure/retention.repository.js';
import { RetentionService } from '../audit/erasure/retention.worker.js';
import { SealedLeaves } from '../audit/sealing/sealed-leaves.js';
import { SealingRepository } from '../audit/sealing/sealing.repository.js';
import { Sequencer } from '../audit/sealing/sequencer.worker.js';
import type { AssetService } from '../catalog/assets/asset.service.js';
import type { DecidesExports } from '../governance/decisions/decides.port.js';
import type { Parts, ResolverEntries } from './parts.js';

/** The log of who did what: reading it, sealing it, proving it, erasing from it. */
export function wireAudit(parts: Parts, assets: AssetService) {
  const { graph, logger, now } = parts;
  const marks = new EntryMarks(parts.audit.signer);
  graph.markWith((text) => marks.of(text));
  const log = new SealingRepository(graph, marks, now);
  const leaves = new SealedLeaves(log);
  const audit = new AuditService(new AuditRepository(graph, { leaves, marks }, now), assets);
  const { checkpointSeconds: everySeconds, retentionDays: days, checkSeconds, knownDamage, ...identity } = parts.audit;
  const sequencer = new Sequencer(graph, log, { logger, now });
  const { origin, verifiers, files } = identity;
  const checking = { origin, verifiers, files, worker: parts.worker, knownDamage, logger, now };
  const auditLog = new AuditLog(
    sequencer,
    new CheckpointService(log, { ...identity, everySeconds, logger, now }),
    new RetentionService(graph, new RetentionRepository(), leaves, { days, knownDamage, logger, now }),
    new LogWalk(new LogWalkRepository(graph, marks, now), log, () => sequencer.sealAll(), marks, {
      ...checking,
      everySeconds: checkSeconds,
    }),
  );
  const proofs = new ProofService(audit, new ProofRepository(graph), auditLog.checkpoints);
  const erasures = new ErasureService(graph, new ErasureRepository(graph), auditLog.sequencer, now);
  const exportBy = (decides: DecidesExports): ExportService =>
    new ExportService(new ExportRepository(graph), log, auditLog, decides, now);
  const auditTail = new AuditTail(audit, log);
  const resolvers: ResolverEntries = [
    [AuditResolver, new AuditResolver(audit)],
    [CatalogEventResolver, new CatalogEventResolver()],
    [ProofResolver, new ProofResolver(proofs)],
    [ErasureResolver, new ErasureResolver(erasures)],
  ];
  return { audit, auditLog, exportBy, auditTail, resolvers };
}
