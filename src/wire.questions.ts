import type { SealedCursors } from './graphql/sealed-cursor.js';
import { ContaminationRepository } from './lineage/contamination.repository.js';
import { ContaminationResolver } from './lineage/contamination.resolver.js';
import { ContaminationService } from './lineage/contamination.service.js';
import { TrainedOnRepository } from './lineage/trained-on.repository.js';
import { TrainedOnResolver } from './lineage/trained-on.resolver.js';
import { TrainedOnService } from './lineage/trained-on.service.js';
import type { Parts, ResolverEntries } from './wire.js';

/** The questions about lineage that nothing else is built upon: what was trained on what, and what that touches. */
export function wireQuestions({ graph, now }: Parts, cursors: SealedCursors): ResolverEntries {
  const trainedOn = new TrainedOnService(new TrainedOnRepository(graph, now), cursors, now);
  const contaminations = new ContaminationService(new ContaminationRepository(graph, now), now);
  return [
    [TrainedOnResolver, new TrainedOnResolver(trainedOn)],
    [ContaminationResolver, new ContaminationResolver(contaminations)],
  ];
}
