import { AuditRepository } from './audit/audit.repository.js';
import { AuditResolver } from './audit/audit.resolver.js';
import { AuditTail } from './audit/audit-tail.service.js';
import { AuditService } from './audit/audit.service.js';
import { CatalogEventResolver } from './audit/catalog-event.resolver.js';
import { AuditLog } from './audit/audit-log.service.js';
import { CheckpointService } from './audit/checkpoint.service.js';
import { EntryMarks } from './audit/entry-marks.js';
import { ErasureRepository } from './audit/erasure.repository.js';
import { ErasureResolver } from './audit/erasure.resolver.js';
import { ErasureService } from './audit/erasure.service.js';
import { ExportRepository } from './audit/export.repository.js';
import { ExportService } from './audit/export.service.js';
import { LogWalkRepository } from './audit/log-walk.repository.js';
import { LogWalk } from './audit/log-walk.service.js';
import { ProofRepository } from './audit/proof.repository.js';
import { ProofResolver } from './audit/proof.resolver.js';
import { ProofService } from './audit/proof.service.js';
import { RetentionRepository } from './audit/retention.repository.js';
import { RetentionService } from './audit/retention.service.js';
import { SealedLeaves } from './audit/sealed-leaves.js';
import { SealingRepository } from './audit/sealing.repository.js';
import { Sequencer } from './audit/sequencer.service.js';
import type { AssetService } from './catalog/asset.service.js';
import type { Parts, ResolverEntries } from './wire.js';

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
  const auditExport = new ExportService(graph, new ExportRepository(graph), log, auditLog, now);
  const auditTail = new AuditTail(audit, log);
  const resolvers: ResolverEntries = [
    [AuditResolver, new AuditResolver(audit)],
    [CatalogEventResolver, new CatalogEventResolver()],
    [ProofResolver, new ProofResolver(proofs)],
    [ErasureResolver, new ErasureResolver(erasures)],
  ];
  return { audit, auditLog, auditExport, auditTail, resolvers };
}
