/**
 * Ray by its Jobs API. The submission id is the name of the attempt: Ray takes each id once, however many ask at a time, and
 * answers the others with HTTP 500. So nothing of ours is ever deleted there: that would free the id for a second life.
 */
import { z } from 'zod';
import { isAttemptName } from '../port/attempt-name.js';
import type { Engine, EngineListing, EngineSubmitted, EngineTask, EngineView, TaskRef } from '../engine/engine.js';
import { messageOf } from '../machine/errno.js';
import { LauncherUnreachable, type LauncherCapabilities } from '../port/launcher.js';
import { excerpt, RayClient, type RayAnswer } from './client.js';
import { isRayJobOver, rayJobSchema, viewOfGhost, viewOfRayJob, type RayJob } from './job.js';
import { RayNodes, rayNodesSchema } from './nodes.js';
import { folderOfRayJob, rayRequest, refuseForRay } from './request.js';
import type { RaySettings } from './settings.js';

const versionSchema = z.object({ ray_version: z.string() });

/** The most Ray lists; without the limit it is 100. */
const NODES = '/api/v0/nodes?limit=10000';

/** How long one list of the nodes serves the looks at all running jobs. */
const NODES_SERVE_MS = 5000;

export function openRay(settings: RaySettings): Engine {
  return new RayEngine(settings, new RayClient(settings));
}

class RayEngine implements Engine {
  readonly kind = 'ray';
  private listed: { nodes: RayNodes; at: number } | null = null;

  constructor(
    private readonly settings: RaySettings,
    private readonly client: RayClient,
  ) {}

  async probe(): Promise<LauncherCapabilities> {
    const names = { queues: [], images: Object.keys(this.settings.images) };
    try {
      const { ray_version: version } = this.client.read(await this.client.ask('GET', '/api/version'), versionSchema);
      const nodes = await this.nodes();
      const gpus = Math.max(nodes.gpus(), this.settings.maxGpus ?? 0);
      return { available: true, message: `Ray ${version} on ${nodes.count()} nodes.`, gpus, ...names };
    } catch (error) {
      return { available: false, message: messageOf(error), gpus: null, ...names };
    }
  }

  async submit(task: EngineTask): Promise<EngineSubmitted> {
    const before = await this.job(task.name);
    if (before !== null) return adopt(before, task);
    const refusal = refuseForRay(task.spec, this.settings) ?? (await this.nodes()).refuse(task.spec, this.settings);
    if (refusal !== null) return { outcome: 'rejected', ...refusal };
    return await this.hand(task);
  }

  async find(name: string): Promise<string | null> {
    const job = await this.job(name);
    return job === null || folderOfRayJob(job) === null ? null : name;
  }

  async look({ id }: TaskRef): Promise<EngineView | null> {
    const job = await this.job(id);
    if (job === null) return null;
    const node = job.status === 'RUNNING' ? job.driver_node_id : null;
    return node != null && (await this.isGone(node)) ? viewOfGhost(job) : viewOfRayJob(job);
  }

  /** One that waits goes on waiting: Ray hands the wish to it only once it starts, and it ends then. */
  async stop({ id }: TaskRef): Promise<void> {
    const answer = await this.client.ask('POST', `${pathOf(id)}/stop`);
    if (answer.status !== 200 && !isUnknown(answer, id)) throw this.client.unusable(answer);
  }

  async list(): Promise<EngineListing[]> {
    const jobs = this.client.read(await this.client.ask('GET', '/api/jobs/'), z.array(rayJobSchema));
    return jobs.flatMap((job) => {
      const id = job.submission_id ?? '';
      return isAttemptName(id) && folderOfRayJob(job) !== null ? [{ id, name: id, over: isRayJobOver(job) }] : [];
    });
  }

  /** Whatever became of the submission, the id tells: it is there, or it is not. */
  private async hand(task: EngineTask): Promise<EngineSubmitted> {
    let answer: RayAnswer;
    try {
      answer = await this.client.ask('POST', '/api/jobs/', rayRequest(task, this.settings));
    } catch (error) {
      const job = await this.job(task.name);
      if (job === null) throw error;
      return adopt(job, task);
    }
    if (answer.status === 200) return { outcome: 'accepted', id: task.name, adopted: false };
    const job = await this.job(task.name);
    if (job !== null) return adopt(job, task);
    if (!isRefusal(answer)) throw this.client.unusable(answer);
    return { outcome: 'rejected', code: 'ENGINE_REFUSED', message: `Ray refused the job: ${excerpt(answer.body)}` };
  }

  private async job(id: string): Promise<RayJob | null> {
    const answer = await this.client.ask('GET', pathOf(id));
    return isUnknown(answer, id) ? null : this.client.read(answer, rayJobSchema);
  }

  /** An earlier list may lack a node that came since, so only a new one can say that it is gone. */
  private async isGone(node: string): Promise<boolean> {
    const earlier = this.listed;
    if (earlier !== null && Date.now() - earlier.at < NODES_SERVE_MS && !earlier.nodes.isGone(node)) return false;
    const nodes = await this.nodes();
    this.listed = { nodes, at: Date.now() };
    return nodes.isGone(node);
  }

  private async nodes(): Promise<RayNodes> {
    return new RayNodes(this.client.read(await this.client.ask('GET', NODES), rayNodesSchema));
  }
}

function adopt(job: RayJob, task: EngineTask): EngineSubmitted {
  if (folderOfRayJob(job) === task.folder) return { outcome: 'accepted', id: task.name, adopted: true };
  const message = `The Ray cluster has a job "${task.name}" that was not submitted from the folder "${task.folder}". Two launchers, or two installations, must not share job folders under different paths.`;
  return { outcome: 'rejected', code: 'NAME_TAKEN', message };
}

/** Ray's own 404, not that of something else that stands at its address. */
function isUnknown({ status, body }: RayAnswer, id: string): boolean {
  return status === 404 && body.includes(`Job ${id} does not exist`);
}

/** The head hides the 400 of the agent it asks in a 500. */
function isRefusal({ status, body }: RayAnswer): boolean {
  if (body.includes('already exists')) return false;
  return status === 400 || (status === 500 && body.includes('status code 400'));
}

function pathOf(id: string): string {
  if (!isAttemptName(id)) throw new LauncherUnreachable(`"${id}" is not a job that Weftline submitted to Ray.`);
  return `/api/jobs/${id}`;
}
