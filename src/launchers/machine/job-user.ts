/**
 * The user whom a local launcher runs its programs as, where that is not the user of the server (docs/adr/0039). Found out
 * and tried once, when the server starts: a launcher that could not keep its jobs out is refused there.
 */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { makeFolderSync } from '../../disk/make-folder.js';
import { z } from 'zod';
import { SetupError } from '../../neo4j/setup-error.js';
import { messageOf } from './errno.js';

export const jobUserSchema = z.object({
  /** As it was given: "nobody", "1500:1500". */
  name: z.string(),
  uid: z.int().positive(),
  gid: z.int().min(0),
  /** All its groups, with `gid`. */
  groups: z.array(z.int().min(0)),
  /** The command that changes users, by its absolute path: no launch may choose what runs as root. */
  setpriv: z.string(),
});
export type JobUser = z.infer<typeof jobUserSchema>;

/** Groups of jobs are in there (run-ownership.ts), far from those that people have. */
export const JOB_GROUPS = { first: 2 ** 30, count: 2 ** 30 };

const FOLDERS_OF_COMMANDS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];
/** What it takes to hand a folder to somebody else, to take it back, and to end what they started: numbers of capabilities. */
const NEEDED = { CHOWN: 0, DAC_OVERRIDE: 1, FOWNER: 3, KILL: 5, SETGID: 6, SETUID: 7 };

/**
 * The user of that name, uid, or uid:gid, once it is sure that programs can be run as it, in folders below the directory,
 * and that `home` is closed to it but for the way there. Throws SetupError.
 */
export function openJobUser(runAs: string, { directory, home }: { directory: string; home: string }): JobUser {
  const refuse = (why: string): never => {
    throw new SetupError(`runAs "${runAs}": ${why}`);
  };
  const unable = whyUnable();
  if (unable !== null)
    refuse(`${unable} Run the server as root, or leave runAs out: jobs then run as the user of the server.`);
  const setpriv = commandNamed('setpriv') ?? refuse('the command setpriv (util-linux) is needed and was not found.');
  const user = { name: runAs, setpriv, ...(idsOf(runAs) ?? refuse(NO_USER)) };
  if (user.uid === 0) refuse('programs must not run as root. Name a user that has no rights on this machine.');
  openTheWay(directory, home);
  try {
    execFileSync(setpriv, [...privileges(user, [JOB_GROUPS.first]), '/bin/sh', '-c', 'cd "$1"', 'sh', directory], {
      env: {},
      stdio: 'pipe',
    });
  } catch (error) {
    refuse(
      `that user cannot reach the folder for jobs ${directory}: let others pass each folder above it (chmod o+x), or choose another \`directory\`. ${messageOf(error).trim()}`,
    );
  }
  return user;
}

const NO_USER =
  'there is no such user. Give the name of one, its uid, or uid:gid for one without a name, such as 1500:1500.';

/** Arguments of setpriv: what follows runs as the user, in its groups and these, and can win no more rights. */
export function privileges({ uid, gid, groups }: JobUser, more: readonly number[]): string[] {
  const all = [...new Set([gid, ...groups, ...more])].join(',');
  return [`--reuid=${uid}`, `--regid=${gid}`, `--groups=${all}`, '--no-new-privs', '--inh-caps=-all', '--'];
}

/** Why this server may not change users; null when it may. */
export function whyUnable(): string | null {
  if (process.platform !== 'linux') return 'only on Linux can programs run as another user.';
  if (process.getuid?.() !== 0) return 'the server may not change users, as it does not run as root.';
  const held = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  const missing = Object.entries(NEEDED).filter(([, bit]) => ((held >> BigInt(bit)) & 1n) === 0n);
  if (missing.length > 0)
    return `the server may not change users, as it lacks ${missing.map(([name]) => `CAP_${name}`).join(', ')}.`;
  return hasJobGroups() ? null : 'this container has too few ids of groups: each job needs some of its own.';
}

function hasJobGroups(): boolean {
  const ranges = readFileSync('/proc/self/gid_map', 'utf8').trim().split('\n');
  return ranges.some((range) => {
    const [first = 0, , count = 0] = range.trim().split(/\s+/).map(Number);
    return first <= JOB_GROUPS.first && first + count >= JOB_GROUPS.first + JOB_GROUPS.count;
  });
}

function idsOf(runAs: string): { uid: number; gid: number; groups: number[] } | null {
  const [, name, group] = /^([A-Za-z_][\w.-]*\$?|\d{1,9})(?::(\d{1,9}))?$/.exec(runAs) ?? [];
  if (name === undefined) return null;
  const known = askId(name);
  const uid = known?.uid ?? (/^\d+$/.test(name) ? Number(name) : null);
  const gid = group === undefined ? known?.gid : Number(group);
  return uid === null || gid === undefined ? null : { uid, gid, groups: known?.groups ?? [gid] };
}

/** What the machine knows of a user, from whatever directory it asks; null: nothing. */
function askId(name: string): { uid: number; gid: number; groups: number[] } | null {
  try {
    const ask = (what: string): number[] =>
      execFileSync(commandNamed('id') ?? 'id', [what, name], { encoding: 'utf8', stdio: 'pipe', env: {} })
        .trim()
        .split(' ')
        .map(Number);
    const [[uid], [gid], groups] = [ask('-u'), ask('-g'), ask('-G')];
    return uid === undefined || gid === undefined ? null : { uid, gid, groups };
  } catch {
    return null; // It says so by its exit code.
  }
}

function commandNamed(name: string): string | undefined {
  return FOLDERS_OF_COMMANDS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Others may pass through to the folder for jobs, and list nothing on the way. Where it lies within WEFTLINE_HOME, all else
 * there is closed to them, whatever mode it was made with.
 */
function openTheWay(directory: string, home: string): void {
  makeFolderSync(directory, { mode: 0o711 });
  chmodSync(directory, 0o711);
  const within = relative(home, directory);
  if (within === '' || within.startsWith('..')) return;
  for (let folder = dirname(directory); folder.startsWith(home); folder = dirname(folder)) chmodSync(folder, 0o711);
  const onTheWay = within.split(sep)[0];
  for (const name of readdirSync(home)) {
    const path = join(home, name);
    if (name !== onTheWay) chmodSync(path, statSync(path).mode & 0o700);
  }
}
