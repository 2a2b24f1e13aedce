import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import type { Driver } from 'neo4j-driver';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { ensureNeo4jJars } from '../../src/neo4j/embedded/jars.js';
import { findJava } from '../../src/neo4j/embedded/java.js';
import { openHome, readState } from '../../src/neo4j/embedded/home.js';
import { startEmbeddedNeo4j, type EmbeddedNeo4j } from '../../src/neo4j/embedded/embedded.js';
import { openDriver } from '../../src/neo4j/graph.js';
import { isAlive, type ProcessIdentity } from '../../src/neo4j/embedded/process-identity.js';

// Each server takes ten seconds to start on a busy machine, so a few of them serve all the tests, in order.
const folder = mkdtempSync(join(tmpdir(), 'weftline-embedded-'));
const small = { heapMegabytes: 256 };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('an embedded Neo4j in use', () => {
  const home = join(folder, 'used');
  const events: string[] = [];
  let server: EmbeddedNeo4j;

  beforeAll(async () => {
    server = await startEmbeddedNeo4j({ home, ...small, onEvent: (message) => events.push(message) });
  });
  afterAll(() => server.stop());

  it('answers with the password it made up, and keeps it where only its user can read it', async () => {
    expect(await ask(server, 'RETURN 1 AS answer')).toEqual([{ answer: 1n }]);
    expect(readFileSync(join(home, 'password'), 'utf8').trim()).toBe(server.password);
    expect(modeOf(join(home, 'password'))).toBe('600');
    for (const name of ['.', 'conf', 'data', 'logs', 'clients']) expect(modeOf(join(home, name))).toBe('700');
  });

  it('refuses a wrong password and the one that every Neo4j begins with', async () => {
    for (const password of ['wrong', 'neo4j']) {
      await expect(ask({ ...server, password }, 'RETURN 1')).rejects.toThrow('unauthorized');
    }
  });

  it('listens on one port of the loopback address and on nothing else', async () => {
    const port = Number(new URL(server.uri).port);
    expect(listenersOf(javaOf(home).pid)).toEqual([`127.0.0.1:${port}`]);
    for (const address of outerAddresses()) expect(await accepts(address, port)).toBe(false);
  });

  it('is shared with a second process, whose end leaves it running', async () => {
    const second = startUser(home);
    expect(await second.uri).toBe(server.uri);
    second.process.stdin?.end();
    await once(second.process, 'exit');
    expect(await ask(server, 'RETURN 1 AS answer')).toEqual([{ answer: 1n }]);
  });

  it('comes back on the same port with its data after Java was killed', async () => {
    const driver = openDriver(server);
    await driver.executeQuery('CREATE (:Kept {name: $name})', { name: 'still here' });
    const killed = javaOf(home);
    process.kill(killed.pid, 'SIGKILL');
    await vi.waitUntil(() => events.some((event) => event.includes('starting it again')), { timeout: 200_000 });
    const rows = await vi.waitFor(() => askDriver(driver, 'MATCH (k:Kept) RETURN k.name AS name'), {
      timeout: 200_000,
      interval: 500,
    });
    await driver.close();
    expect(rows).toEqual([{ name: 'still here' }]);
    expect(javaOf(home)).not.toEqual(killed);
  }, 400_000);
});

describe('an embedded Neo4j that two processes start at the same moment', () => {
  const home = join(folder, 'raced');

  it('is one Java, outlives both when they are killed, is found by the next start, and ends with its last user', async () => {
    const users = [startUser(home), startUser(home)];
    const uris = await Promise.all(users.map((user) => user.uri));
    expect(new Set(uris).size).toBe(1);
    const java = javaOf(home);
    expect(javasOf(home)).toEqual([java.pid]);

    for (const user of users) {
      user.process.kill('SIGKILL');
      await once(user.process, 'exit');
    }
    expect(isAlive(java)).toBe(true);

    const next = await startEmbeddedNeo4j({ home, ...small });
    expect(next.uri).toBe(uris[0]);
    expect(javaOf(home)).toEqual(java);

    await next.stop();
    expect(isAlive(java)).toBe(false);
    expect(javasOf(home)).toEqual([]);
    expect(readState(openHome(home))).toBeNull();
    expect(await accepts('127.0.0.1', Number(new URL(next.uri).port))).toBe(false);
  }, 400_000);
});

