import { Arg, Args, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import type { Version } from '../../catalog/versions/version.js';
import type { VersionService } from '../../catalog/versions/version.service.js';
import { ModelVersion } from '../../catalog/versions/version.type.js';
import { type Connection, PageArgs, toConnection } from '../../graphql/connection.type.js';
import type { Context } from '../../graphql/context.js';
import { pageOf } from '../../graphql/page.js';
import type { Run } from '../../lineage/runs/run.js';
import type { RunService } from '../../lineage/runs/run.service.js';
import { RunType } from '../../lineage/runs/run.type.js';
import type { Principal } from '../../principals/accounts/principal.js';
import type { PrincipalService } from '../../principals/accounts/principal.service.js';
import { PrincipalType } from '../../principals/accounts/principal.type.js';
import { type JobTransition, type TrainingJob, WAITING_STATES } from './job.js';
import * as input from './job.input.js';
import type { TrainingJobEvent } from './job.feed.js';
import type { JobService } from './job.service.js';
import * as type from './job.type.js';
import { shownUsage } from './job.usage.js';
import type { LaunchOutcome, LaunchService } from '../launch/launch.service.js';
import type { LogLine } from '../../launchers/port/launcher.js';
import type { LauncherRegistry } from '../../launchers/registry.js';
import { type LogAccess, WITHHELD } from './log-access.policy.js';
import type { UnclaimedTasks } from '../worker/unclaimed-tasks.worker.js';

@Resolver()
export class TrainingResolver {
  constructor(
    private readonly launches: LaunchService,
    private readonly jobs: JobService,
    private readonly registry: LauncherRegistry,
  ) {}

  @Query(() => type.TrainingJobType, {
    nullable: true,
    description: 'One training job; null when there is none that you may see.',
  })
  async trainingJob(
    @Ctx() { actor, loaders }: Context,
    @Arg('id', () => ID, { description: 'The id of the training job.' }) id: string,
  ): Promise<TrainingJob | null> {
    return (await loaders.find('job', id, (ids) => this.jobs.byIds(actor, ids))) ?? null;
  }

  @Query(() => type.TrainingJobConnection, {
    description: 'The training jobs whose transformation you may see, the newest first.',
  })
  async trainingJobs(
    @Ctx() { actor }: Context,
    @Args(() => PageArgs) args: PageArgs,
    @Arg('filter', () => input.TrainingJobFilter, {
      nullable: true,
      description: 'Conditions on the list; all, when not given.',
    })
    filter?: input.TrainingJobFilter | null,
  ): Promise<Connection<TrainingJob>> {
    const page = pageOf('trainingJobs', args);
    const conditions = await this.jobs.conditionsOf(actor, filter);
    return toConnection('trainingJobs', page, await this.jobs.list(actor, conditions, page), () =>
      this.jobs.count(actor, conditions),
    );
  }

  @Query(() => [type.LauncherType], { description: 'The launchers, and whether each can run jobs now.' })
  async launchers(): Promise<type.LauncherType[]> {
    const found = await this.registry.capabilities();
    return found.map(({ launcher: { name, kind }, queues = null, ...can }) => ({ name, kind, ...can, queues }));
  }

  @Mutation(() => type.LaunchTrainingResult, { description: 'Launches a training on exact versions, or says why not.' })
  launchTraining(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.LaunchTrainingInput, { description: 'The training to launch.' })
    given: input.LaunchTrainingInput,
  ): Promise<LaunchOutcome> {
    return this.launches.launch(actor, given);
  }

  @Mutation(() => type.CancelTrainingPayload, {
    description: 'Asks a training job to stop: SIGTERM first, SIGKILL after a grace.',
  })
  async cancelTraining(
    @Ctx() { actor }: Context,
    @Arg('input', () => input.CancelTrainingInput, { description: 'The training job to cancel.' })
    given: input.CancelTrainingInput,
  ): Promise<type.CancelTrainingPayload> {
    return { trainingJob: await this.launches.cancel(actor, given) };
  }

  @Subscription(() => type.TrainingJobEventType, {
    description: 'The changes of a job until it ends; without `after`, from its beginning.',
    subscribe: ({ args, context }: { args: { id: string; after?: string | null }; context: Context }) =>
      context.feeds.jobs.follow(context.actor, args, context.signal),
  })
  trainingJobChanged(
    @Root() event: TrainingJobEvent,
    @Arg('id', () => ID, { description: 'Id of the job.' }) _id: string,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last event you have.' })
    _after?: string | null,
  ): TrainingJobEvent {
    return event;
  }

  @Subscription(() => type.LogLineType, {
    description:
      'The log of a job until it ends, attempt after attempt; without `after`, from its beginning. For the same people as `TrainingJob.logs`.',
    subscribe: ({ args, context }: { args: { id: string; after?: string | null }; context: Context }) =>
      context.feeds.jobs.followLog(context.actor, args, context.signal),
  })
  trainingJobLog(
    @Root() line: LogLine,
    @Arg('id', () => ID, { description: 'Id of the job.' }) _id: string,
    @Arg('after', () => String, { nullable: true, description: 'Cursor of the last line you have.' })
    _after?: string | null,
  ): LogLine {
    return line;
  }
}

