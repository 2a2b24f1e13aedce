/** What slurmrestd answers, from v0.0.38 with plain numbers and words on to later versions with objects and lists. */
import { z } from 'zod';
import type { SlurmJob } from './access.js';

const failure = z.object({
  error_code: z.number().optional(),
  error_number: z.number().optional(),
  error: z.string().optional(),
  description: z.string().optional(),
});
export type SlurmRestError = z.infer<typeof failure>;

const laterNumber = z.object({
  set: z.boolean().optional(),
  infinite: z.boolean().optional(),
  number: z.number().optional(),
});
/** A number, or {set, infinite, number} of later versions. */
export const count = z
  .union([z.number(), laterNumber])
  .nullish()
  .transform((value) => {
    if (value == null || typeof value === 'number') return value ?? null;
    return value.set === false || value.infinite === true ? null : (value.number ?? null);
  });
/** A word, or the list of a state and its flags. */
export const state = z.union([z.string(), z.array(z.string())]).transform((value) => wordOf(value));
const status = z.union([
  z.number().transform(decodeWaitStatus),
  z
    .object({ return_code: count, signal: z.object({ id: count, signal_id: count }).partial().nullish() })
    .transform(({ return_code, signal }) => ({
      exitCode: return_code,
      signal: (signal?.id ?? signal?.signal_id ?? 0) || null,
    })),
]);

const job = z.object({
  job_id: z.number().transform(String),
  name: z.string(),
  user_name: z.string().optional(),
  /** Of accounting. */
  user: z.string().optional(),
  job_state: state.optional(),
  state: z.object({ current: state, reason: z.string().nullish() }).optional(),
  state_reason: z.string().nullish(),
  exit_code: status.nullish(),
  start_time: count,
  end_time: count,
  nodes: z.string().nullish(),
  time: z.object({ start: count, end: count }).optional(),
});

export const answer = z.object({
  errors: z.array(failure).nullish(),
  job_id: z.number().nullish(),
  jobs: z.array(z.unknown()).nullish(),
  partitions: z.array(z.object({ name: z.string() })).nullish(),
  nodes: z.array(z.object({ gres: z.string().nullish() })).nullish(),
});
export type SlurmRestAnswer = z.infer<typeof answer>;

const named = z.object({ name: z.string() });

export function nameOfJob(value: unknown): string | null {
  return named.safeParse(value).data?.name ?? null;
}

export type SlurmRestJob = SlurmJob & { user: string | null };

/** A job of either part of the API. Throws for what is none. */
export function decodeJob(value: unknown): SlurmRestJob {
  const found = job.parse(value);
  const reason = found.state_reason ?? found.state?.reason ?? null;
  const ran = (found.nodes ?? '') !== '' && found.nodes !== 'None assigned';
  const word = found.job_state ?? found.state?.current;
  if (word === undefined) throw new Error(`Slurm tells no state of job ${found.job_id}.`);
  return {
    id: found.job_id,
    name: found.name,
    user: found.user_name ?? found.user ?? null,
    state: word,
    reason: reason === 'None' || reason === '' ? null : reason,
    exitCode: found.exit_code?.exitCode ?? null,
    signal: found.exit_code?.signal ?? null,
    startedAt: ran ? dateOf(found.start_time ?? found.time?.start ?? null) : null,
    endedAt: dateOf(found.end_time ?? found.time?.end ?? null),
  };
}

/** COMPLETING beside another state means that it is not over. */
function wordOf(value: string | string[]): string {
  const words = typeof value === 'string' ? [value] : value;
  return words.find((word) => word === 'COMPLETING' || word === 'CONFIGURING') ?? words[0] ?? '';
}

/** As wait(2) gives it: 1792 is exit code 7, 9 is SIGKILL. */
function decodeWaitStatus(raw: number): { exitCode: number | null; signal: number | null } {
  const signal = raw & 0x7f;
  return signal === 0 ? { exitCode: (raw >> 8) & 0xff, signal: null } : { exitCode: null, signal };
}

export function dateOf(seconds: number | null): Date | null {
  return seconds === null || seconds === 0 ? null : new Date(seconds * 1000);
}
