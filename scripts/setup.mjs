// Makes a fresh clone ready: installs, builds, and fetches the embedded Neo4j. Runs before every npm script, and does
// only what is not done yet. Pure Node: nothing is installed when it first runs.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { hashInputs, isBuilt, isInstalled, stampBuild, stampInstallation } from './setup-checks.mjs';
import { takeLock } from './setup-lock.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A step failed, and the message says all there is to say. */
class SetupFailure extends Error {}

try {
  checkNode();
  if (!isInstalled(root) || !isBuilt(root, hashInputs(root))) await installAndBuild();
  if (needsNeo4j()) await fetchNeo4j();
} catch (error) {
  const ours = error instanceof SetupFailure || error.name === 'SetupError';
  process.stderr.write(`${ours ? error.message : error.stack}\n`);
  process.exitCode = 1;
}

function checkNode() {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  const [wantedMajor, wantedMinor] = wanted.split('.').map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new SetupFailure(
    `Weftline needs Node ${wanted} or later, and this is ${process.versions.node}: install a newer Node.`,
  );
}

async function installAndBuild() {
  const waiting = () => say('Waiting for another setup in this folder.\n');
  const lock = await takeLock(join(root, '.weftline', 'setup.lock'), waiting);
  try {
    // Looked at again: whoever held the lock may have done it.
    if (!isInstalled(root)) await step('Installing the dependencies', () => install(lock));
    const inputs = hashInputs(root);
    if (!isBuilt(root, inputs)) await step('Building', () => build(lock, inputs));
  } finally {
    lock.release();
  }
}

async function install(lock) {
  // npm names itself to the scripts it runs; another package manager is no help with package-lock.json.
  const npm = process.env.npm_execpath ?? '';
  const [program, first] = basename(npm) === 'npm-cli.js' ? [process.execPath, [npm]] : ['npm', []];
  // Whatever flags the outer npm was given: the build needs the development dependencies, and no dependency's scripts.
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--no-dry-run'];
  await run(lock, 'npm ci failed', program, [...first, 'ci', ...flags]);
  stampInstallation(root);
}

async function build(lock, inputs) {
  // The stamp is within: a build that is interrupted is begun again.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  await run(lock, 'The build failed', process.execPath, [tsc, '-p', 'tsconfig.build.json']);
  stampBuild(root, inputs);
}

/** A script that neither starts nor tests the server gets along without a database, and so without Maven. */
function needsNeo4j() {
  const withoutDatabase = ['build', 'schema', 'precheck', 'npx'];
  return !process.env.NEO4J_URI && !withoutDatabase.includes(process.env.npm_lifecycle_event);
}

async function fetchNeo4j() {
  const built = (name) => import(pathToFileURL(join(root, 'dist', 'neo4j', 'embedded', name)).href);
  const [{ findJava }, { ensureNeo4jJars }] = await Promise.all([built('java.js'), built('jars.js')]);
  const { line } = await findJava();
  await ensureNeo4jJars(line, { onEvent: (message) => say(`${message}\n`) });
}

async function step(name, work) {
  const startedAt = Date.now();
  say(`${name} … `);
  await work();
  say(`${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
}

/** Runs a program quietly; shows what it printed only when it fails. A signal to us is passed on and waited for. */
async function run(lock, failure, program, args) {
  const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const printed = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => printed.push(chunk));
  let interruption = null;
  const passOn = (signal) => {
    interruption = signal;
    child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, passOn);
  const ended = new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupFailure(`\n${program} could not be started: ${error.message}.`)));
    child.once('close', resolve);
  });
  if (child.pid !== undefined) lock.nameChild(child.pid);
  const code = await ended.finally(() => signals.forEach((signal) => process.off(signal, passOn)));
  if (interruption !== null) throw new SetupFailure('\nInterrupted; the next run goes on from here.');
  if (code !== 0) throw new SetupFailure(`\n${Buffer.concat(printed).toString().trimEnd()}\n${failure}: see above.`);
}

/** On stderr, so that what a script prints can be piped on. */
function say(text) {
  process.stderr.write(text);
}
