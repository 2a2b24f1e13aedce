import type { SealedCursors } from './graphql/sealed-cursor.js';
import { ContaminationRepository } from './lineage/contamination.repository.js';
import { ContaminationResolver } from './lineage/contamination.resolver.js';
import { ContaminationService } from './lineage/contamination.service.js';
import { CoverageRepository } from './lineage/coverage.repository.js';
import { CoverageResolver } from './lineage/coverage.resolver.js';
import { CoverageService } from './lineage/coverage.service.js';
import { ImpactRepository } from './lineage/impact.repository.js';
import { AffectedOwnerResolver, ImpactResolver } from './lineage/impact.resolver.js';
import { ImpactService } from './lineage/impact.service.js';
import { LineageDiffRepository } from './lineage/lineage-diff.repository.js';
import { LineageDiffResolver } from './lineage/lineage-diff.resolver.js';
import { LineageDiffService } from './lineage/lineage-diff.service.js';
import { LineagePathsRepository } from './lineage/lineage-paths.repository.js';
import { LineagePathsResolver } from './lineage/lineage-paths.resolver.js';
import { LineagePathsService } from './lineage/lineage-paths.service.js';
import { OrphanRepository } from './lineage/orphan.repository.js';
import { OrphanResolver } from './lineage/orphan.resolver.js';
import { OrphanService } from './lineage/orphan.service.js';
import { TrainedOnRepository } from './lineage/trained-on.repository.js';
import { TrainedOnResolver } from './lineage/trained-on.resolver.js';
import { TrainedOnService } from './lineage/trained-on.service.js';
import type { PrincipalService } from './principals/principal.service.js';
import type { Parts, ResolverEntries } from './wire.js';

/** The questions about lineage that nothing else is built upon: what was trained on what, and what that touches. */
export function wireQuestions(
  { graph, now }: Parts,
  cursors: SealedCursors,
  principals: PrincipalService,
): ResolverEntries {
  const trainedOn = new TrainedOnService(new TrainedOnRepository(graph, now), cursors, now);
  const contaminations = new ContaminationService(new ContaminationRepository(graph, now), cursors, now);
  const impacts = new ImpactService(new ImpactRepository(graph, now), cursors);
  const orphans = new OrphanService(new OrphanRepository(graph, now), cursors);
  const coverage = new CoverageService(new CoverageRepository(graph, now), cursors, now);
  const paths = new LineagePathsService(new LineagePathsRepository(graph, now), cursors, now);
  const diffs = new LineageDiffService(new LineageDiffRepository(graph, now), cursors, now);
  return [
    [LineagePathsResolver, new LineagePathsResolver(paths)],
    [LineageDiffResolver, new LineageDiffResolver(diffs)],
    [TrainedOnResolver, new TrainedOnResolver(trainedOn)],
    [ContaminationResolver, new ContaminationResolver(contaminations)],
    [ImpactResolver, new ImpactResolver(impacts)],
    [AffectedOwnerResolver, new AffectedOwnerResolver(principals)],
    [OrphanResolver, new OrphanResolver(orphans)],
    [CoverageResolver, new CoverageResolver(coverage)],
  ];
}
