/** The pod of a job: the one container with the runner, its volumes, its secrets by reference. */
import type { V1Container, V1EnvVar, V1PodSpec, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { EngineTask } from '../engine/engine.js';
import type { KubernetesSettings } from './settings.js';
import type { JobSpec } from '../port/launcher.js';

export const CONTAINER = 'program';

/** What the runner needs beyond the grace of the program to write the exit record. */
const RUNNER_GRACE_SECONDS = 15;

export function podOf(task: EngineTask, settings: KubernetesSettings): V1PodSpec {
  const { gpus } = task.spec.resources;
  const { runAsUser, runAsGroup } = settings;
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: Math.ceil(task.spec.limits.graceSeconds) + RUNNER_GRACE_SECONDS,
    // A program that trains has no business with the API of the cluster.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      seccompProfile: { type: 'RuntimeDefault' },
      ...(runAsUser === null ? {} : { runAsUser, runAsNonRoot: runAsUser > 0 }),
      ...(runAsGroup === null ? {} : { runAsGroup }),
    },
    ...(settings.serviceAccount === null ? {} : { serviceAccountName: settings.serviceAccount }),
    ...(settings.priorityClass === null ? {} : { priorityClassName: settings.priorityClass }),
    imagePullSecrets: settings.imagePullSecrets.map((name) => ({ name })),
    nodeSelector: { ...settings.nodeSelector, ...(gpus > 0 ? settings.gpuNodeSelector : {}) },
    tolerations: settings.tolerations.map(definedOf),
    volumes: volumesOf(settings),
    containers: [containerOf(task, settings)],
  };
}

function containerOf(task: EngineTask, settings: KubernetesSettings): V1Container {
  return {
    name: CONTAINER,
    image: task.spec.image ?? settings.image ?? '',
    command: task.command.map(withoutReferences),
    env: environmentOf(task, settings),
    resources: resourcesOf(task.spec, settings),
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mountsOf(settings),
  };
}

function environmentOf({ environment, spec }: EngineTask, settings: KubernetesSettings): V1EnvVar[] {
  const { gpus } = spec.resources;
  const values = {
    ...environment,
    // Within a container its GPUs count from 0. Without any, an image that asks for all must not get them.
    CUDA_VISIBLE_DEVICES: Array.from({ length: gpus }, (_, index) => index).join(','),
    ...(gpus === 0 ? { NVIDIA_VISIBLE_DEVICES: 'void' } : {}),
  };
  const secrets = Object.entries(spec.secrets).flatMap(([name, secret]) => {
    const kept = settings.secrets[secret];
    return kept === undefined ? [] : [{ name, valueFrom: { secretKeyRef: { name: kept.secretName, key: kept.key } } }];
  });
  const taken = new Set(secrets.map(({ name }) => name));
  const plain = Object.entries(values).filter(([name]) => !taken.has(name));
  return [...plain.map(([name, value]) => ({ name, value: withoutReferences(value) })), ...secrets];
}

/** Kubernetes puts the value of a variable in the place of "$(NAME)", and "$" in that of "$$", in commands as well. */
function withoutReferences(text: string): string {
  return text.replaceAll('$', () => '$$');
}

function resourcesOf({ resources }: JobSpec, settings: KubernetesSettings): NonNullable<V1Container['resources']> {
  const cpus = resources.cpus ?? settings.cpus;
  const memory = resources.memoryBytes ?? settings.memoryBytes;
  const limits = {
    ...(cpus === null ? {} : { cpu: String(cpus) }),
    ...(memory === null ? {} : { memory: String(memory) }),
    ...(resources.gpus === 0 ? {} : { [settings.gpuResource]: String(resources.gpus) }),
  };
  return { limits, requests: limits };
}

const SHARED_MEMORY = 'shared-memory';

function volumesOf({ volumes, sharedMemoryBytes }: KubernetesSettings): V1Volume[] {
  const given = volumes.map(({ claim, hostPath }, index) => ({
    name: `volume-${index}`,
    ...(claim === undefined ? {} : { persistentVolumeClaim: { claimName: claim } }),
    ...(hostPath === undefined ? {} : { hostPath: { path: hostPath, type: 'Directory' } }),
  }));
  if (sharedMemoryBytes === null) return given;
  return [...given, { name: SHARED_MEMORY, emptyDir: { medium: 'Memory', sizeLimit: String(sharedMemoryBytes) } }];
}

function mountsOf({ volumes, sharedMemoryBytes }: KubernetesSettings): V1VolumeMount[] {
  const given = volumes.map(({ mountPath, subPath, readOnly }, index) => ({
    name: `volume-${index}`,
    mountPath,
    readOnly,
    ...(subPath === undefined ? {} : { subPath }),
  }));
  return sharedMemoryBytes === null ? given : [...given, { name: SHARED_MEMORY, mountPath: '/dev/shm' }];
}

function definedOf<T extends object>(value: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(value).filter(([, it]) => it !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