@Resolver(() => type.TrainingJobType)
export class TrainingJobFieldsResolver {
  constructor(
    private readonly jobs: JobService,
    private readonly runs: RunService,
    private readonly versions: VersionService,
    private readonly principals: PrincipalService,
    private readonly logAccess: LogAccess,
    /** Grams of CO2 equivalents a kWh; null: not configured. */
    private readonly gridIntensity: number | null,
  ) {}

  @FieldResolver(() => RunType, { description: 'The run it executes, with its exact inputs and outputs.' })
  run(@Root() job: TrainingJob, @Ctx() { actor, loaders }: Context): Promise<Run> {
    return loaders.get('run', job.runId, (ids) => this.runs.byIds(actor, ids));
  }

  @FieldResolver(() => PrincipalType, { description: 'The principal who launched it.' })
  requestedBy(@Root() job: TrainingJob, @Ctx() { actor, loaders }: Context): Promise<Principal> {
    return loaders.get('principal', job.requestedById, (ids) => this.principals.byIds(actor, ids));
  }

  @FieldResolver(() => ModelVersion, {
    nullable: true,
    description: 'The model version it made; null when it made nothing, has not ended, or you may not see it.',
  })
  async modelVersion(@Root() job: TrainingJob, @Ctx() { actor, loaders }: Context): Promise<Version | null> {
    if (job.modelVersionId === null) return null;
    return (await loaders.find('version', job.modelVersionId, (ids) => this.versions.byIds(actor, ids))) ?? null;
  }

  @FieldResolver(() => [type.JobAttemptType], { description: 'Its tries, the first first.' })
  async attempts(@Root() job: TrainingJob, @Ctx() context: Context): Promise<type.JobAttemptType[]> {
    const { actor, loaders } = context;
    const attempts = await loaders.get('job.attempts', job.id, (ids) => this.jobs.attemptsOf(actor, ids));
    const open = attempts.every(({ foundLater }) => foundLater === null) || (await this.allows(job, context));
    return attempts.map(({ handle, usage, foundLater, ...attempt }) => ({
      ...attempt,
      externalId: handle?.id ?? null,
      foundLater: foundLater && (open ? foundLater.text : WITHHELD),
      usage: usage && shownUsage(usage, this.gridIntensity),
    }));
  }

  @FieldResolver(() => [type.JobTransitionType], {
    complexity: 20,
    description: 'Each step of its life and why, the first first; an auditor session sees those until its time.',
  })
  async transitions(@Root() job: TrainingJob, @Ctx() context: Context): Promise<JobTransition[]> {
    const { actor, loaders } = context;
    const found = (await loaders.find('job.transitions', job.id, (ids) => this.jobs.transitionsOf(actor, ids))) ?? [];
    if (await this.allows(job, context)) return found;
    return found.map((step) => ({ ...step, cause: WITHHELD }));
  }

  @FieldResolver()
  reportNote(@Root() { reportNote, damage }: TrainingJob): string | null {
    return [reportNote, damage].filter((text) => text !== null).join(' ') || null;
  }

  @FieldResolver()
  async purpose(@Root() job: TrainingJob, @Ctx() context: Context): Promise<string | null> {
    return job.purpose !== null && (await this.allows(job, context)) ? job.purpose : null;
  }

