// What is up to date already, told from small files that are written last: interrupted work leaves none.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const installStamp = join('node_modules', '.weftline-setup.json');
const buildStamp = join('dist', '.inputs');

/** Whether node_modules holds what package-lock.json says, installed under this major version of Node. */
export function isInstalled(root) {
  const wanted = installation(root);
  const found = readJson(join(root, installStamp));
  if (found?.lock === wanted.lock && found.runtime === wanted.runtime) return true;
  // Installed by hand with `npm install`: npm leaves a list of what it installed.
  const sameRuntime = found === null || found.runtime === wanted.runtime;
  if (!sameRuntime || !matchesLock(root)) return false;
  stampInstallation(root);
  return true;
}

export function stampInstallation(root) {
  writeFileSync(join(root, installStamp), JSON.stringify(installation(root)));
}

/** Whether dist was built from exactly these sources. */
export function isBuilt(root, inputs) {
  return existsSync(join(root, buildStamp)) && readFileSync(join(root, buildStamp), 'utf8') === inputs;
}

export function stampBuild(root, inputs) {
  writeFileSync(join(root, buildStamp), inputs);
}

/** A hash over everything that the build reads. */
export function hashInputs(root) {
  const settings = readdirSync(root).filter((name) => /^tsconfig.*\.json$/.test(name));
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
  const hash = createHash('sha256');
  for (const path of ['package-lock.json', ...settings, ...sources].sort()) {
    const content = readFileSync(join(root, path));
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

function installation(root) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  return { lock, runtime: `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}` };
}

function matchesLock(root) {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (installed === undefined) return false;
  const { '': _root, ...locked } = readJson(join(root, 'package-lock.json')).packages;
  const same = (path) =>
    locked[path]?.version === installed[path].version && locked[path].integrity === installed[path].integrity;
  const complete = Object.keys(locked).every((path) => path in installed || locked[path].optional === true);
  return complete && Object.keys(installed).every(same);
}

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
}