describe('the archive of classes', () => {
  const cache = join(folder, 'cache');

  it('is written by the first Neo4j of a user, used by the next of whatever home, and not believed when it is cut off', async () => {
    const found = await findJava();
    const lib = await ensureNeo4jJars(found.line);
    const own = join(cache, 'weftline', `neo4j-${found.line.version}`);
    const archives = (): string[] => readdirSync(own).filter((name) => name !== 'lib');
    mkdirSync(own, { recursive: true });
    symlinkSync(lib, join(own, 'lib'));

    expect(await usesArchive('first')).toBe(false);
    expect(archives()).toEqual([expect.stringMatching(/^classes-[0-9a-f]{12}-\d{8,}\.jsa$/)]);
    expect(await usesArchive('second')).toBe(true);
    const archive = join(own, archives()[0] ?? '');
    chmodSync(archive, 0o600);
    truncateSync(archive, statSync(archive).size / 2);
    expect(await usesArchive('third')).toBe(false);
  }, 400_000);

  /** Starts one in a home of its own and stops it: whether Java was told of the archive, and on Linux, had it in its memory. */
  async function usesArchive(name: string): Promise<boolean> {
    const home = join(folder, name);
    const user = startUser(home, { XDG_CACHE_HOME: cache });
    await user.uri;
    const { pid } = javaOf(home);
    const told = execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' });
    const maps = process.platform === 'linux' ? readFileSync(`/proc/${pid}/maps`, 'utf8') : told;
    user.process.stdin?.end();
    await once(user.process, 'exit');
    const isUsed = new RegExp(`${cache}/\\S+/classes-\\S+\\.jsa`);
    expect(isUsed.test(maps)).toBe(isUsed.test(told));
    return isUsed.test(told);
  }
});

describe('an embedded Neo4j that cannot start', () => {
  it('says why with the last lines of its log, and leaves nothing running', async () => {
    const home = join(folder, 'broken');
    mkdirSync(join(home, 'data'), { recursive: true });
    writeFileSync(join(home, 'data', 'databases'), 'a file where a folder should be');
    await expect(startEmbeddedNeo4j({ home, ...small })).rejects.toThrow(/ended while it started[^]*databases/);
    expect(javasOf(home)).toEqual([]);
  }, 400_000);

  it('is stopped again when the start is interrupted', async () => {
    const home = join(folder, 'interrupted');
    const interruption = new AbortController();
    const starting = startEmbeddedNeo4j({ home, ...small, signal: interruption.signal });
    await vi.waitUntil(() => javasOf(home).length === 1, { timeout: 200_000 });
    interruption.abort(new Error('Enough.'));
    await expect(starting).rejects.toThrow('Enough.');
    expect(javasOf(home)).toEqual([]);
  }, 400_000);
});

/** Starts a process of its own that uses the server of the home; its URI comes when the server is up. */
function startUser(home: string, environment: NodeJS.ProcessEnv = {}): { process: ChildProcess; uri: Promise<string> } {
  const script = join(import.meta.dirname, '../support/embedded-user.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', script, home], {
    env: { ...process.env, ...environment },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const uri = once(createInterface(child.stdout), 'line').then(
    ([line]) => (JSON.parse(String(line)) as { uri: string }).uri,
  );
  return { process: child, uri };
}

async function ask(server: EmbeddedNeo4j, statement: string): Promise<unknown[]> {
  const driver = openDriver(server);
  try {
    return await askDriver(driver, statement);
  } finally {
    await driver.close();
  }
}

async function askDriver(driver: Driver, statement: string): Promise<unknown[]> {
  const { records } = await driver.executeQuery(statement);
  return records.map((record) => record.toObject());
}

function javaOf(home: string): ProcessIdentity {
  const state = readState(openHome(home));
  if (state === null) throw new Error(`No server is noted in ${home}.`);
  return state.process;
}

/** Every Java that was started for the home, noted or not. */
function javasOf(home: string): number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat=,command='], { encoding: 'utf8' }).split('\n');
  const ours = lines.filter((line) => line.includes(`--home-dir=${home} `) && !/^\s*\d+ Z/.test(line));
  return ours.map((line) => Number.parseInt(line, 10));
}

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

function outerAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).filter((a) => !a.internal && a.family === 'IPv4').map((a) => a.address),
  );
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const answer = (accepted: boolean): void => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => answer(true));
    socket.once('error', () => answer(false));
    socket.once('timeout', () => answer(false));
  });
}

/** "address:port" of every TCP socket on which the process listens. */
function listenersOf(pid: number): string[] {
  if (process.platform !== 'linux') {
    const lines = execFileSync('lsof', ['-nP', '-a', '-p', String(pid), '-iTCP', '-sTCP:LISTEN', '-Fn'], {
      encoding: 'utf8',
    });
    return lines.split('\n').flatMap((line) => (line.startsWith('n') ? [line.slice(1)] : []));
  }
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((fd) => linkTarget(`/proc/${pid}/fd/${fd}`));
  const sockets = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1),
  );
  return sockets.flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/);
    return state === '0A' && descriptors.includes(`socket:[${inode ?? ''}]`) ? [readAddress(local)] : [];
  });
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed since the folder was listed
  }
}

/** "0100007F:1F90" is 127.0.0.1:8080; an IPv4 address in the table of IPv6 has a prefix. */
function readAddress(hex: string): string {
  const [address = '', port = ''] = hex.replace(/^0000000000000000FFFF0000/, '').split(':');
  const bytes = (address.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  const shown = bytes.length === 4 ? bytes.reverse().join('.') : address;
  return `${shown}:${Number.parseInt(port, 16)}`;
}
