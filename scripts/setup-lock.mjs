// One setup at a time in this folder. The same idea as src/neo4j/embedded/file-lock.ts, in plain JavaScript and without its
// imports: this runs before anything is installed or built.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock file younger than this may be empty because its maker is just writing it. */
const HALF_WRITTEN_MS = 10_000;

/**
 * Takes the lock, waiting while its holder lives, or a program that a killed holder had started.
 * Answers how to name such a program, and how to give the lock back.
 */
export async function takeLock(path, onWait) {
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; !create(path); attempt += 1) {
    breakIfStale(path);
    if (attempt === 1) onWait();
    if (attempt > 0) await sleep(200);
  }
  const nameChild = (pid) =>
    writeFileSync(path, JSON.stringify({ holder: identify(process.pid), child: identify(pid) }));
  return { nameChild, release: () => rmSync(path, { force: true }) };
}

function create(path) {
  try {
    writeFileSync(path, JSON.stringify({ holder: identify(process.pid), child: null }), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** A second lock around the removal: two waiters must not remove the dead lock and then the fresh one of the faster. */
function breakIfStale(path) {
  if (!isStale(path)) return;
  const breaker = `${path}.breaking`;
  if (!create(breaker)) {
    if (ageOf(breaker) > HALF_WRITTEN_MS) rmSync(breaker, { force: true });
    return;
  }
  try {
    if (isStale(path)) unlinkSync(path);
  } finally {
    rmSync(breaker, { force: true });
  }
}

function isStale(path) {
  try {
    const text = readFileSync(path, 'utf8');
    if (text === '') return ageOf(path) > HALF_WRITTEN_MS;
    const { holder, child } = JSON.parse(text);
    return !isAlive(holder) && !isAlive(child);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    if (error instanceof SyntaxError) return ageOf(path) > HALF_WRITTEN_MS;
    throw error;
  }
}

/** Milliseconds since the file was written; 0 when it is gone. */
function ageOf(path) {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
}

function isAlive(identity) {
  return identity !== null && identify(identity.pid)?.startedAt === identity.startedAt;
}

/** Pid and start time, for a pid alone may come again; null when nobody runs under it. */
function identify(pid) {
  try {
    if (process.platform !== 'linux') {
      const startedAt = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
      return startedAt === '' ? null : { pid, startedAt };
    }
    // The name in parentheses may hold anything, so fields are counted from the last one: start time is field 22.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return fields[0] === 'Z' ? null : { pid, startedAt: `${boot}/${fields[19]}` };
  } catch {
    return null; // no such process
  }
}
