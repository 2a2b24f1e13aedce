/**
 * A real one-node Slurm from the machine's packages (`.ci/install-slurm`), in a folder and on ports of its own, on
 * loopback only. It ends exactly what it started.
 */
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Daemons, freePort, pidsWith } from './daemons.js';
import { gresConfig, GPUS, NODE, slurmConfig, type SlurmClusterOptions, type SlurmPorts } from './slurm-config.js';

const NOBODY = 65_534;
const PATIENCE_MS = 60_000;
const run = promisify(execFile);

export class SlurmCluster {
  readonly user = userInfo().username;
  readonly gpus = GPUS;
  private readonly daemons: Daemons;

  private constructor(
    readonly directory: string,
    readonly ports: SlurmPorts,
  ) {
    this.daemons = new Daemons(join(directory, 'log'));
  }

  /** Throws when a program of Slurm is missing: `.ci/install-slurm` installs them. */
  static async start(options: SlurmClusterOptions = {}): Promise<SlurmCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'weftline-slurm-'));
    const ports = { slurmctld: await freePort(), slurmd: await freePort(), slurmrestd: await freePort() };
    const cluster = new SlurmCluster(directory, ports);
    try {
      await cluster.prepare(options);
      await cluster.startMunged();
      await cluster.startController();
      await cluster.daemons.start('slurmd', ['-D', '-N', NODE], { env: cluster.environment });
      await cluster.startRest();
      await cluster.untilReady();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.ports.slurmrestd}`;
  }

  get keyFile(): string {
    return join(this.directory, 'jwt.key');
  }

  get configFile(): string {
    return join(this.directory, 'slurm.conf');
  }

  /** What a command of Slurm prints. Throws when it fails. */
  async command(name: string, ...args: string[]): Promise<string> {
    return (await run(name, args, { env: this.environment, timeout: PATIENCE_MS })).stdout.trim();
  }

  async startController(): Promise<void> {
    await this.daemons.start('slurmctld', ['-D'], { env: this.environment });
  }

  /**
   * Waits until the controller has on disk what it knows now, which it writes every few seconds: what it has not written is gone with
   * it, and a job that it does not know to have sent it sends again. A word that it is told now is written no earlier.
   */
  async untilSaved(jobId: string): Promise<void> {
    const word = randomUUID();
    await this.command('scontrol', 'update', `jobid=${jobId}`, `comment=${word}`);
    const file = join(this.directory, 'state', 'job_state');
    await this.until(`The state of job ${jobId}`, async () =>
      (await readFile(file, 'latin1').catch(() => '')).includes(word),
    );
  }

  async killController(): Promise<void> {
    await this.daemons.stop('slurmctld', 'SIGKILL');
  }

  /**
   * What an administrator does after a controller was killed: one that forgot that it had sent a job sends it again, and
   * when the node says that it runs it already, drains the node and holds the job.
   */
  async repair(): Promise<void> {
    const states = await this.command('sinfo', '-h', '-N', '-o', '%T');
    if (/drain|down/.test(states)) await this.command('scontrol', 'update', `nodename=${NODE}`, 'state=resume');
    const waiting = await this.command('squeue', '-h', '--states=PENDING', '-o', '%i %r');
    for (const [, id = ''] of waiting.matchAll(/^(\d+) .*held/gim)) await this.command('scontrol', 'release', id);
  }

  /** Its controller begins with no memory of any job, and with no node that could tell it of one: what runs runs on. */
  async loseMemory(): Promise<void> {
    await this.daemons.stop('slurmd', 'SIGKILL');
    await this.killController();
    const state = join(this.directory, 'state');
    await rm(state, { recursive: true });
    await mkdir(state, { mode: 0o755 });
    await this.startController();
    await this.until('slurmctld', async () => (await this.command('sinfo', '-h').catch(() => '')) !== '');
  }

  /** Waits until the node takes jobs and REST is there. */
  async untilReady(): Promise<void> {
    await this.until('Slurm', async () => {
      const nodes = await this.command('sinfo', '-h', '-N', '-o', '%T').catch(() => '');
      const answer = await fetch(`${this.url}/openapi/v3`, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
      return /^(idle|mixed|allocated)$/m.test(nodes) && answer !== null;
    });
  }

  async stop(): Promise<void> {
    if (this.daemons.has('slurmctld')) await this.command('scancel', '--user', this.user).catch(() => undefined);
    await this.daemons.close();
    // What runs the jobs is no child of slurmd for long.
    for (const pid of await pidsWith(`SLURM_CONF=${this.configFile}`)) process.kill(pid, 'SIGKILL');
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private get environment(): NodeJS.ProcessEnv {
    // Never SLURM_JWT: a controller started with it refuses its own state afterwards.
    return { PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin`, SLURM_CONF: this.configFile };
  }

  private async prepare(options: SlurmClusterOptions): Promise<void> {
    // slurmrestd runs as nobody and has to read the settings.
    await chmod(this.directory, 0o755);
    for (const name of ['munge', 'state', 'spool']) await mkdir(join(this.directory, name), { mode: 0o755 });
    await writeFile(join(this.directory, 'munge.key'), randomBytes(1024), { mode: 0o600 });
    await writeFile(this.keyFile, randomBytes(32), { mode: 0o600 });
    await writeFile(this.configFile, slurmConfig(this.directory, this.user, this.ports, options));
    await writeFile(join(this.directory, 'gres.conf'), gresConfig(this.directory));
    // A clone of /dev/null each: of a plain file Slurm would not tell the job which one it got.
    for (let gpu = 0; gpu < GPUS; gpu++) await run('mknod', [join(this.directory, `gpu${gpu}`), 'c', '1', '3']);
  }

  private async startMunged(): Promise<void> {
    const at = (name: string): string => join(this.directory, name);
    const files = [`--key-file=${at('munge.key')}`, `--socket=${at('munge/socket')}`, `--pid-file=${at('munge/pid')}`];
    const more = [`--log-file=${at('log/munge.log')}`, `--seed-file=${at('munge/seed')}`, '--num-threads=2'];
    await this.daemons.start('munged', ['--foreground', ...files, ...more], { env: this.environment });
    await this.until('munged', async () => (await readdir(at('munge'))).includes('socket'));
  }

  /** slurmrestd refuses to be root, and asks for a token in its environment that no request ever uses. */
  private async startRest(): Promise<void> {
    const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    await this.daemons.start(
      'slurmrestd',
      ['-a', 'rest_auth/jwt', '-s', 'openapi/v0.0.38', '-t', '4', `127.0.0.1:${this.ports.slurmrestd}`],
      {
        env: { ...this.environment, SLURM_JWT: 'daemon', SLURMRESTD_SECURITY: 'disable_user_check' },
        cwd: this.directory,
        ...asNobody,
      },
    );
  }

  private async until(what: string, isUp: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await isUp())) {
      if (Date.now() > end) throw new Error(`${what} did not come up.\n${await this.daemons.tails()}`);
      await delay(20);
    }
  }
}
