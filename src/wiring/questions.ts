import type { SealedCursors } from '../graphql/sealed-cursor.js';
import { ContaminationRepository } from '../questions/contamination/contamination.repository.js';
import { ContaminationResolver } from '../questions/contamination/contamination.resolver.js';
import { ContaminationService } from '../questions/contamination/contamination.service.js';
import { CoverageRepository } from '../questions/coverage/coverage.repository.js';
import { CoverageResolver } from '../questions/coverage/coverage.resolver.js';
import { CoverageService } from '../questions/coverage/coverage.service.js';
import { ImpactRepository } from '../questions/impact/impact.repository.js';
import { AffectedOwnerResolver, ImpactResolver } from '../questions/impact/impact.resolver.js';
import { ImpactService } from '../questions/impact/impact.service.js';
import { LineageDiffRepository } from '../questions/diff/diff.repository.js';
import { LineageDiffResolver } from '../questions/diff/diff.resolver.js';
import { LineageDiffService } from '../questions/diff/diff.service.js';
import { LineagePathsRepository } from '../questions/paths/paths.repository.js';
import { LineagePathsResolver } from '../questions/paths/paths.resolver.js';
import { LineagePathsService } from '../questions/paths/paths.service.js';
import { LineageGapRepository } from '../questions/gaps/lineage-gaps.repository.js';
import { LineageGapResolver } from '../questions/gaps/lineage-gaps.resolver.js';
import { LineageGaps } from '../questions/gaps/lineage-gaps.service.js';
import { TrainedOnRepository } from '../questions/trained-on/trained-on.repository.js';
import { TrainedOnResolver } from '../questions/trained-on/trained-on.resolver.js';
import { TrainedOnService } from '../questions/trained-on/trained-on.service.js';
import type { PrincipalService } from '../principals/accounts/principal.service.js';
import type { Parts, ResolverEntries } from './parts.js';

/** The questions about lineage that nothing else is built upon: what was trained on what, and what that touches. */
export function wireQuestions(
  { graph, now }: Parts,
  cursors: SealedCursors,
  principals: PrincipalService,
): ResolverEntries {
  const trainedOn = new TrainedOnService(new TrainedOnRepository(graph, now), cursors, now);
  const contaminations = new ContaminationService(new ContaminationRepository(graph, now), cursors, now);
  const impacts = new ImpactService(new ImpactRepository(graph, now), cursors);
  const orphans = new LineageGaps(new LineageGapRepository(graph, now), cursors);
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
    [LineageGapResolver, new LineageGapResolver(orphans)],
    [CoverageResolver, new CoverageResolver(coverage)],
  ];
}
