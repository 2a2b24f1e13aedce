/** The Jobs of this installation as the cluster has them. Each method throws `LauncherUnreachable`. */
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import type { EngineTask, TaskRef } from '../engine/engine.js';
import type { KubernetesClient } from './client.js';
import { isStopped, jobOf, labelsOf, STOPPED_ANNOTATION, type StopReason, stopReasonOf } from './job.js';
import { KubernetesRefusal } from './refusal.js';
import type { KubernetesSettings } from './settings.js';

const PAGE = 500;

export class KubernetesJobs {
  constructor(
    private readonly client: KubernetesClient,
    private readonly settings: KubernetesSettings,
  ) {}

  async create(task: EngineTask, namespace: string, options: { dryRun?: 'All' } = {}): Promise<V1Job> {
    const body = jobOf(task, this.settings, { namespace });
    return await this.client.ask(({ batch }) => batch.createNamespacedJob({ namespace, body, ...options }));
  }

  /** Null when there is none of that name, whoever made it. */
  async read(namespace: string, name: string): Promise<V1Job | null> {
    return await unlessGone(name, () => this.client.ask(({ batch }) => batch.readNamespacedJob({ namespace, name })));
  }

  /** Null too for another Job under that name, made after ours was deleted. */
  async readTask(task: TaskRef): Promise<V1Job | null> {
    const { namespace, uid } = placeOf(task);
    const job = await this.read(namespace, task.name);
    return job?.metadata?.uid === uid ? job : null;
  }

  async podsOf(job: V1Job): Promise<readonly V1Pod[]> {
    const { namespace = '', uid = '' } = job.metadata ?? {};
    const labelSelector = `batch.kubernetes.io/controller-uid=${uid}`;
    return (await this.client.ask(({ core }) => core.listNamespacedPod({ namespace, labelSelector }))).items;
  }

  /** A quota that is used up leaves no trace but an event. Null also where events may not be read: it is a help only. */
  async hindranceOf(job: V1Job): Promise<string | null> {
    const { namespace = '', uid = '' } = job.metadata ?? {};
    const fieldSelector = `involvedObject.uid=${uid},reason=FailedCreate`;
    try {
      const { items } = await this.client.ask(({ core }) => core.listNamespacedEvent({ namespace, fieldSelector }));
      return items.at(-1)?.message ?? null;
    } catch {
      return null;
    }
  }

  async suspend(job: V1Job, reason: StopReason): Promise<void> {
    const { name = '', namespace = '', uid } = job.metadata ?? {};
    const annotations = { [STOPPED_ANNOTATION]: JSON.stringify(reason) };
    // With another uid, that is another Job, the patch is refused.
    const body = { metadata: { uid, annotations }, spec: { suspend: true } };
    await unlessGone(name, () => this.client.ask(({ batch }) => batch.patchNamespacedJob({ name, namespace, body })));
  }

  async list(namespace: string): Promise<V1Job[]> {
    const labels = Object.entries(labelsOf(this.settings)).map((pair) => pair.join('='));
    const found: V1Job[] = [];
    let after = '';
    do {
      const page = { namespace, labelSelector: labels.join(','), limit: PAGE, ...(after && { _continue: after }) };
      const { items, metadata } = await this.client.ask(({ batch }) => batch.listNamespacedJob(page));
      found.push(...items);
      after = metadata?._continue ?? '';
    } while (after !== '');
    return found;
  }

  /** The time to live that Kubernetes keeps for finished Jobs is not kept for suspended ones. */
  async removeOutdated(jobs: readonly V1Job[], now: Date): Promise<void> {
    const bound = now.getTime() - this.settings.keepFinishedSeconds * 1000;
    for (const job of jobs) {
      if (isStopped(job) && (stopReasonOf(job)?.at.getTime() ?? Infinity) < bound) await this.remove(job);
    }
  }

  private async remove(job: V1Job): Promise<void> {
    const { name = '', namespace = '', uid = '' } = job.metadata ?? {};
    // Without a policy its pods would be orphaned.
    const body = { propagationPolicy: 'Background', preconditions: { uid } };
    await unlessGone(name, () => this.client.ask(({ batch }) => batch.deleteNamespacedJob({ name, namespace, body })));
  }
}

/** The id of a task: where its Job is, and which of all that may have borne its name. */
export function idOf(job: V1Job): string {
  return `${job.metadata?.namespace ?? ''}/${job.metadata?.uid ?? ''}`;
}

function placeOf(task: TaskRef): { namespace: string; uid: string } {
  const [namespace = '', uid = ''] = task.id.split('/');
  return { namespace, uid };
}

/** 404 counts only if it tells of that object; 409: it is not the Job any more that we saw. */
async function unlessGone<T>(name: string, action: () => Promise<T>): Promise<T | null> {
  try {
    return await action();
  } catch (error) {
    const isRefusal = error instanceof KubernetesRefusal && error.subject === name;
    if (isRefusal && [404, 409].includes(error.status)) return null;
    throw error;
  }
}
