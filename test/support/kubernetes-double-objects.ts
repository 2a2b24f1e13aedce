/**
 * What a Kubernetes 1.34 API server makes of a Job and its pods, as far as launchers meet it; without managedFields, which
 * nobody reads. test/unit/launchers/kubernetes-double.test.ts holds it to what a real one answered.
 */
import { randomBytes, randomUUID } from 'node:crypto';

export interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  lastProbeTime: string | null;
  reason?: string;
  message?: string;
}

export interface Metadata {
  name: string;
  namespace: string;
  uid: string;
  resourceVersion: string;
  generation: number;
  creationTimestamp: string;
  generateName?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string | null>;
  ownerReferences?: unknown[];
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  finalizers?: string[];
}

export interface EnvironmentEntry {
  name: string;
  value?: string;
  valueFrom?: { secretKeyRef?: { name: string; key: string } };
}

export interface Container {
  name: string;
  image: string;
  command?: string[];
  env?: EnvironmentEntry[];
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  terminationMessagePolicy?: string;
  [rest: string]: unknown;
}

export interface PodSpec {
  containers: Container[];
  terminationGracePeriodSeconds?: number;
  nodeName?: string;
  enableServiceLinks?: boolean;
  [rest: string]: unknown;
}

interface Rule {
  action: string;
  onPodConditions?: { type: string; status?: string }[];
  onExitCodes?: { containerName?: string; operator: string; values: number[] };
}

export interface JobObject {
  kind: 'Job';
  apiVersion: 'batch/v1';
  metadata: Metadata;
  spec: {
    backoffLimit?: number;
    suspend?: boolean;
    podFailurePolicy?: { rules: Rule[] };
    template: { metadata: { labels: Record<string, string> }; spec: PodSpec };
    [rest: string]: unknown;
  };
  status: {
    startTime?: string;
    completionTime?: string;
    conditions?: Condition[];
    active?: number;
    ready?: number;
    succeeded?: number;
    failed?: number;
    terminating?: number;
    uncountedTerminatedPods?: object;
  };
}

export interface ContainerStatus {
  name: string;
  state: Record<string, Record<string, unknown>>;
  lastState: object;
  ready: boolean;
  restartCount: number;
  image: string;
  imageID: string;
  started: boolean;
}

export interface PodObject {
  metadata: Metadata;
  spec: PodSpec;
  status: {
    phase: string;
    conditions?: Condition[];
    containerStatuses?: ContainerStatus[];
    reason?: string;
    message?: string;
    startTime?: string;
    hostIP?: string;
    podIP?: string;
    podIPs?: { ip: string }[];
    qosClass: string;
  };
}

export interface EventObject {
  metadata: { name: string; namespace: string };
  involvedObject: { kind: string; name: string; namespace: string; uid: string };
  reason: string;
  message: string;
  type: string;
}

/** Times of the API have whole seconds. */
export const nowText = (): string => new Date().toISOString().replace(/\.\d+Z$/, 'Z');

/** A Job as it is answered on create: what was sent, with all the server fills in. */
export function jobObject(sent: JobObject, namespace: string): JobObject {
  const uid = randomUUID();
  const { name } = sent.metadata;
  const { template, podFailurePolicy, ...spec } = sent.spec;
  const labels = {
    ...template.metadata.labels,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const defaults = { parallelism: 1, completions: 1, completionMode: 'NonIndexed', manualSelector: false };
  return {
    kind: 'Job',
    apiVersion: 'batch/v1',
    metadata: { ...sent.metadata, namespace, uid, resourceVersion: '', generation: 1, creationTimestamp: nowText() },
    spec: {
      ...defaults,
      podReplacementPolicy: podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
      ...spec,
      backoffLimit: spec.backoffLimit ?? 6,
      suspend: spec.suspend ?? false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      ...(podFailurePolicy === undefined ? {} : { podFailurePolicy: { rules: podFailurePolicy.rules.map(fullRule) } }),
      template: { metadata: { labels }, spec: fullPodSpec(template.spec) },
    },
    status: {},
  };
}

/** A pod as the Job controller creates it. */
export function podObject({ metadata, spec }: JobObject): PodObject {
  const name = `${metadata.name}-${randomBytes(4).toString('hex').slice(0, 5)}`;
  const controls = { controller: true, blockOwnerDeletion: true };
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: metadata.name, uid: metadata.uid, ...controls };
  const tolerations = ['not-ready', 'unreachable'].map((taint) => {
    const key = `node.kubernetes.io/${taint}`;
    return { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
  });
  const given = (spec.template.spec['tolerations'] ?? []) as unknown[];
  return {
    metadata: {
      name,
      generateName: `${metadata.name}-`,
      namespace: metadata.namespace,
      uid: randomUUID(),
      resourceVersion: '',
      generation: 1,
      creationTimestamp: nowText(),
      labels: spec.template.metadata.labels,
      ownerReferences: [owner],
      finalizers: ['batch.kubernetes.io/job-tracking'],
    },
    spec: {
      enableServiceLinks: true,
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec.template.spec,
      tolerations: [...given, ...tolerations],
      containers: spec.template.spec.containers.map(withRequests),
    },
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  };
}

/** An answer that is no object: an error, or the end of one. */
export function statusObject(code: number, reason: string, message: string, details?: object): object {
  const head = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' };
  return { ...head, message, reason, ...(details === undefined ? {} : { details }), code };
}

export const detailsOf = (name: string): object => ({ name, group: 'batch', kind: 'jobs' });

function fullRule(rule: Rule): Rule {
  if (rule.onPodConditions === undefined) return rule;
  return { ...rule, onPodConditions: rule.onPodConditions.map((it) => ({ ...it, status: it.status ?? 'True' })) };
}

function fullPodSpec(spec: PodSpec): PodSpec {
  return {
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    terminationGracePeriodSeconds: 30,
    ...spec,
    containers: spec.containers.map((container) => ({
      terminationMessagePath: '/dev/termination-log',
      terminationMessagePolicy: 'File',
      imagePullPolicy: /:latest$|^[^:@]+$/.test(container.image) ? 'Always' : 'IfNotPresent',
      ...container,
    })),
  };
}

function withRequests(container: Container): Container {
  const limits = container.resources?.limits;
  if (limits === undefined) return container;
  return { ...container, resources: { limits, requests: { ...limits, ...container.resources?.requests } } };
}
