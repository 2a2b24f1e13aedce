import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDriver } from '../src/neo4j/graph.js';
import type { Operation } from './operations.js';

const DIST = join(import.meta.dirname, '../dist');
const PATIENCE_MS = 300_000;

/** The built server, on what a home holds. */
export interface HomeServer {
  /** Asks over HTTP as the administrator; answers the milliseconds to the last byte, and the messages of errors. */
  time: (operation: Operation) => Promise<{ ms: number; errors: string[] }>;
  /** Waits until it has printed something. Throws when it ends before, or takes five minutes. */
  until: (said: RegExp) => Promise<RegExpExecArray>;
  /** A driver on its database; the caller closes it. */
  openDriver: () => ReturnType<typeof openDriver>;
  stop: () => Promise<void>;
}

/** Walks the demo, whose graph stays in the home. */
export async function walkDemo(home: string): Promise<void> {
  const child = spawnBuilt(['demo/main.js', '--exit'], home, {});
  child.stdout.resume();
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The demo ended with ${code}; its log is ${join(home, 'weftline.log')}.`);
}

/** Starts the built server and waits until it listens. */
export async function startAtHome(home: string, environment: Record<string, string>): Promise<HomeServer> {
  const child = spawnBuilt(['main.js'], home, environment);
  const ended = once(child, 'close');
  let printed = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
  const until = async (said: RegExp): Promise<RegExpExecArray> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (let found = said.exec(printed); ; found = said.exec(printed)) {
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`The server ended. It printed:\n${printed}`);
      await Promise.race([once(child.stdout, 'data', { signal }), ended]);
    }
  };
  const address = (await until(/listens on (http:\S+?)"?[,\s]/))[1] ?? '';
  const token = readFileSync(join(home, 'admin-token'), 'utf8').trim();
  return {
    until,
    time: (operation) => time(address, token, operation),
    openDriver: () => {
      const uri = /bolt:\/\/[^\s"]+/.exec(printed)?.[0] ?? '';
      const password = readFileSync(join(home, 'neo4j', 'password'), 'utf8').trim();
      return openDriver({ uri, username: 'neo4j', password });
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function spawnBuilt([file = '', ...args]: string[], home: string, environment: Record<string, string>) {
  const settings = { WEFTLINE_HOME: home, WEFTLINE_PORT: '0', NEO4J_URI: '', NODE_ENV: 'production', ...environment };
  const env = { ...process.env, ...settings };
  return spawn(process.execPath, [join(DIST, file), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
}

async function time(address: string, token: string, operation: Operation): Promise<{ ms: number; errors: string[] }> {
  const began = performance.now();
  const response = await fetch(`${address}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(operation),
  });
  const { errors = [] } = (await response.json()) as { errors?: { message: string }[] };
  return { ms: performance.now() - began, errors: errors.map(({ message }) => message) };
}
