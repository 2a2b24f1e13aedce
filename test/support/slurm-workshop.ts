/** A Slurm of its own, a folder shared with its node, and launchers over both. */
import { join } from 'node:path';
import type { Engine } from '../../src/launchers/engine/engine.js';
import { EngineLauncher } from '../../src/launchers/engine/engine-launcher.js';
import type { JobHandle } from '../../src/launchers/port/launcher.js';
import { openSlurm } from '../../src/launchers/slurm/slurm.js';
import { type SlurmSettings, slurmSettings } from '../../src/launchers/slurm/settings.js';
import { runnerCommand } from './runner.js';
import { SlurmCluster } from './slurm-cluster.js';
import type { SlurmClusterOptions } from './slurm-config.js';

export type SlurmWay = 'rest' | 'cli';

export class SlurmWorkshop {
  private constructor(readonly cluster: SlurmCluster) {}

  static async open(options: SlurmClusterOptions = {}): Promise<SlurmWorkshop> {
    return new SlurmWorkshop(await SlurmCluster.start(options));
  }

  settings(way: SlurmWay, changes: Record<string, unknown> = {}): SlurmSettings {
    const { url, user, keyFile, configFile } = this.cluster;
    const access = way === 'rest' ? { rest: { url, user, keyFile } } : { cli: { configFile } };
    return slurmSettings.parse({ ...access, ...changes });
  }

  engine(way: SlurmWay, changes: Record<string, unknown> = {}): Engine {
    return openSlurm(this.settings(way, changes));
  }

  /** The folder of an attempt. */
  folderOf(way: SlurmWay, { attempt = '' }: JobHandle): string {
    return join(this.cluster.directory, `jobs-${way}`, attempt);
  }

  launcher(way: SlurmWay, engine: Engine = this.engine(way)): EngineLauncher {
    return new EngineLauncher({
      name: 'slurm',
      directory: this.folderOf(way, { launcher: 'slurm', id: '' }),
      runner: runnerCommand(),
      engine,
      settleSeconds: 1,
      quietSeconds: 3,
    });
  }

  async close(): Promise<void> {
    await this.cluster.stop();
  }
}
