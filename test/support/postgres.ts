import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';

const run = promisify(execFile);

/** Where Debian puts the programs of each version; the newest is taken. */
const VERSIONS = '/usr/lib/postgresql';
/** PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

export const PASSWORD = 'hush-not-told';

/** A real PostgreSQL of a test's own, on loopback, in a folder that goes with it. */
export class TestPostgres {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly server: ChildProcess,
  ) {}

  static async start(...settings: string[]): Promise<TestPostgres> {
    const bin = programs();
    const folder = mkdtempSync(join(tmpdir(), 'weftline-postgres-'));
    const isRoot = process.getuid?.() === 0;
    const as = isRoot ? { uid: NOBODY, gid: NOBODY } : {};
    if (isRoot) chownSync(folder, NOBODY, NOBODY);
    const data = join(folder, 'data');
    const env = { PATH: process.env['PATH'] ?? '', LC_ALL: 'C.UTF-8' };
    const initdb = ['-D', data, '-U', 'weftline', '--auth=trust', '--no-sync', '-E', 'UTF8'];
    await run(join(bin, 'initdb'), initdb, { ...as, env, cwd: folder });
    const port = await freePort();
    const where = ['-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${folder}`, '-p', String(port)];
    const server = spawn(
      join(bin, 'postgres'),
      ['-D', data, ...where, '-c', 'fsync=off', ...settings.flatMap((each) => ['-c', each])],
      { ...as, env, cwd: folder, stdio: 'ignore' },
    );
    const postgres = new TestPostgres(port, folder, server);
    await postgres.answers();
    return postgres;
  }

  url(database = 'postgres'): string {
    return `postgres://weftline:${PASSWORD}@127.0.0.1:${this.port}/${database}`;
  }

  async query(statements: string, database = 'postgres'): Promise<void> {
    const client = new Client({ connectionString: this.url(database) });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(statements);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.server.once('exit', done));
    if (this.server.exitCode === null && this.server.signalCode === null) {
      this.server.kill('SIGQUIT');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async answers(): Promise<void> {
    const until = Date.now() + 60_000;
    for (;;) {
      try {
        await this.query('SELECT 1');
        return;
      } catch (error) {
        if (Date.now() > until || this.server.exitCode !== null) throw error;
        await new Promise((done) => setTimeout(done, 100));
      }
    }
  }
}

function programs(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one)) : [];
  const found = versions
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((bin) => existsSync(join(bin, 'initdb')));
  if (found === undefined) throw new Error('There is no PostgreSQL: apt-get install -y postgresql, then run it again.');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}
