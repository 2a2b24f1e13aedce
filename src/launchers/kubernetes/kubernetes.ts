/**
 * Kubernetes as an engine: one batch/v1 Job under the name of the attempt. Two creates of one name are one Job, so submitting
 * is safe to repeat; a Job is stopped by suspending it, which ends its pod and keeps the record that DELETE would lose.
 */
import type { Engine, EngineListing, EngineSubmitted, EngineTask, EngineView, TaskRef } from '../engine/engine.js';
import { messageOf } from '../machine/errno.js';
import { KubernetesClient } from './client.js';
import { cancelledAt, digestOf, isFinished, isOurs, isStopped, orderOf, stopReasonOf } from './job.js';
import { idOf, KubernetesJobs } from './jobs.js';
import { probeTask, refuseTask } from './checks.js';
import { KubernetesRefusal } from './refusal.js';
import type { KubernetesSettings } from './settings.js';
import { viewOf } from './view.js';
import { type LauncherCapabilities, LauncherUnreachable } from '../port/launcher.js';

export function openKubernetes(settings: KubernetesSettings): Engine {
  return new KubernetesEngine(settings, new KubernetesJobs(new KubernetesClient(settings), settings));
}

class KubernetesEngine implements Engine {
  readonly kind = 'kubernetes';
  private readonly namespaces: readonly string[];

  constructor(
    private readonly settings: KubernetesSettings,
    private readonly jobs: KubernetesJobs,
  ) {
    this.namespaces = [...new Set([settings.namespace, ...settings.namespaces])];
  }

  async probe(): Promise<LauncherCapabilities> {
    const { gpus, image } = this.settings;
    const known = { gpus, queues: this.namespaces, needsImage: image === null };
    try {
      for (const namespace of this.namespaces) {
        // A dry run is checked like any other and creates nothing: it tells whether we are known, may, and the namespace is there.
        const job = await this.jobs.create(probeTask(this.settings), namespace, { dryRun: 'All' });
        await this.jobs.podsOf(job);
        await this.jobs.read(namespace, probeTask(this.settings).name);
      }
      return { available: true, message: null, ...known };
    } catch (error) {
      return { available: false, message: messageOf(error), ...known };
    }
  }

  async submit(task: EngineTask): Promise<EngineSubmitted> {
    const refusal = refuseTask(task, this.settings, this.namespaces);
    if (refusal !== null) return { outcome: 'rejected', ...refusal };
    const namespace = task.spec.queue ?? this.settings.namespace;
    try {
      const job = await this.jobs.create(task, namespace);
      return { outcome: 'accepted', id: idOf(job), adopted: false };
    } catch (error) {
      if (!(error instanceof KubernetesRefusal)) throw error;
      if (error.status === 409) return await this.adopt(task, namespace);
      const code = error.status === 404 ? 'UNKNOWN_QUEUE' : 'INVALID_JOB';
      return { outcome: 'rejected', code, message: error.message };
    }
  }

  async find(name: string): Promise<string | null> {
    for (const namespace of this.namespaces) {
      const job = await this.jobs.read(namespace, name);
      if (job !== null && isOurs(job, this.settings)) return idOf(job);
    }
    return null;
  }

  /** Stops what cannot start, before it would be called ended: an image that appears late would start it yet. */
  async look(task: TaskRef): Promise<EngineView | null> {
    const job = await this.jobs.readTask(task);
    if (job === null) return null;
    const pods = await this.jobs.podsOf(job);
    const hindrance = pods.length === 0 && !isFinished(job) ? await this.jobs.hindranceOf(job) : null;
    const { startPatienceSeconds } = this.settings;
    const { view, giveUp } = viewOf({ job, pods, hindrance, now: new Date(), startPatienceSeconds });
    if (giveUp !== null && stopReasonOf(job) === null) await this.jobs.suspend(job, giveUp);
    return view;
  }

  /** The grace is what the Job was created with: Kubernetes keeps it with the pod. A shorter one is kept by the runner. */
  async stop(task: TaskRef): Promise<void> {
    const job = await this.jobs.readTask(task);
    if (job === null || isFinished(job) || stopReasonOf(job) !== null) return;
    await this.jobs.suspend(job, cancelledAt(new Date()));
  }

  async list(): Promise<EngineListing[]> {
    const found = (await Promise.all(this.namespaces.map((namespace) => this.jobs.list(namespace)))).flat();
    await this.jobs.removeOutdated(found, new Date());
    return found.map((job) => {
      return { id: idOf(job), name: job.metadata?.name ?? '', over: isFinished(job) || isStopped(job) };
    });
  }

  /** A 409 says neither whose job it is nor that it will stay. */
  private async adopt(task: EngineTask, namespace: string): Promise<EngineSubmitted> {
    const job = await this.jobs.read(namespace, task.name);
    if (job === null || job.metadata?.deletionTimestamp !== undefined) {
      throw new LauncherUnreachable(`A job "${task.name}" is just being deleted from the namespace "${namespace}".`);
    }
    if (isOurs(job, this.settings) && orderOf(job) === digestOf(task.spec)) {
      return { outcome: 'accepted', id: idOf(job), adopted: true };
    }
    const message = `The namespace "${namespace}" has a job "${task.name}" already, made by somebody else or for another order. See whose it is before deleting it.`;
    return { outcome: 'rejected', code: 'NAME_TAKEN', message };
  }
}
