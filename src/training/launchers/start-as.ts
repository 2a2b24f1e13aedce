/**
 * How a program is started as another user. Nothing of the launch may be met while the process is still root: not its
 * environment, with which LD_PRELOAD would run a library of the program's as root, nor its PATH. So setpriv gets neither;
 * a shell that has changed users by then reads the environment from a pipe, where no process list shows it, and becomes the
 * program.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { type JobUser, privileges } from './job-user.js';

export type StartedProgram = ChildProcessByStdio<null, Readable, Readable>;

export interface StartWishes {
  command: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** As the user of this process, in a process group of its own, without a shell. */
export function startAsSelf({ command: [command = '', ...args], cwd, env }: StartWishes): StartedProgram {
  return spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

const SHELL = '/bin/sh';
const BECOME =
  'eval "$(/bin/cat <&3)"; exec 3<&-; [ "${weftline_all-}" = yes ] || exit 125; unset weftline_all; exec "$@"';

/** As the user, in its groups and these. Throws the system's error, ENOENT, for a command that is not there. */
export async function startAs(user: JobUser, groups: readonly number[], wishes: StartWishes): Promise<StartedProgram> {
  const { command, cwd, env } = wishes;
  await checkCommand(command[0] ?? '', env['PATH'] ?? '', cwd);
  const args = [...privileges(user, groups), SHELL, '-c', BECOME, 'sh', ...command];
  const child: ChildProcess = spawn(user.setpriv, args, {
    cwd,
    env: {},
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const pipe = child.stdio[3] as Writable;
  // One that ends before it has read all tells so by its exit code.
  pipe.on('error', () => undefined).end(assignments(env));
  return child as StartedProgram;
}

function assignments(env: NodeJS.ProcessEnv): string {
  const all = Object.entries(env).map(([name, value = '']) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new Error(`"${name}" cannot be the name of an environment variable`);
    return `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`;
  });
  return `${all.join('')}weftline_all=yes\n`;
}

/** The shell would say so by an exit code, which the program may have as well. */
async function checkCommand(command: string, path: string, cwd: string): Promise<void> {
  const folders = command.includes('/') ? [isAbsolute(command) ? '' : cwd] : path.split(':');
  for (const folder of folders) {
    const isThere = await access(join(folder, command), constants.F_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  throw Object.assign(new Error(`${command} was not found`), { code: 'ENOENT' });
}
