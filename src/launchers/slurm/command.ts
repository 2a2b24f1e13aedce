import { spawn } from 'node:child_process';
import { cleanEnvironment } from '../run-folder/environment.js';
import { LauncherUnreachable } from '../port/launcher.js';
import { messageOf } from '../machine/errno.js';

const MOST_OUTPUT = 64 * 1_048_576;

export interface CommandAnswer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command without a shell and waits for its end. Throws `LauncherUnreachable` when it cannot be started or does not
 * end in time: commands of Slurm wait long for a controller that is away.
 */
export async function runCommand(
  [file = '', ...args]: readonly string[],
  options: { timeoutSeconds: number; env: NodeJS.ProcessEnv; input?: string },
): Promise<CommandAnswer> {
  const { env, timeoutSeconds, input } = options;
  return await new Promise((resolve, reject) => {
    const child = spawn(file, args, { env, stdio: 'pipe', timeout: timeoutSeconds * 1000, killSignal: 'SIGKILL' });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        output[name] += text;
        if (output[name].length > MOST_OUTPUT) child.kill('SIGKILL');
      });
    }
    // One that ends without reading tells so by its exit code.
    child.stdin.on('error', () => undefined).end(input ?? '');
    child.once('error', (error) =>
      reject(new LauncherUnreachable(`The command ${file} cannot be run: ${messageOf(error)}`)),
    );
    child.once('close', (code, signal) => {
      if (signal === null) resolve({ code, ...output });
      else reject(new LauncherUnreachable(`The command ${file} did not end within ${timeoutSeconds} s (${signal}).`));
    });
  });
}

/** Plain English and times in UTC; and no SLURM_JWT of the server's own. */
export function commandEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...cleanEnvironment(), LC_ALL: 'C', TZ: 'UTC', ...more };
}
