import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

// The real package.json and launcher, with a setup and a command that only say that they ran.
let project: string;
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'weftline-npx-'));
  for (const folder of ['scripts', 'dist/cli', 'src/deep']) mkdirSync(join(project, folder), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'scripts/weft.mjs'])
    cpSync(join(ROOT, file), join(project, file));
  writeFileSync(join(project, 'scripts/setup.mjs'), `console.log('setup in ' + process.env.npm_lifecycle_event);`);
  writeFileSync(
    join(project, 'dist/cli/weft.js'),
    `console.log('ours with ' + process.argv.slice(2).join(' ')); process.exitCode = 2;`,
  );
});
afterEach(() => rmSync(project, { recursive: true }));

it('runs the command of this checkout, from any folder of it, and asks no registry for a package of its name', async () => {
  const asked: string[] = [];
  const registry = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const { port } = registry.address() as AddressInfo;
  for (const folder of ['.', 'src/deep']) {
    const { code, stdout } = await npx(join(project, folder), ['weft', 'audit', 'verify', '--key', 'k'], port);
    expect(stdout).toBe('setup in npx\nours with audit verify --key k\n');
    expect(code).toBe(2);
  }
  registry.close();
  expect(asked).toEqual([]);
});

it('ends with what the setup says when that failed, and can be started by itself', async () => {
  expect(statSync(join(ROOT, 'scripts/weft.mjs')).mode & 0o111).toBe(0o111);
  writeFileSync(join(project, 'scripts/setup.mjs'), `console.log('no build'); process.exitCode = 1;`);
  chmodSync(join(project, 'scripts/weft.mjs'), 0o755);
  expect(await run(join(project, 'scripts/weft.mjs'), [], {})).toMatchObject({ code: 1, stdout: 'no build\n' });
});

/** Without the npm that runs the tests in the environment: as in a shell. */
function npx(cwd: string, args: string[], port: number): Promise<{ code: number; stdout: string }> {
  return run('npx', args, {
    cwd,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_'))),
      npm_config_registry: `http://127.0.0.1:${port}/`,
      npm_config_cache: join(project, '.cache'),
      npm_config_update_notifier: 'false',
    },
  });
}

function run(program: string, args: string[], options: object): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    execFile(program, args, { encoding: 'utf8', ...options }, (error, stdout) =>
      resolve({ code: error ? Number(error.code) : 0, stdout }),
    );
  });
}
