import { type Actor, type Role, ROLES } from '../../auth/actor.js';
import { ActorReads } from '../../auth/actor-reads.js';
import { cutPage, type Page, type PageRows, pageStatement } from '../../graphql/page.js';
import type { Run } from '../../lineage/runs/run.js';
import { beginning } from '../../lineage/runs/run.repository.js';
import type { QueryOrigin, WriteTransaction } from '../../neo4j/graph.js';
import type { Parameters } from '../../neo4j/statements.js';
import type { Row } from '../../neo4j/row.js';
import * as cypher from './job.cypher.js';
import { attemptAsThen, decodeAttempt, decodeJob, jobAsThen, decodeTransition, storedJob } from './job.decode.js';
import { type JobAttempt, type JobState, type JobTransition, OPEN_STATES, type TrainingJob } from './job.js';
import { attemptName } from '../../launchers/port/attempt-name.js';
import type { InputPin } from '../../launchers/port/launcher.js';
import { indexInTurns, mapInTurns } from '../../turn.js';

export interface JobConditions {
  states: readonly JobState[] | null;
  requestedBy: string | null;
  transformationId: string | null;
}

/** A job as it begins. */
export interface NewJob {
  job: TrainingJob;
  run: Run;
  requestKey: string;
  cause: string;
  /** What accounts for it: `entryOf`. */
  entry: Parameters;
}

/** What a launch names of an input, with the asset it belongs to. */
export interface PinRow extends Omit<InputPin, 'path'> {
  assetId: string;
}

/** How a look at a job went. */
export interface JobPoll {
  id: string;
  /** When to look again. */
  dueAt: Date;
  /** When the launcher told of it; null when it was not asked, or did not answer. */
  seenAt: Date | null;
  /** Why its program has not begun, as the launcher says. */
  waitingFor: string | null;
  /** Why it did not answer. */
  error: string | null;
}

export interface Requester {
  name: string;
  role: Role;
  teamIds: string[];
}

export class JobRepository extends ActorReads {
  /** Throws ConstraintViolation when there is a job of this request already. */
  /** Writes an accepted job with its run, what that reads, and its entry in the log. Let it be the last of the transaction. */
  async create(tx: WriteTransaction, { job, run, requestKey, cause, entry }: NewJob): Promise<void> {
    const parameters = { ...beginning(run, job.inputIds, this.now()), job: storedJob(job, requestKey), cause, entry };
    await tx.one(cypher.CREATE_JOB, parameters);
  }

  async findByRequest(origin: QueryOrigin, requestKey: string): Promise<TrainingJob | null> {
    const row = (await this.graph.read(origin, cypher.FIND_BY_REQUEST, { requestKey }))[0];
    return row ? decodeJob(row.row('job')) : null;
  }

  async byIds(actor: Actor, ids: readonly string[]): Promise<Map<string, TrainingJob>> {
    const rows = await this.read(actor, cypher.JOBS_BY_ID, { ids });
    const jobs = await mapInTurns(rows, (row) => jobAsThen(decodeJob(row.row('job')), actor.readsAsOf));
    return new Map(jobs.map((job) => [job.id, job]));
  }

  /** Writes changes if the job is still as it was read; null when somebody else was faster. */
  async change(tx: WriteTransaction, job: TrainingJob, changes: Parameters): Promise<TrainingJob | null> {
    const row = await tx.first(cypher.CHANGE_JOB, { id: job.id, revision: job.revision, changes, now: this.now() });
    return row && decodeJob(row.row('job'));
  }

  /** Keeps the state the job is now in as a step of its history. */
  async addTransition(tx: WriteTransaction, jobId: string, cause: string): Promise<TrainingJob> {
    return decodeJob((await tx.one(cypher.ADD_TRANSITION, { id: jobId, cause, now: this.now() })).row('job'));
  }

  async writeAttempt(tx: WriteTransaction, jobId: string, number: number, changes: Parameters): Promise<void> {
    await tx.run(cypher.WRITE_ATTEMPT, { id: jobId, number, changes });
  }

  async requestCancel(tx: WriteTransaction, jobId: string): Promise<TrainingJob> {
    const row = await tx.one(cypher.REQUEST_CANCEL, { id: jobId, now: this.now(), open: OPEN_STATES });
    return decodeJob(row.row('job'));
  }

  /** Due jobs of the launcher, which this worker may work on until the time. */
  async lease(
    origin: QueryOrigin,
    lease: { worker: string; launcher: string; until: Date; limit: number },
  ): Promise<TrainingJob[]> {
    const rows = await this.graph.write(origin, (tx) => tx.run(cypher.LEASE_JOBS, { ...lease, now: this.now() }));
    return mapInTurns(rows, (row) => decodeJob(row.row('job')));
  }

