/** What the end of a program means, in words for the person who submitted it. */
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { causeOf, errnoName } from '../../disk/disk-fault.js';
import { hasErrno, messageOf } from '../machine/errno.js';
import { SecretMissing } from '../run-folder/environment.js';
import type { ProgramEnd } from './program.js';
import type { RunOrder, RunVerdict } from '../run-folder/run-folder.js';
import { SpawnRefused, StartFault } from '../machine/start-fault.js';

type Verdict = Pick<RunVerdict, 'state' | 'failure'>;

/** What is told of a run whose program never was, and what its log says when that was wished. */
export const NEVER_STARTED = { startedAt: null, exitCode: null, signal: null, output: null, usage: null };
export const STOPPED_NOTE = 'Stopped before the program was started.';

/** Null when the program ended well, so that its output decides. */
export function judgeEnd(end: ProgramEnd, order: RunOrder, lastStderrLines: readonly string[]): Verdict | null {
  const { runSeconds, graceSeconds, outputBytes } = order.spec.limits;
  switch (end.stopped) {
    case 'CANCEL':
      return CANCELLED;
    case 'RUN_LIMIT':
      return {
        state: 'TIMED_OUT',
        failure: final(
          'RUN_TIMEOUT',
          `The program ran longer than its limit of ${runSeconds ?? 0} s and was stopped (grace: ${graceSeconds} s). Raise the limit or make it finish sooner.`,
        ),
      };
    case 'OUTPUT_LIMIT':
      if (end.outputExcess !== null) {
        const message = `The program had left ${end.outputExcess} in its output folder and was stopped. Pack them, or leave fewer.`;
        return failed('OUTPUT_TOO_LARGE', message);
      }
      return failed(
        'OUTPUT_TOO_LARGE',
        `The program had written ${end.outputBytes} bytes of output and was stopped; this job may leave ${outputBytes}. Write less or raise the limit.`,
      );
    case 'MEMORY_LIMIT':
      return failed(
        'OUT_OF_MEMORY',
        `The program used ${end.excessMemoryBytes ?? 0} bytes of memory and was killed; this job may use ${order.spec.resources.memoryBytes ?? 0}. Ask for more memory, or use less of it: smaller batches, fewer workers.`,
      );
    case 'TAMPERING':
      return failed('RESULT_INVALID', `${end.tampering ?? ''} The program was stopped.`);
    case 'SHUTDOWN':
      return passing(
        'SIGNAL',
        'The program was stopped because its supervisor was told to end: the machine was shutting down, or an administrator stopped it. Start the job again.',
      );
    case null:
      return judgeExit(end, lastStderrLines);
  }
}

/** Why it did not start. The folder is the one its program begins in. */
export async function judgeStartError(
  error: unknown,
  { command, folder }: { command: string; folder: string },
): Promise<Verdict> {
  if (error instanceof SecretMissing) return failed('SECRET_MISSING', error.message);
  if (error instanceof SpawnRefused) return await judgeSpawn(error.cause, command, folder);
  const [what, cause] =
    error instanceof StartFault
      ? [error.what, error.cause]
      : ['What the program needs to be started could not be prepared', error];
  return passing(
    'START_FAILED',
    `${what}: ${causeOf(cause)}. Start the job again once whoever runs the launcher has mended that.`,
  );
}

/** What the system said when it was given the command, which is the caller's: hence its words, and no path but the command's. */
async function judgeSpawn(cause: unknown, command: string, folder: string): Promise<Verdict> {
  if (hasErrno(cause, ...NO_ROOM)) {
    const message = `The machine could not start another process just now (${errnoName(cause) ?? ''}). Start the job again later.`;
    return passing('START_FAILED', message);
  }
  // The system says the same of both: that the command is not there, and that the folder is not.
  if (hasErrno(cause, 'ENOENT', 'EACCES', 'ENOTDIR') && !(await isThere(folder))) {
    const what = 'The folder the program begins in is gone, or closed to the server.';
    return passing('START_FAILED', `${what} Start the job again.`);
  }
  return failed('START_FAILED', await faultOfCommand(cause, command));
}

const NO_ROOM = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ETXTBSY', 'EIO', 'ESTALE'];

async function faultOfCommand(cause: unknown, command: string): Promise<string> {
  if (hasErrno(cause, 'ENOENT') && isAbsolute(command) && (await isThere(command)))
    return `The command "${command}" is a script whose first line names an interpreter that was not found.`;
  if (hasErrno(cause, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'))
    return `The command "${command}" was not found. Give an absolute path or a program on the PATH of the launcher.`;
  if (hasErrno(cause, 'EACCES', 'EPERM', 'EISDIR'))
    return `The command "${command}" may not be executed. Give a program, and make its file executable.`;
  const name = errnoName(cause);
  const said = name?.startsWith('ERR_') === false ? `the system says ${name}` : messageOf(cause);
  return `The command "${command}" could not be started: ${SPAWN_WORDS[name ?? ''] ?? said}.`;
}

const SPAWN_WORDS: Readonly<Record<string, string>> = {
  E2BIG: 'its arguments and its environment are longer than this machine takes together',
  ENOEXEC: 'its file is no program for this machine',
};

export const CANCELLED: Verdict = {
  state: 'CANCELLED',
  failure: final('CANCELLED_BY_USER', 'The job was cancelled.'),
};

export const STOPPED_EARLY = passing(
  'SIGNAL',
  'The supervisor of the job was told to end before it had started the program: the machine was shutting down, or an administrator stopped it. Start the job again.',
);

/** A failure that the same program would meet again. */
export function failed(code: SupervisedFailure, message: string): Verdict {
  return { state: 'FAILED', failure: final(code, message) };
}

type SupervisedFailure = NonNullable<RunVerdict['failure']>['code'];

function judgeExit(end: ProgramEnd, lastStderrLines: readonly string[]): Verdict | null {
  if (end.exitCode === 0) return null;
  const words = lastStderrLines.length === 0 ? '' : ` Its last lines on stderr:\n${lastStderrLines.join('\n')}`;
  if (end.signal === 'SIGKILL') {
    return passing(
      'SIGNAL',
      `The program was killed (SIGKILL), and not by Weftline. The system may have run out of memory: see its kernel log.${words}`,
    );
  }
  if (end.signal !== null) return failed('SIGNAL', `The program was ended by the signal ${end.signal}.${words}`);
  return failed('EXIT_CODE', `The program ended with exit code ${end.exitCode ?? 'unknown'}.${words}`);
}

/** A failure that the same program need not meet again. */
export function passing(code: SupervisedFailure, message: string): Verdict {
  return { state: 'FAILED', failure: { code, message, retryable: true } };
}

function final(code: SupervisedFailure, message: string): NonNullable<Verdict['failure']> {
  return { code, message, retryable: false };
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
