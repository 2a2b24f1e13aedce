/** A launcher on a cluster with all it needs around it: a folder for jobs, the runner from source. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Engine } from '../../src/launchers/engine/engine.js';
import { EngineLauncher } from '../../src/launchers/engine/engine-launcher.js';
import { openKubernetes } from '../../src/launchers/kubernetes/kubernetes.js';
import { kubernetesSettings } from '../../src/launchers/kubernetes/settings.js';
import { KubernetesDouble } from './kubernetes-double.js';
import { runnerCommand } from './runner.js';

export const IMAGE = 'registry.test/train:1';

export class KubernetesWorkshop {
  private constructor(
    readonly double: KubernetesDouble,
    readonly directory: string,
    private readonly settings: Record<string, unknown>,
  ) {}

  static async open(changes: Record<string, unknown> = {}): Promise<KubernetesWorkshop> {
    const double = await KubernetesDouble.open();
    const directory = await mkdtemp(join(tmpdir(), 'weftline-kubernetes-jobs-'));
    const kubeconfig = await double.kubeconfig();
    const volumes = [{ claim: 'jobs', mountPath: directory }];
    return new KubernetesWorkshop(double, directory, {
      ...{ kubeconfig, volumes, namespace: 'default', image: IMAGE, gpus: 2 },
      ...changes,
    });
  }

  engine(changes: Record<string, unknown> = {}): Engine {
    return openKubernetes(kubernetesSettings.parse({ ...this.settings, ...changes }));
  }

  launcher(changes: Record<string, unknown> = {}): EngineLauncher {
    const settings = kubernetesSettings.parse({ ...this.settings, ...changes });
    return launcherOn(openKubernetes(settings), this.directory, Object.keys(settings.secrets));
  }

  async close(): Promise<void> {
    await this.double.close();
    // A runner that was killed may have been writing.
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

const realCluster = z.object({ directory: z.string(), settings: z.record(z.string(), z.unknown()).default({}) });

/**
 * A real cluster, when one is given: WEFTLINE_TEST_KUBECONFIG or KUBECONFIG, and WEFTLINE_TEST_KUBERNETES, a JSON file that says
 * where the folder for jobs is and how it is mounted. The nodes need this checkout, and Node where it is here.
 */
export async function openRealCluster(): Promise<{ launcher: () => EngineLauncher } | null> {
  const kubeconfig = process.env['WEFTLINE_TEST_KUBECONFIG'] ?? process.env['KUBECONFIG'];
  if (kubeconfig === undefined) return null;
  const file = process.env['WEFTLINE_TEST_KUBERNETES'];
  if (file === undefined) {
    throw new Error('A KUBECONFIG is given: say by WEFTLINE_TEST_KUBERNETES which folder the cluster shares.');
  }
  const { directory, settings } = realCluster.parse(JSON.parse(await readFile(file, 'utf8')));
  const volumes = [directory, process.cwd()].map((path) => ({ hostPath: path, mountPath: path }));
  const defaults = { kubeconfig, namespace: 'default', image: 'node:20', gpus: 2, volumes };
  const whole = kubernetesSettings.parse({ ...defaults, ...settings });
  return { launcher: () => launcherOn(openKubernetes(whole), directory, Object.keys(whole.secrets)) };
}

function launcherOn(engine: Engine, directory: string, engineSecrets: readonly string[]): EngineLauncher {
  return new EngineLauncher({
    name: 'cluster',
    directory,
    runner: runnerCommand(),
    engine,
    engineSecrets,
    settleSeconds: 0.2,
    quietSeconds: 2,
  });
}
