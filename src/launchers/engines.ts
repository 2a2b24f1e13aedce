import type { Engine } from './engine/engine.js';
import { kubernetesSettings } from './kubernetes/settings.js';
import { openKubernetes } from './kubernetes/kubernetes.js';
import { raySettings } from './ray/settings.js';
import { openRay } from './ray/ray.js';
import { slurmSettings } from './slurm/settings.js';
import { openSlurm } from './slurm/slurm.js';

/** An engine as set up, and the names of the secrets it puts into the environment of the runner by itself. */
export interface OpenedEngine {
  engine: Engine;
  secrets: readonly string[];
}

/** Every engine there is, by the kind a file of launchers names it with. Each throws a ZodError for settings it cannot take. */
export const engines: Record<Engine['kind'], (settings: unknown) => OpenedEngine> = {
  slurm: (settings) => ({ engine: openSlurm(slurmSettings.parse(settings)), secrets: [] }),
  ray: (settings) => ({ engine: openRay(raySettings.parse(settings)), secrets: [] }),
  kubernetes: (settings) => {
    const parsed = kubernetesSettings.parse(settings);
    return { engine: openKubernetes(parsed), secrets: Object.keys(parsed.secrets) };
  },
};
