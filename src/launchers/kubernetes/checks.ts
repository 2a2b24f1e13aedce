import type { EngineTask } from '../engine/engine.js';
import type { KubernetesSettings } from './settings.js';

/** Why the cluster is not even asked for such a task, with what to do about it; null when it is. */
export function refuseTask(
  { spec }: EngineTask,
  settings: KubernetesSettings,
  namespaces: readonly string[],
): { code: string; message: string } | null {
  const { gpus } = spec.resources;
  if (settings.gpus !== null && gpus > settings.gpus) {
    const message = `The job asks for ${gpus} GPUs, but a job may have ${settings.gpus} on this cluster. Ask for fewer or choose another launcher.`;
    return { code: 'TOO_MANY_GPUS', message };
  }
  if (spec.queue !== null && !namespaces.includes(spec.queue)) {
    const message = `The queue "${spec.queue}" is none of this cluster; its queues are the namespaces ${namespaces.join(', ')}.`;
    return { code: 'UNKNOWN_QUEUE', message };
  }
  if (spec.image === null && settings.image === null) {
    return { code: 'NO_IMAGE', message: 'The job names no image, and this cluster has none for such jobs. Name one.' };
  }
  const unknown = Object.values(spec.secrets).find((secret) => settings.secrets[secret] === undefined);
  if (unknown !== undefined) {
    const known = Object.keys(settings.secrets);
    const message = `The secret "${unknown}" is not known on this cluster; ${known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`}.`;
    return { code: 'UNKNOWN_SECRET', message };
  }
  return null;
}

/** A task that is only ever shown to the cluster, to see whether it would take one. */
export function probeTask(settings: KubernetesSettings): EngineTask {
  return {
    name: 'weftline-probe-1',
    command: ['true'],
    environment: { WEFTLINE_RUN: '/' },
    folder: '/',
    spec: {
      command: ['true'],
      environment: {},
      parameters: {},
      inputs: [],
      resources: { gpus: 0, cpus: null, memoryBytes: null },
      image: settings.image ?? 'weftline.invalid/probe',
      queue: null,
      secrets: {},
      limits: { runSeconds: null, graceSeconds: 0, outputBytes: 0, logBytes: 0 },
    },
  };
}
