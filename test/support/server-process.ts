/** The server as people run it: `main` in a process of its own, with a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from './client.js';

/** As `npm test` builds it before: what it starts, it starts without a loader, which tests of hundreds of processes need. */
const MAIN = join(import.meta.dirname, '../../dist/main.js');
const WATCH = join(import.meta.dirname, 'loop-watch.mjs');

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
}

export class ServerProcess {
  readonly exited: Promise<Ended>;
  output = '';
  private readonly asked = new Map<number, (value: number) => void>();
  private asks = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (message) => {
      const { id, value } = message as { id: number; value: number };
      this.asked.get(id)?.(value);
      this.asked.delete(id);
    });
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exited = once(child, 'close').then(() => ({ code: child.exitCode, signal: child.signalCode }));
  }

  /**
   * Starts it and does not wait. Nothing of the environment of the tests but what Node needs is handed on. `output`: a file
   * that is open, in place of `output` here.
   */
  static spawn(environment: Record<string, string>, output: 'pipe' | number = 'pipe'): ServerProcess {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run "npm run build".`);
    const inherited = Object.entries(process.env).filter(([name]) => !/^(WEFTLINE|NEO4J)_/.test(name));
    const env = {
      ...Object.fromEntries(inherited),
      WEFTLINE_PORT: '0',
      WEFTLINE_LOG_LEVEL: 'warn',
      WEFTLINE_PLAN_AHEAD: 'false',
      ...environment,
    };
    return new ServerProcess(
      spawn(process.execPath, ['--import', WATCH, MAIN], { env, stdio: ['ignore', output, 'pipe', 'ipc'] }),
    );
  }

  /** Starts it with the home and waits until it says where it listens. */
  static async start(home: string, environment: Record<string, string> = {}): Promise<ServerProcess> {
    const server = ServerProcess.spawn({ WEFTLINE_HOME: home, ...environment });
    while (!server.output.includes('listens on')) {
      if (server.child.exitCode !== null) throw new Error(`The server ended before it listened: ${server.output}`);
      await delay(50);
    }
    return server;
  }

  get address(): string {
    const address = /listens on (\S+)/.exec(this.output)?.[1];
    if (address === undefined) throw new Error(`The server does not listen: ${this.output}`);
    return address;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('The server was not started.');
    return this.child.pid;
  }

  /** Milliseconds of its processor that its thread took in one go, at most, since this was asked last: others waited for it. */
  longestTurn(): Promise<number> {
    return this.askWatch('longestTurn');
  }

  /** Bytes in its heap that it has not let go of. */
  heap(): Promise<number> {
    return this.askWatch('heap');
  }

  private askWatch(ask: string): Promise<number> {
    const id = ++this.asks;
    return new Promise((resolve, reject) => {
      this.asked.set(id, resolve);
      this.child.send({ id, ask }, (error) => error && reject(error));
    });
  }

  /** The administrator, with the token that the first start kept in the home. */
  admin(home: string): Client {
    return new Client(this.address, readFileSync(join(home, 'admin-token'), 'utf8').trim(), '');
  }

  kill(signal: NodeJS.Signals): Promise<Ended> {
    this.child.kill(signal);
    return this.exited;
  }

  /** The status of a health route. */
  async status(path: string): Promise<number> {
    const response = await fetch(`${this.address}${path}`);
    await response.arrayBuffer();
    return response.status;
  }

  async untilStatus(path: string, wanted: number): Promise<void> {
    while ((await this.status(path)) !== wanted) await delay(50);
  }
}

/** The Neo4j of a home that a server keeps: its process and how to reach it. */
export function neo4jOf(home: string): { pid: number; uri: string; username: string; password: string } {
  const folder = join(home, 'neo4j');
  const state = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8')) as {
    process: { pid: number };
    port: number;
  };
  const password = readFileSync(join(folder, 'password'), 'utf8').trim();
  return { pid: state.process.pid, uri: `bolt://127.0.0.1:${state.port}`, username: 'neo4j', password };
}