  @FieldResolver()
  async failure(@Root() job: TrainingJob, @Ctx() context: Context): Promise<TrainingJob['failure']> {
    if (job.failure === null || (await this.allows(job, context))) return job.failure;
    return { ...job.failure, message: WITHHELD };
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: "The launcher's own id of the present attempt; null before it was accepted.",
  })
  externalId(@Root() job: TrainingJob): string | null {
    return job.handle?.id ?? null;
  }

  @FieldResolver(() => type.Observation, {
    nullable: true,
    description:
      'The freshness of the state; null before the launcher was first asked, unless it is known why it cannot be.',
  })
  observation(@Root() job: TrainingJob): type.Observation | null {
    const { observedAt, observationError: error } = job;
    if (observedAt === null && error === null) return null;
    const waitingFor = WAITING_STATES.includes(job.state) ? job.waitingFor : null;
    return { at: observedAt ?? job.createdAt, stale: error !== null, error, waitingFor };
  }

  @FieldResolver(() => type.ResourceUsage, {
    nullable: true,
    description: 'The resources that its attempts used together; null until one has ended.',
  })
  usage(@Root() job: TrainingJob): type.ResourceUsage | null {
    return job.usage && shownUsage(job.usage, this.gridIntensity);
  }

  private allows(job: TrainingJob, { actor, loaders }: Context): Promise<boolean> {
    return this.logAccess.allows(actor, job, loaders);
  }
}

@Resolver(() => type.TrainingJobEventType)
export class TrainingJobEventResolver {
  constructor(private readonly logAccess: LogAccess) {}

  @FieldResolver()
  async cause(@Root() { job, cause }: TrainingJobEvent, @Ctx() { actor, loaders }: Context): Promise<string> {
    return (await this.logAccess.allows(actor, job, loaders)) ? cause : WITHHELD;
  }
}

@Resolver(() => type.TrainingJobType)
export class TrainingJobLogResolver {
  constructor(
    private readonly jobs: JobService,
    private readonly logAccess: LogAccess,
  ) {}

  @FieldResolver(() => type.LogConnection, {
    nullable: true,
    complexity: 50,
    description:
      'Its log, oldest first, attempt after attempt: for who launched it, and who may EDIT the transformation or the output model; FORBIDDEN for others.',
  })
  async logs(
    @Root() job: TrainingJob,
    @Ctx() { actor, loaders, feeds }: Context,
    @Arg('first', () => Int, { nullable: true, description: 'Lines to return: 1 to 200, default 25.' })
    first?: number | null,
    @Arg('after', () => String, { nullable: true, description: 'Return lines after this cursor.' })
    after?: string | null,
  ): Promise<type.LogConnection> {
    const { size } = pageOf('logs', { first });
    await this.logAccess.check(actor, job, loaders);
    const attempts = await loaders.get('job.attempts', job.id, (ids) => this.jobs.attemptsOf(actor, ids));
    const page = await feeds.jobs.readLog(job, attempts, { after: after ?? null, first: size, until: actor.readsAsOf });
    const pageInfo = {
      hasNextPage: page.more,
      hasPreviousPage: after != null,
      startCursor: page.lines[0]?.cursor ?? null,
      endCursor: page.endCursor,
    };
    return { nodes: page.lines, pageInfo };
  }
}

@Resolver(() => type.LauncherType)
export class UnclaimedTasksResolver {
  constructor(
    private readonly orphans: UnclaimedTasks,
    private readonly registry: LauncherRegistry,
  ) {}

  @FieldResolver(() => [type.OrphanTaskType], {
    name: 'orphans',
    nullable: true,
    complexity: 50,
    description:
      'Tasks it has under names of Weftline that no open job asked for; they are never stopped by themselves. null when it cannot be asked now. For an ADMIN or AUDITOR.',
  })
  async orphansOf(
    @Root() { name }: type.LauncherType,
    @Ctx() { actor }: Context,
  ): Promise<type.OrphanTaskType[] | null> {
    const found = await this.orphans.at(this.registry.choose(name), actor.origin);
    return found && found.map((task) => ({ name: task.name, externalId: task.id }));
  }
}

@Resolver(() => RunType)
export class RunJobResolver {
  constructor(private readonly jobs: JobService) {}

  @FieldResolver(() => type.TrainingJobType, {
    nullable: true,
    description: 'The training job that executes it; null when it was reported from outside.',
  })
  async job(@Root() run: Run, @Ctx() { actor, loaders }: Context): Promise<TrainingJob | null> {
    return (await loaders.find('run.job', run.id, (ids) => this.jobs.ofRuns(actor, ids))) ?? null;
  }
}
