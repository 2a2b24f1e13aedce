import type { Actor } from '../../auth/actor.js';
import type { AssetService } from '../../catalog/assets/asset.service.js';
import type { Page, PageRows } from '../../graphql/page.js';
import type { JobAttempt, JobTransition, TrainingJob } from './job.js';
import type { TrainingJobFilter } from './job.input.js';
import type { JobConditions, JobRepository } from './job.repository.js';

/** Finding training jobs. */
export class JobService {
  constructor(
    private readonly jobs: JobRepository,
    private readonly assets: AssetService,
  ) {}

  byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, TrainingJob>> {
    return this.jobs.byIds(actor, ids);
  }

  ofRuns(actor: Actor, runIds: readonly string[]): Promise<Map<string, TrainingJob>> {
    return this.jobs.ofRuns(actor, runIds);
  }

  attemptsOf(actor: Actor, jobIds: readonly string[]): Promise<Map<string, JobAttempt[]>> {
    return this.jobs.attemptsOf(actor, jobIds);
  }

  transitionsOf(actor: Actor, jobIds: readonly string[]): Promise<Map<string, JobTransition[]>> {
    return this.jobs.transitionsOf(actor, jobIds);
  }

  list(actor: Actor, conditions: JobConditions, page: Page): Promise<PageRows<TrainingJob>> {
    return this.jobs.list(actor, conditions, page);
  }

  count(actor: Actor, conditions: JobConditions): Promise<number> {
    return this.jobs.count(actor, conditions);
  }

  /** A filter as the database is asked. A transformation the actor may not know of has no jobs. */
  async conditionsOf(actor: Actor, filter: TrainingJobFilter | null | undefined): Promise<JobConditions> {
    const ref = filter?.transformation;
    const transformationId = ref == null ? null : ((await this.assets.find(actor, ref))?.id ?? 'none');
    return { states: filter?.states ?? null, requestedBy: filter?.requestedBy ?? null, transformationId };
  }
}
