/** What the end of a program means, in words for the person who submitted it. */
import { access } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { causeOf } from '../../disk/disk-fault.js';
import { hasErrno, messageOf } from './errno.js';
import { SecretMissing } from './local-environment.js';
import type { ProgramEnd } from './local-program.js';
import type { RunOrder, RunVerdict } from './local-run.js';

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

/** Why it did not start. */
export async function judgeStartError(error: unknown, command: string): Promise<Verdict> {
  if (error instanceof SecretMissing) return failed('SECRET_MISSING', error.message);
  if (hasErrno(error, 'ENOENT')) {
    return failed(
      'START_FAILED',
      isAbsolute(command) && (await isThere(command))
        ? `The command "${command}" is a script whose first line names an interpreter that was not found.`
        : `The command "${command}" was not found. Give an absolute path or a program on the PATH of the launcher.`,
    );
  }
  if (hasErrno(error, 'EACCES')) {
    return failed(
      'START_FAILED',
      `The command "${command}" may not be executed. Give a program, and make its file executable.`,
    );
  }
  if (hasErrno(error, 'ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EFBIG')) {
    return passing(
      'START_FAILED',
      `That the program was started could not be written down, so it was stopped: ${causeOf(error)}. Start the job again once there is room.`,
    );
  }
  if (hasErrno(error, 'EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM')) {
    return passing(
      'START_FAILED',
      `The machine had no room for another process (${messageOf(error)}). Start the job again later.`,
    );
  }
  return failed('START_FAILED', `The command "${command}" could not be started: ${messageOf(error)}.`);
}

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

function passing(code: SupervisedFailure, message: string): Verdict {
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
