/** The daemons of a test's own cluster: children of this process that log into files and end with it. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

const GRACE_MS = 5_000;

export class Daemons {
  private readonly running = new Map<string, ChildProcess>();

  constructor(private readonly logs: string) {
    process.once('exit', this.killAll);
  }

  has(name: string): boolean {
    return this.running.has(name);
  }

  async start(name: string, args: readonly string[], options: SpawnOptions): Promise<void> {
    await mkdir(this.logs, { recursive: true });
    const log = await open(join(this.logs, `${name}.log`), 'a');
    try {
      const child = spawn(name, args, { ...options, stdio: ['ignore', log.fd, log.fd] });
      await once(child, 'spawn');
      this.running.set(name, child);
    } finally {
      await log.close();
    }
  }

  /** Waits until it is gone; one that does not listen to the signal is killed. */
  async stop(name: string, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.running.get(name);
    this.running.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const stubborn = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await gone;
    clearTimeout(stubborn);
  }

  /** For whoever has to find out why they did not come up. */
  async tails(): Promise<string> {
    const names = await readdir(this.logs);
    const texts = names.map(
      async (name) => `${name}:\n${(await readFile(join(this.logs, name), 'utf8')).slice(-2_000)}`,
    );
    return (await Promise.all(texts)).join('\n');
  }

  async close(): Promise<void> {
    for (const name of [...this.running.keys()].reverse()) await this.stop(name);
    process.off('exit', this.killAll);
  }

  private readonly killAll = (): void => {
    for (const child of this.running.values()) child.kill('SIGKILL');
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Processes, whoever started them, that have this in their environment. */
export async function pidsWith(variable: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').includes(variable) ? [Number(pid)] : [];
    }),
  );
  return found.flat();
}
