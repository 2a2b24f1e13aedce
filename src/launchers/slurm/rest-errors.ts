/** The error codes of Slurm (slurm_errno.h) that mean something here. */
import type { SlurmRestError } from './rest-answers.js';

export const INVALID_JOB = 2017;
const ALREADY_DONE = 2021;
/** "Nothing found with query". */
export const NOTHING_FOUND = 9003;

/** What asking to end a job answers where there is nothing to end. */
export const IS_OVER: ReadonlySet<number | null> = new Set([INVALID_JOB, ALREADY_DONE, 2084]);
export const NO_ACCOUNTING = /accounting storage is disabled/i;

/** Of these, the same job may well be taken later: try again, no record, I/O, no credential, standby, internal, maintenance. */
const PASSING = new Set([2007, 2019, 2026, 2027, 2090, 2103, 2105, 2131]);

/**
 * Whether the code says that Slurm looked at the job and will not have it. All others, such as 5005 and 1800, say that it
 * could not be asked, or that its answer was lost.
 */
export function isRefusal(code: number | null): boolean {
  if (code === null || PASSING.has(code)) return false;
  return (code >= 2000 && code < 3000) || (code >= 9000 && code < 10_000);
}

export function codeOf({ error_code, error_number }: SlurmRestError): number | null {
  return error_code ?? error_number ?? null;
}

export function textOf({ error, description }: SlurmRestError): string {
  return [description, error].filter((part) => part !== undefined && part !== '').join(': ');
}
