import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

// The real script in a small project, with an npm and a compiler that only say that they ran.
const NPM = `
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
rmSync('node_modules', { recursive: true, force: true });
appendFileSync('ran.txt', 'npm ' + process.argv.slice(2).join(' ') + '\\n');
await new Promise((resolve) => setTimeout(resolve, 300));
mkdirSync('node_modules/typescript/bin', { recursive: true });
writeFileSync('node_modules/typescript/bin/tsc', process.env.FAKE_TSC);
console.log('noise of npm');
`;
const TSC = `
const fs = require('node:fs');
fs.appendFileSync('ran.txt', 'tsc\\n');
if (fs.readFileSync('src/a.ts', 'utf8').includes('wrong')) { console.log('src/a.ts(1,1): error'); process.exit(2); }
fs.mkdirSync('dist');
`;

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weftline-setup-'));
  cpSync(join(import.meta.dirname, '../../scripts'), join(root, 'scripts'), { recursive: true });
  mkdirSync(join(root, 'src'));
  write('src/a.ts', 'export {};');
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=20.19' } }));
  write('package-lock.json', JSON.stringify({ packages: { '': {} } }));
  write('tsconfig.build.json', '{}');
  mkdirSync(join(root, 'npm'));
  write('npm/npm-cli.js', NPM);
});
afterEach(() => rmSync(root, { recursive: true }));

describe('the setup script', () => {
  it('installs and builds a fresh clone, and keeps the noise of npm to itself', async () => {
    const { code, printed } = await setUp();
    expect(printed).toMatch(/^Installing the dependencies … [\d.]+ s\nBuilding … [\d.]+ s\n$/);
    expect(code).toBe(0);
    expect(ran()).toEqual([expect.stringMatching(/^npm ci .*--include=dev.*--ignore-scripts/), 'tsc']);
  });

  it('does and says nothing when all is done', async () => {
    await setUp();
    expect(await setUp()).toEqual({ code: 0, printed: '' });
    expect(ran()).toHaveLength(2);
  });

  it('builds again, and only builds, when a source changed', async () => {
    await setUp();
    write('src/a.ts', 'export const changed = 1;');
    expect((await setUp()).printed).toMatch(/^Building … [\d.]+ s\n$/);
  });

  it('installs again when the lock file changed, and when node_modules is gone', async () => {
    await setUp();
    write('package-lock.json', JSON.stringify({ packages: { '': {}, 'node_modules/new': { version: '1.0.0' } } }));
    expect((await setUp()).printed).toContain('Installing');
    rmSync(join(root, 'node_modules'), { recursive: true });
    expect((await setUp()).printed).toContain('Installing');
  });

  it('installs again what another major version of Node installed', async () => {
    await setUp();
    const stamp = join(root, 'node_modules/.weftline-setup.json');
    writeFileSync(stamp, readFileSync(stamp, 'utf8').replace(/node\d+/, 'node1'));
    expect((await setUp()).printed).toContain('Installing');
  });

  it('takes what `npm install` left when it is what the lock file says', async () => {
    await setUp();
    rmSync(join(root, 'node_modules/.weftline-setup.json'));
    write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
    expect((await setUp()).printed).toBe('');
  });

  it('fails with what the compiler said, and mends itself with the source', async () => {
    write('src/a.ts', 'wrong');
    const failed = await setUp();
    expect(failed.code).toBe(1);
    expect(failed.printed).toContain('src/a.ts(1,1): error\nThe build failed: see above.\n');
    write('src/a.ts', 'right');
    expect((await setUp()).code).toBe(0);
  });

  it('names the Node it needs when this one is too old', async () => {
    write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=99.1' } }));
    const { code, printed } = await setUp();
    expect(printed).toBe(
      `Weftline needs Node 99.1 or later, and this is ${process.versions.node}: install a newer Node.\n`,
    );
    expect(code).toBe(1);
  });

  it('does the work once when two run at the same time', async () => {
    const outcomes = await Promise.all([setUp(), setUp()]);
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
    expect(ran()).toEqual([expect.stringContaining('npm ci'), 'tsc']);
    expect(outcomes.map(({ printed }) => printed)).toContain('Waiting for another setup in this folder.\n');
  });

  it('goes on from an interruption', async () => {
    const interrupted = await setUp({ interruptNpm: true });
    expect(interrupted).toMatchObject({ code: 1, printed: expect.stringContaining('Interrupted') as string });
    expect(existsSync(join(root, '.weftline/setup.lock'))).toBe(false);
    expect((await setUp()).code).toBe(0);
  });
});

/** Runs the script as `npm run build` does, which fetches no database. */
async function setUp(options: { interruptNpm?: boolean } = {}): Promise<{ code: number; printed: string }> {
  const env = {
    ...process.env,
    npm_execpath: join(root, 'npm/npm-cli.js'),
    npm_lifecycle_event: 'build',
    FAKE_TSC: TSC,
  };
  const child = spawn(process.execPath, ['scripts/setup.mjs'], { cwd: root, env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  if (options.interruptNpm) {
    await vi.waitUntil(() => existsSync(join(root, 'ran.txt')), { timeout: 120_000 });
    child.kill('SIGINT');
  }
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed };
}

function write(path: string, text: string): void {
  writeFileSync(join(root, path), text);
}

function ran(): string[] {
  return readFileSync(join(root, 'ran.txt'), 'utf8').trim().split('\n');
}
