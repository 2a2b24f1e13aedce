/** What the commands of Slurm print. They are run with TZ=UTC, so that times need no zone. */
import type { SlurmEnergy, SlurmJob, SlurmJobLine } from './access.js';
import { joulesOf } from './energy.js';

/** The name last: it alone may hold any character. */
export const SQUEUE_FORMAT = '%i|%T|%r|%j';
export const SACCT_FIELDS = 'JobIDRaw,State,ExitCode,Start,End,Reason,JobName';
export const ENERGY_FIELDS = 'JobIDRaw,ConsumedEnergyRaw,Start,End,State';

export function parseLine(line: string): SlurmJobLine {
  const [id = '', state = '', reason = '', ...name] = line.split('|');
  return { id, state, reason: reasonOf(reason), name: name.join('|') };
}

const JOB_NAME = ' JobName=';

/** A line of `scontrol show job --oneliner`; null when it is none. */
export function parseJob(line: string): (SlurmJob & { user: string }) | null {
  const id = /^JobId=(\d+) /.exec(line)?.[1];
  const start = line.indexOf(JOB_NAME);
  const afterName = line.slice(start + JOB_NAME.length);
  const owned = / UserId=([^\s(]+)\(/.exec(afterName);
  if (id === undefined || start < 0 || owned === null) return null;
  const name = afterName.slice(0, owned.index);
  const [whole, user = ''] = owned;
  const rest = afterName.slice(owned.index + whole.length);
  const field = (key: string): string => new RegExp(` ${key}=(\\S*)`).exec(rest)?.[1] ?? '';
  const hadNode = field('NodeList') !== '(null)' && field('NodeList') !== '';
  const startedAt = hadNode ? dateOf(field('StartTime')) : null;
  const { exitCode, signal } = parseExit(field('ExitCode'));
  const state = { state: field('JobState'), reason: reasonOf(field('Reason')) };
  return { id, name, user, ...state, exitCode, signal, startedAt, endedAt: dateOf(field('EndTime')) };
}

export function parseAccounted(line: string): SlurmJob {
  const [id = '', state = '', exit = '', start = '', end = '', reason = '', ...name] = line.split('|');
  return {
    id,
    name: name.join('|'),
    state: wordOf(state),
    reason: reasonOf(reason),
    ...parseExit(exit),
    startedAt: dateOf(start),
    endedAt: dateOf(end),
  };
}

/** "7.batch|5000|…" is the script of job 7, "7|…" its allocation. */
export function parseEnergy(line: string): SlurmEnergy {
  const [id = '', joules = '', start = '', end = '', state = ''] = line.split('|');
  return {
    part: id.split('.')[1] ?? 'allocation',
    state: wordOf(state),
    joules: joulesOf(Number(joules)),
    startedAt: dateOf(start),
    endedAt: dateOf(end),
  };
}

/** Whether sbatch says of the job that it is refused; else that Slurm could not be asked, or not now. */
export function isRefusalText(said: string): boolean {
  const isPassing =
    /contact|timed out|socket|connection|communication|bytes|try again|standby|credential|authentication|internal|i\/o error|disabled/i;
  return said !== 'nothing' && !isPassing.test(said);
}

/** "7:0": exit code and signal. */
function parseExit(text: string): { exitCode: number | null; signal: number | null } {
  const [code = 0, signal = 0] = text.split(':').map(Number);
  return signal === 0 ? { exitCode: code, signal: null } : { exitCode: null, signal };
}

/** "CANCELLED by 0" is CANCELLED. */
function wordOf(state: string): string {
  return state.split(' ')[0] ?? '';
}

function reasonOf(text: string): string | null {
  return text === 'None' || text === '' || text === '(null)' ? null : text;
}

function dateOf(text: string): Date | null {
  const date = new Date(`${text}Z`);
  return Number.isNaN(date.getTime()) ? null : date;
}
