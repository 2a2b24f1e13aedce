/** Slurm by its commands on this machine. Each is given a time, as they wait long for a controller that is away. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { TaskRef } from '../engine/engine.js';
import { LauncherUnreachable } from '../port/launcher.js';
import {
  numberOf,
  type SlurmAccess,
  type SlurmEnergy,
  type SlurmJob,
  type SlurmJobLine,
  type SlurmRequest,
  type SlurmSubmitted,
} from './access.js';
import {
  ENERGY_FIELDS,
  isRefusalText,
  parseAccounted,
  parseEnergy,
  parseJob,
  parseLine,
  SACCT_FIELDS,
  SQUEUE_FORMAT,
} from './cli-answers.js';
import { type CommandAnswer, commandEnvironment, runCommand } from './command.js';
import { cleanEnvironment } from '../run-folder/environment.js';
import type { SlurmCliSettings } from './settings.js';

export class SlurmCli implements SlurmAccess {
  private readonly user: string;

  constructor(
    private readonly settings: SlurmCliSettings,
    private readonly timeoutSeconds: number,
  ) {
    this.user = settings.user ?? userInfo().username;
  }

  async submit(request: SlurmRequest): Promise<SlurmSubmitted> {
    // sbatch hands its own environment on to the job, so it gets none but that of the job.
    const env = { ...cleanEnvironment(), ...request.environment, ...this.configuration() };
    const { code, stdout, stderr } = await this.run('sbatch', sbatchArguments(request), { env, input: request.script });
    const id = /^(\d+)(;\S*)?$/m.exec(stdout)?.[1];
    if (id !== undefined) return { id };
    const reason = saidBy(stderr);
    if (code === 0 || !isRefusalText(reason)) throw unreachable('sbatch', reason);
    return { id: null, code: null, reason };
  }

  async job(id: string): Promise<SlurmJob | null> {
    const { code, stdout, stderr } = await this.run('scontrol', ['show', 'job', '--oneliner', numberOf(id)]);
    if (code === 0) {
      const job = parseJob(stdout);
      return job?.user === this.user ? job : null;
    }
    if (/invalid job id specified/i.test(stderr)) return null;
    throw unreachable('scontrol', saidBy(stderr));
  }

  async jobs(name?: string): Promise<SlurmJobLine[]> {
    const named = name === undefined ? [] : [`--name=${name}`];
    const args = ['--noheader', '--states=all', `--user=${this.user}`, `--format=${SQUEUE_FORMAT}`, ...named];
    return linesOf(await this.succeed('squeue', args)).map(parseLine);
  }

  async cancel(id: string): Promise<void> {
    // It ends with 0 for a job that is over or unknown.
    await this.succeed('scancel', [numberOf(id)]);
  }

  async accounted(name: string): Promise<SlurmJob[]> {
    const lines = await this.account(name, ['--allocations', `--format=${SACCT_FIELDS}`]);
    return (lines ?? []).map(parseAccounted);
  }

  async energy({ id, name }: TaskRef): Promise<SlurmEnergy[] | null> {
    const lines = await this.account(name, [`--jobs=${numberOf(id)}`, `--format=${ENERGY_FIELDS}`]);
    return lines?.map(parseEnergy) ?? null;
  }

  async partitions(): Promise<string[]> {
    return [...new Set(linesOf(await this.succeed('sinfo', ['--noheader', '--all', '--format=%R'])))];
  }

  async gres(): Promise<string[]> {
    // A node is listed once for each of its partitions.
    const lines = linesOf(await this.succeed('sinfo', ['--noheader', '--Node', '--format=%N %G']));
    return [...new Set(lines)].map((line) => line.slice(line.indexOf(' ') + 1));
  }

  /** Lines about jobs of our user with this name; null where there is no accounting. */
  private async account(name: string, more: readonly string[]): Promise<string[] | null> {
    const args = ['--noheader', '--parsable2', '--starttime=1970-01-01', `--name=${name}`, `--user=${this.user}`];
    const { code, stdout, stderr } = await this.run('sacct', [...args, ...more]);
    if (code === 0) return linesOf(stdout);
    if (/accounting storage is disabled/i.test(stderr)) return null;
    throw unreachable('sacct', saidBy(stderr));
  }

  private async succeed(command: string, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, args);
    if (code !== 0) throw unreachable(command, saidBy(stderr));
    return stdout;
  }

  private async run(
    command: string,
    args: readonly string[],
    more: { env?: NodeJS.ProcessEnv; input?: string } = {},
  ): Promise<CommandAnswer> {
    const { directory } = this.settings;
    const file = directory === undefined ? command : join(directory, command);
    const env = commandEnvironment(this.configuration());
    return await runCommand([file, ...args], { env, timeoutSeconds: this.timeoutSeconds, ...more });
  }

  private configuration(): NodeJS.ProcessEnv {
    const { configFile } = this.settings;
    return configFile === undefined ? {} : { SLURM_CONF: configFile };
  }
}

function sbatchArguments(request: SlurmRequest): string[] {
  const { partition, account, qos, gres, cpus, memoryMib, minutes, name, folder } = request;
  const options = {
    'job-name': name,
    comment: `Weftline attempt ${name}`,
    partition,
    account,
    qos,
    gres,
    'cpus-per-task': cpus,
    mem: memoryMib === null ? null : `${memoryMib}M`,
    time: minutes,
    ntasks: 1,
    dependency: 'singleton',
    chdir: folder,
    output: `${folder}/slurm.log`,
  };
  const given = Object.entries(options).filter(([, value]) => value !== null);
  return ['--parsable', '--no-requeue', ...given.map(([option, value]) => `--${option}=${String(value)}`)];
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** "sbatch: error: Batch job submission failed: Invalid account" says "Batch job submission failed: Invalid account". */
function saidBy(stderr: string): string {
  const lines = linesOf(stderr).map((line) => line.replace(/^\w+: (error: )?/, '').trim());
  return lines.slice(-3).join('; ').slice(0, 500) || 'nothing';
}

function unreachable(command: string, said: string): LauncherUnreachable {
  const daemon = command === 'sacct' ? 'slurmdbd' : 'slurmctld';
  return new LauncherUnreachable(
    `The command ${command} failed and said: ${said}. See that ${daemon} runs and that this machine may ask it.`,
  );
}
