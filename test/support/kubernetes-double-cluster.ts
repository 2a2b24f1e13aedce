/** The controllers behind the API: Jobs get pods, pods get a place on the one node with its GPUs, ends are counted. */
import { Kubelet, type Secrets } from './kubernetes-double-kubelet.js';
import {
  type Condition,
  type EventObject,
  type JobObject,
  nowText,
  type PodObject,
  podObject,
} from './kubernetes-double-objects.js';

const STEP_MS = 15;
const GPU = 'nvidia.com/gpu';

export interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  version: number;
  object: JobObject;
}

export class Cluster {
  readonly jobs = new Map<string, JobObject>();
  readonly pods = new Map<string, PodObject>();
  readonly events: EventObject[] = [];
  readonly changes: Change[] = [];
  readonly secrets = new Map<string, Secrets>();
  /** Namespaces in which no pod may be created any more. */
  readonly fullNamespaces = new Set<string>();
  private readonly kubelet = new Kubelet(
    (namespace) => this.secrets.get(namespace) ?? {},
    (pod) => this.podChanged(pod),
  );
  private readonly watchers = new Set<(change: Change) => void>();
  private version = 200;

  constructor(private readonly gpus: number) {}

  get resourceVersion(): string {
    return String(this.version);
  }

  onChange(watcher: (change: Change) => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }

  add(job: JobObject): void {
    this.jobs.set(keyOf(job), job);
    this.tell('ADDED', job);
    this.later(() => this.begin(job));
  }

  suspend(job: JobObject): void {
    job.spec.suspend = true;
    delete job.status.startTime;
    job.status = { ...job.status, active: 0, ready: 0, terminating: this.podsOf(job).length };
    this.addCondition(job, 'Suspended', 'JobSuspended', 'Job suspended');
    for (const pod of this.podsOf(job)) this.deletePod(pod);
  }

  /** Without a policy the pods stay behind, as at a real one. */
  remove(job: JobObject, policy: string | undefined): void {
    const pods = this.podsOf(job);
    if (policy === 'Foreground' && pods.length > 0) {
      job.metadata = { ...job.metadata, deletionTimestamp: nowText(), finalizers: ['foregroundDeletion'] };
      this.tell('MODIFIED', job);
    } else {
      this.jobs.delete(keyOf(job));
      this.tell('DELETED', job);
    }
    if (policy !== undefined && policy !== 'Orphan') for (const pod of pods) this.deletePod(pod);
  }

  /** Marks the pod, as who takes it away does, and stops it. One that is preempted does not stay. */
  disrupt(job: JobObject, reason: string, message: string): void {
    const pod = this.podsOf(job)[0];
    if (pod === undefined) throw new Error('The job has no pod.');
    const target = { type: 'DisruptionTarget', status: 'True', lastProbeTime: null, lastTransitionTime: nowText() };
    pod.status.conditions = [...(pod.status.conditions ?? []), { ...target, reason, message }];
    if (reason === 'TerminationByKubelet') {
      pod.status = { ...pod.status, reason: 'Evicted', message };
      void this.kubelet.stop(pod, 0);
    } else this.deletePod(pod);
  }

  killForMemory(job: JobObject): void {
    for (const pod of this.podsOf(job)) this.kubelet.killForMemory(pod);
  }

  podsOf(job: JobObject): PodObject[] {
    const label = 'batch.kubernetes.io/controller-uid';
    return [...this.pods.values()].filter(({ metadata }) => metadata.labels?.[label] === job.metadata.uid);
  }

  async close(): Promise<void> {
    await Promise.all([...this.pods.values()].map((pod) => this.kubelet.stop(pod, 0)));
  }

  tell(type: Change['type'], job: JobObject): void {
    job.metadata.resourceVersion = String(++this.version);
    const change = { type, version: this.version, object: structuredClone(job) };
    this.changes.push(change);
    for (const watcher of this.watchers) watcher(change);
  }

  private begin(job: JobObject): void {
    if (job.spec.suspend || !this.jobs.has(keyOf(job))) return;
    const { name, namespace, uid } = job.metadata;
    if (this.fullNamespaces.has(namespace)) {
      const message = `Error creating: pods "${name}-x7kzq" is forbidden: exceeded quota: gpus, requested: requests.${GPU}=1, used: requests.${GPU}=2, limited: requests.${GPU}=2`;
      const involvedObject = { kind: 'Job', name, namespace, uid };
      this.events.push({ metadata: { name: `${name}.1`, namespace }, involvedObject, reason: 'FailedCreate', message, type: 'Warning' }); // prettier-ignore
      job.status = { startTime: nowText(), active: 0, terminating: 0, uncountedTerminatedPods: {}, ready: 0 };
      this.tell('MODIFIED', job);
      return;
    }
    const pod = podObject(job);
    pod.metadata.resourceVersion = String(++this.version);
    this.pods.set(keyOf(pod), pod);
    job.status = { startTime: nowText(), active: 1, terminating: 0, uncountedTerminatedPods: {}, ready: 0 };
    this.tell('MODIFIED', job);
    this.later(() => this.schedule());
  }