  /** Gives jobs back that the worker has looked at. */
  async giveBack(origin: QueryOrigin, worker: string, looks: readonly JobPoll[]): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.RETURN_JOBS, { worker, looks, now: this.now() }));
  }

  async releaseLeases(origin: QueryOrigin, lease: { worker: string; launchers: readonly string[] }): Promise<void> {
    await this.graph.write(origin, (tx) => tx.run(cypher.RELEASE_LEASES, { ...lease, now: this.now() }));
  }

  /** Names of the present attempts of those of the jobs that are open at the launcher. */
  async openAttempts(origin: QueryOrigin, launcher: string, jobIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.graph.read(origin, cypher.OPEN_ATTEMPTS, { ids: jobIds });
    return new Set(
      rows
        .filter((row) => row.text('launcher') === launcher)
        .map((row) => attemptName({ jobId: row.text('id'), attempt: row.int('attempt') })),
    );
  }

  /** Jobs at the launcher that ended as LOST since the time, with nothing found of them since; the latest first. */
  async lost(origin: QueryOrigin, search: { launcher: string; since: Date; limit: number }): Promise<TrainingJob[]> {
    const rows = await this.graph.read(origin, cypher.LOST_JOBS, search);
    return mapInTurns(rows, (row) => decodeJob(row.row('job')));
  }

  /** Keeps with the last attempt of a job what was found of it after it had ended. Nothing of the job changes. */
  async noteFound(origin: QueryOrigin, job: TrainingJob, foundLater: string): Promise<void> {
    const changes = { foundLater, foundAt: this.now() };
    await this.graph.write(origin, (tx) => this.writeAttempt(tx, job.id, job.attempt, changes));
  }

  async inputPins(origin: QueryOrigin, versionIds: readonly string[]): Promise<PinRow[]> {
    const rows = await this.graph.read(origin, cypher.INPUT_PINS, { ids: versionIds });
    return mapInTurns(rows, (row) => ({
      id: row.text('id'),
      urn: row.text('urn'),
      kind: row.text('kind') === 'MODEL' ? 'MODEL' : 'DATASET',
      version: row.text('version'),
      digest: row.maybeText('digest'),
      uri: row.maybeText('uri'),
      format: row.maybeText('format'),
      bytes: row.maybeBigInt('bytes')?.toString() ?? null,
      rowCount: row.maybeBigInt('rowCount')?.toString() ?? null,
      assetId: row.text('assetId'),
      madeBy:
        row.rows('makers').map((job) => attemptName({ jobId: job.text('id'), attempt: job.int('attempt') }))[0] ?? null,
    }));
  }

  /** The user who launched, as they are now; null when they are gone. */
  async requester(origin: QueryOrigin, userId: string): Promise<Requester | null> {
    const row = (await this.graph.read(origin, cypher.REQUESTER, { id: userId }))[0];
    if (!row) return null;
    const role = ROLES.find((each) => each === row.text('role')) ?? 'MEMBER';
    return { name: row.text('name'), role, teamIds: row.texts('teamIds') };
  }

  async lastVersionNumber(tx: WriteTransaction, modelId: string): Promise<number> {
    return (await tx.one(cypher.LAST_VERSION_NUMBER, { modelId })).maybeInt('number') ?? 0;
  }

  async list(actor: Actor, conditions: JobConditions, page: Page): Promise<PageRows<TrainingJob>> {
    const statement = pageStatement(cypher.LIST_JOBS, page);
    const rows = await this.read(actor, statement.cypher, { ...conditions, ...statement.window });
    const jobs = await mapInTurns(rows, (row) => jobAsThen(decodeJob(row.row('job')), actor.readsAsOf));
    return cutPage(jobs, page);
  }

  async count(actor: Actor, conditions: JobConditions): Promise<number> {
    return (await this.read(actor, cypher.COUNT_JOBS, { ...conditions }))[0]?.int('total') ?? 0;
  }

  async ofRuns(actor: Actor, runIds: readonly string[]): Promise<Map<string, TrainingJob>> {
    const rows = await this.read(actor, cypher.JOBS_OF_RUNS, { ids: runIds });
    const decode = (row: Row): TrainingJob => jobAsThen(decodeJob(row.row('job')), actor.readsAsOf);
    return indexInTurns(rows, (row) => row.text('id'), decode);
  }

  async attemptsOf(actor: Actor, jobIds: readonly string[]): Promise<Map<string, JobAttempt[]>> {
    const then = actor.readsAsOf;
    const rows = await this.read(actor, cypher.ATTEMPTS_OF, { ids: jobIds, asOf: then ?? null });
    const decode = (row: Row): JobAttempt => attemptAsThen(decodeAttempt(row), then);
    const attemptsIn = (row: Row): Promise<JobAttempt[]> => mapInTurns(row.rows('attempts'), decode);
    return indexInTurns(rows, (row) => row.text('id'), attemptsIn);
  }

  async transitionsOf(actor: Actor, jobIds: readonly string[]): Promise<Map<string, JobTransition[]>> {
    const rows = await this.read(actor, cypher.TRANSITIONS_OF, { ids: jobIds, asOf: actor.readsAsOf ?? null });
    const transitionsIn = (row: Row): Promise<JobTransition[]> => mapInTurns(row.rows('transitions'), decodeTransition);
    return indexInTurns(rows, (row) => row.text('id'), transitionsIn);
  }

  /** The job with its state changes after a number; null when the actor may not see it. */
  async transitionsAfter(
    actor: Actor,
    jobId: string,
    after: number,
  ): Promise<{ job: TrainingJob; transitions: JobTransition[] } | null> {
    const row = (await this.read(actor, cypher.TRANSITIONS_AFTER, { id: jobId, after }))[0];
    if (!row) return null;
    return { job: decodeJob(row.row('job')), transitions: await mapInTurns(row.rows('transitions'), decodeTransition) };
  }

  /** How many jobs are in each open state. */
  async countByState(origin: QueryOrigin, states: readonly JobState[]): Promise<Map<string, number>> {
    const rows = await this.graph.read(origin, cypher.JOBS_BY_STATE, { states });
    return new Map(rows.map((row) => [row.text('state'), row.int('total')]));
  }
}
