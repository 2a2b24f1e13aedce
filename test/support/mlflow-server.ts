import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bareEnvironment, type Ended, ProducerEnvironment } from './producers.js';

const STARTS_WITHIN_MS = 240_000;

/** A real tracking server of MLflow on loopback, in a folder that goes with it; it can go away and come back. */
export class MlflowServer {
  private process: ChildProcess | null = null;

  private constructor(
    private readonly mlflow: ProducerEnvironment,
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async start(): Promise<MlflowServer> {
    const mlflow = await ProducerEnvironment.of('mlflow');
    const server = new MlflowServer(mlflow, mkdtempSync(join(tmpdir(), 'weftline-mlflow-')), await freePort());
    await server.comeBack();
    return server;
  }

  get uri(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Of names of this server, as the importer makes them. */
  get namespace(): string {
    return `mlflow://127.0.0.1:${this.port}`;
  }

  /** Runs a program of Python with the client of MLflow. */
  python(args: readonly string[]): Promise<Ended> {
    return this.mlflow.run('python', args, { cwd: this.folder });
  }

  async comeBack(): Promise<void> {
    const log = openSync(join(this.folder, 'server.log'), 'a');
    const args = [
      ...['server', '--host', '127.0.0.1', '--port', String(this.port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${join(this.folder, 'mlflow.db')}`, '--serve-artifacts'],
      ...['--artifacts-destination', join(this.folder, 'artifacts')],
    ];
    const PATH = `${join(this.mlflow.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
    const env = { ...bareEnvironment(this.folder), PATH, MLFLOW_DISABLE_TELEMETRY: 'true' };
    // A group of its own, so that its workers end with it.
    this.process = spawn(this.mlflow.program('mlflow'), args, {
      cwd: this.folder,
      env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    const until = Date.now() + STARTS_WITHIN_MS;
    while (!(await this.answers())) {
      if (Date.now() > until || this.process.exitCode !== null) {
        await this.goAway();
        throw new Error(`MLflow did not start: ${readFileSync(join(this.folder, 'server.log'), 'utf8').slice(-3000)}`);
      }
      await delay(200);
    }
  }

  async goAway(): Promise<void> {
    const { process: first } = this;
    this.process = null;
    if (first?.pid === undefined || first.exitCode !== null) return;
    const ended = once(first, 'exit');
    process.kill(-first.pid, 'SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.goAway();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<boolean> {
    try {
      return (await fetch(`${this.uri}/health`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