  private schedule(): void {
    const waiting = [...this.pods.values()].filter(({ spec }) => spec.nodeName === undefined);
    for (const pod of waiting) {
      if (pod.metadata.deletionTimestamp !== undefined) continue;
      if (gpusOf(pod) > this.freeGpus()) {
        const message = `0/1 nodes are available: 1 Insufficient ${GPU}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;
        const times = { lastProbeTime: null, lastTransitionTime: nowText() };
        const condition = { type: 'PodScheduled', observedGeneration: 1, status: 'False', ...times };
        pod.status.conditions = [{ ...condition, reason: 'Unschedulable', message }];
        continue;
      }
      pod.spec.nodeName = 'proc-0';
      pod.status.conditions = [];
      void this.kubelet.run(pod);
    }
  }

  private freeGpus(): number {
    const held = [...this.pods.values()].filter(
      ({ spec, status }) => spec.nodeName !== undefined && !isOver(status.phase),
    );
    return this.gpus - held.reduce((sum, pod) => sum + gpusOf(pod), 0);
  }

  private podChanged(pod: PodObject): void {
    pod.metadata.resourceVersion = String(++this.version);
    const job = [...this.jobs.values()].find(({ metadata }) => this.podsOf({ metadata } as JobObject).includes(pod));
    if (job === undefined || job.spec.suspend) return;
    if (!isOver(pod.status.phase)) {
      job.status.ready = pod.status.phase === 'Running' ? 1 : 0;
      this.tell('MODIFIED', job);
      return;
    }
    job.status = { ...job.status, ready: 0 };
    delete job.status.active;
    // It was kept until it was counted.
    delete pod.metadata.finalizers;
    if (pod.status.phase === 'Succeeded') this.complete(job);
    else this.fail(job, pod);
    this.later(() => this.schedule());
  }

  private complete(job: JobObject): void {
    const message = 'Reached expected number of succeeded pods';
    this.addCondition(job, 'SuccessCriteriaMet', 'CompletionsReached', message);
    this.later(() => {
      job.status = { ...job.status, completionTime: nowText(), succeeded: 1 };
      this.addCondition(job, 'Complete', 'CompletionsReached', message);
    });
  }

  private fail(job: JobObject, pod: PodObject): void {
    const verdict = judge(job, pod);
    if (verdict === null) {
      this.begin(job);
      return;
    }
    this.addCondition(job, 'FailureTarget', verdict.reason, verdict.message);
    this.later(() => {
      job.status = { ...job.status, failed: 1 };
      this.addCondition(job, 'Failed', verdict.reason, verdict.message);
    });
  }

  private addCondition(job: JobObject, type: string, reason: string, message: string): void {
    const times = { lastProbeTime: nowText(), lastTransitionTime: nowText() };
    const condition: Condition = { type, status: 'True', ...times, reason, message };
    job.status.conditions = [...(job.status.conditions ?? []), condition];
    this.tell('MODIFIED', job);
  }

  private deletePod(pod: PodObject): void {
    const grace = pod.spec.terminationGracePeriodSeconds ?? 30;
    pod.metadata = { ...pod.metadata, deletionTimestamp: nowText(), deletionGracePeriodSeconds: grace };
    void this.kubelet.stop(pod, grace).then(() => {
      this.pods.delete(keyOf(pod));
      for (const job of [...this.jobs.values()].filter(
        (it) => it.metadata.uid === pod.metadata.ownerReferences?.map(uidOf)[0],
      )) {
        if (job.metadata.deletionTimestamp !== undefined) this.remove(job, undefined);
        else if (job.spec.suspend) {
          job.status.terminating = this.podsOf(job).length;
          this.tell('MODIFIED', job);
        }
      }
      this.schedule();
    });
  }

  private later(action: () => void): void {
    setTimeout(action, STEP_MS);
  }
}

export const keyOf = ({ metadata }: { metadata: { namespace: string; name: string } }): string =>
  `${metadata.namespace}/${metadata.name}`;

const isOver = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed';

const uidOf = (owner: unknown): string => (owner as { uid: string }).uid;

const gpusOf = ({ spec }: PodObject): number => Number(spec.containers[0]?.resources?.limits?.[GPU] ?? 0);

/** What the podFailurePolicy makes of a failed pod; null: it is not counted, and there will be another. */
function judge(job: JobObject, pod: PodObject): { reason: string; message: string } | null {
  const [status] = pod.status.containerStatuses ?? [];
  const exitCode = Number(status?.state['terminated']?.['exitCode'] ?? 0);
  const name = keyOf(pod);
  for (const [index, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const matching = rule.onPodConditions?.find(({ type }) => pod.status.conditions?.some((it) => it.type === type));
    const isIn = rule.onExitCodes?.values.includes(exitCode) === (rule.onExitCodes?.operator === 'In');
    const how =
      matching !== undefined
        ? `Pod ${name} has condition ${matching.type} matching`
        : rule.onExitCodes !== undefined && isIn && exitCode !== 0
          ? `Container ${status?.name ?? ''} for pod ${name} failed with exit code ${exitCode} matching`
          : null;
    if (how === null) continue;
    if (rule.action === 'Ignore') return null;
    return { reason: 'PodFailurePolicy', message: `${how} ${rule.action} rule at index ${index}` };
  }
  return { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
}
