/**
 * How a program is started as another user. Nothing of the launch may be met while the process is still root: not its
 * environment, with which LD_PRELOAD would run a library of the program's as root, nor its PATH. So setpriv gets neither;
 * a shell that has changed users by then reads the environment from a pipe, where no process list shows it, and becomes the
 * program.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { hasErrno } from './errno.js';
import { type JobUser, privileges } from './job-user.js';
import { SpawnRefused, StartFault } from './start-fault.js';

export type StartedProgram = ChildProcessByStdio<null, Readable, Readable>;

export interface StartWishes {
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/**
 * As the user of this process, in a process group of its own, without a shell. Whether it has begun tells its event `spawn`.
 * Throws `SpawnRefused`.
 */
export async function startAsSelf({ command, cwd, env }: StartWishes): Promise<StartedProgram> {
  const [program = '', ...args] = command;
  return await piped(
    () => spawn(program, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] }),
    (cause) => new SpawnRefused(cause),
  );
}

const SHELL = '/bin/sh';
const BECOME =
  'eval "$(/bin/cat <&3)"; exec 3<&-; [ "${weftline_all-}" = yes ] || exit 125; unset weftline_all; exec "$@"';

/** As the user, in its groups and these. Throws `SpawnRefused` for a command that is not there, `StartFault` for what is ours. */
export async function startAs(user: JobUser, groups: readonly number[], wishes: StartWishes): Promise<StartedProgram> {
  const { command, cwd, env } = wishes;
  await checkCommand(command[0] ?? '', env['PATH'] ?? '', cwd);
  const said = assignments(env);
  const args = [...privileges(user, groups), SHELL, '-c', BECOME, 'sh', ...command];
  const child = await piped(
    () => spawn(user.setpriv, args, { cwd, env: {}, detached: true, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] }),
    (cause) => new StartFault('The command that changes users could not be started', cause),
  );
  const pipe = child.stdio[3] as Writable;
  // One that ends before it has read all tells so by its exit code.
  pipe.on('error', () => undefined).end(said);
  return child;
}

/**
 * A process with its pipes, from whose events nothing was missed yet. Without room for pipes Node makes none, and says why
 * only afterwards.
 */
async function piped(start: () => ChildProcess, refusal: (cause: unknown) => Error): Promise<StartedProgram> {
  try {
    const child = start();
    if (child.pid === undefined) await once(child, 'spawn');
    return child as StartedProgram;
  } catch (error) {
    throw refusal(error);
  }
}

function assignments(env: NodeJS.ProcessEnv): string {
  const all = Object.entries(env).map(([name, value = '']) => {
    if (!/^[A-Za-z_]\w*$/.test(name))
      throw new SpawnRefused(new Error(`"${name}" cannot be the name of an environment variable`));
    return `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`;
  });
  return `${all.join('')}weftline_all=yes\n`;
}

/** The shell would say so by an exit code, which the program may have as well. */
async function checkCommand(command: string, path: string, cwd: string): Promise<void> {
  const folders = command.includes('/') ? [isAbsolute(command) ? '' : cwd] : path.split(':');
  for (const folder of folders) if (await isThere(join(folder, command))) return;
  throw new SpawnRefused(Object.assign(new Error(`${command} was not found`), { code: 'ENOENT' }));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path, constants.F_OK);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG')) return false;
    throw new StartFault('Whether the command is there could not be found out', error);
  }
}
