/**
 * Slurm by slurmrestd. Its HTTP status tells nothing: a job it does not know, a partition it has not and a token it does
 * not accept are all 500. What counts is the code of the error within.
 */
import type { TaskRef } from '../engine/engine.js';
import { LauncherUnreachable } from '../port/launcher.js';
import {
  numberOf,
  type SlurmAccess,
  type SlurmEnergy,
  type SlurmJob,
  type SlurmRequest,
  type SlurmSubmitted,
} from './access.js';
import { decodeJob, nameOfJob, type SlurmRestAnswer, type SlurmRestJob } from './rest-answers.js';
import { type Method, SlurmRestClient } from './rest-client.js';
import { decodeEnergy } from './rest-energy.js';
import { codeOf, INVALID_JOB, IS_OVER, isRefusal, NO_ACCOUNTING, NOTHING_FOUND, textOf } from './rest-errors.js';
import type { SlurmRestSettings } from './settings.js';
import type { SlurmTokens } from './token.js';

export class SlurmRest implements SlurmAccess {
  private readonly client: SlurmRestClient;
  private readonly user: string;

  constructor(settings: SlurmRestSettings, tokens: SlurmTokens, timeoutSeconds: number) {
    this.client = new SlurmRestClient(settings, tokens, timeoutSeconds);
    this.user = settings.user;
  }

  async submit(request: SlurmRequest): Promise<SlurmSubmitted> {
    const { version } = await this.client.offer();
    const { job_id: id, errors } = await this.ask('POST', '/job/submit', version.submission(request));
    // With an id it is in, whatever is said besides ("held", "not available now").
    if (id != null && id > 0) return { id: String(id) };
    const refusal = errors?.find((error) => isRefusal(codeOf(error)));
    if (refusal === undefined) throw this.client.unreachable(errors);
    return { id: null, code: codeOf(refusal), reason: (errors ?? []).map(textOf).join('; ') };
  }

  async job(id: string): Promise<SlurmJob | null> {
    const { jobs, errors } = await this.ask('GET', `/job/${encodeURIComponent(id)}`);
    if (jobs?.length) return this.ours(jobs)[0] ?? null;
    // The words "Unable to find" prove nothing: they also come when the controller is away.
    if (errors?.some((error) => codeOf(error) === INVALID_JOB)) return null;
    throw this.client.unreachable(errors);
  }

  async jobs(name?: string): Promise<SlurmJob[]> {
    const { jobs, errors } = await this.ask('GET', '/jobs');
    if (jobs == null || (jobs.length === 0 && errors?.length)) throw this.client.unreachable(errors);
    return this.ours(jobs, name);
  }

  async cancel(id: string): Promise<void> {
    // Without a signal of its own: with one, a job that waits stays, and one that runs counts as failed.
    const { errors } = await this.ask('DELETE', `/job/${encodeURIComponent(id)}`);
    const serious = errors?.filter((error) => !IS_OVER.has(codeOf(error)));
    if (serious?.length) throw this.client.unreachable(serious);
  }

  async accounted(name: string): Promise<SlurmJob[]> {
    return this.ours((await this.account(`/jobs?job_name=${encodeURIComponent(name)}`)) ?? [], name);
  }

  async energy({ id, name }: TaskRef): Promise<SlurmEnergy[] | null> {
    const jobs = await this.account(`/job/${numberOf(id)}`);
    return jobs?.filter((job) => this.ours([job], name)[0]?.id === id).flatMap(decodeEnergy) ?? null;
  }

  async partitions(): Promise<string[]> {
    const { partitions, errors } = await this.ask('GET', '/partitions');
    if (!partitions?.length) throw this.client.unreachable(errors);
    return partitions.map(({ name }) => name);
  }

  async gres(): Promise<string[]> {
    const { nodes, errors } = await this.ask('GET', '/nodes');
    if (!nodes?.length) throw this.client.unreachable(errors);
    return nodes.map(({ gres }) => gres ?? '');
  }

  private async ask(method: Method, path: string, body?: unknown): Promise<SlurmRestAnswer> {
    const { version } = await this.client.offer();
    return await this.client.ask(method, `/slurm/${version.name}${path}`, body);
  }

  /** Jobs that accounting has; null where there is none. */
  private async account(path: string): Promise<readonly unknown[] | null> {
    const { accounting, version } = await this.client.offer();
    if (!accounting) return null;
    const { jobs, errors } = await this.client.ask('GET', `/slurmdb/${version.name}${path}`);
    if (jobs?.length) return jobs;
    if (errors?.some((error) => NO_ACCOUNTING.test(textOf(error)))) return null;
    const serious = errors?.filter((error) => codeOf(error) !== NOTHING_FOUND).map(textOf) ?? [];
    if (serious.length === 0) return [];
    throw new LauncherUnreachable(
      `Slurm's accounting could not tell and said: ${serious.join('; ')}. See that slurmdbd runs.`,
    );
  }

  /** Somebody else's job of the same name is none of ours: whoever sees a name could take it. */
  private ours(jobs: readonly unknown[], name?: string): SlurmRestJob[] {
    const named = jobs.filter((job) => name === undefined || nameOfJob(job) === name);
    return named.map(decodeJob).filter(({ user }) => user === this.user);
  }
}
