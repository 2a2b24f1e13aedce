import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDriver } from '../src/neo4j/graph.js';
import { type Caller, callerOf } from './http-caller.js';
import type { Operation } from './operations.js';

const START_MS = 180_000;
const MAIN = join(import.meta.dirname, '../dist/demo/main.js');

export interface DemoServer {
  /** Asks over HTTP as the administrator. Throws for an answer that holds an error. */
  ask: (operation: Operation) => Promise<unknown>;
  /** How often it has run each statement since it started. */
  countStatements: () => Promise<Map<string, number>>;
  /** A driver on the database of the server; the caller closes it. */
  openDriver: () => ReturnType<typeof openDriver>;
  stop: () => Promise<void>;
}

/** Starts the built server with the graph of the demo, in a process and a home of its own. */
export async function startDemoServer(more: Record<string, string> = {}): Promise<DemoServer> {
  const home = mkdtempSync(join(tmpdir(), 'weftline-bench-'));
  const settings = {
    WEFTLINE_HOME: home,
    WEFTLINE_PORT: '0',
    WEFTLINE_LOG_LEVEL: 'warn',
    NODE_ENV: 'production',
    ...more,
  };
  const environment = { ...process.env, ...settings, NEO4J_URI: '' };
  const child = spawn(process.execPath, [MAIN], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const printed = await readUntilReady(child.stdout);
    const address = /Weftline is at (http:\S+)/.exec(printed)?.[1] ?? '';
    const uri = /bolt:\/\/\S+/.exec(printed)?.[0] ?? '';
    const token = readFileSync(join(home, 'admin-token'), 'utf8').trim();
    const call = callerOf(address, token);
    const password = readFileSync(join(home, 'neo4j', 'password'), 'utf8').trim();
    return {
      stop,
      ask: (operation) => ask(call, operation),
      countStatements: () => countStatements(address),
      openDriver: () => openDriver({ uri, username: 'neo4j', password }),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What it printed until it said that Ctrl-C stops it. Throws when it ends before, or takes too long. */
async function readUntilReady(stdout: NodeJS.ReadableStream): Promise<string> {
  let printed = '';
  stdout.setEncoding('utf8');
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`The demo did not get to its end. It printed:\n${printed}`));
    setTimeout(giveUp, START_MS).unref();
    stdout.on('data', (chunk: string) => {
      printed += chunk;
      if (printed.includes('Ctrl-C stops it.')) resolve(printed);
    });
    stdout.once('end', giveUp);
  });
}

async function ask(call: Caller, operation: Operation): Promise<unknown> {
  const answer = JSON.parse(await call(operation)) as { data?: unknown; errors?: unknown };
  if (answer.errors !== undefined) throw new Error(`The server refused: ${JSON.stringify(answer.errors)}`);
  return answer.data;
}

/** How often the server has run each statement since it started, by its own count. */
async function countStatements(address: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${address}/metrics`)).text();
  const counts = text.matchAll(/^weftline_cypher_duration_seconds_count\{statement="([^"]+)"[^}]*\} (\d+)$/gm);
  return new Map([...counts].map(([, name = '', count]) => [name, Number(count)]));
}
