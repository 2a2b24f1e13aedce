import { z } from 'zod';
import { readStoredAs } from '../../json/stored.js';
import type { JobFailure, JobOrder, JobPolicy, JobSpending } from './job.js';
import type { FailureCode, JobHandle } from '../../launchers/port/launcher.js';

/**
 * What is kept of a job as JSON, read so that a value that was damaged by hand spoils neither its job nor a page. What
 * can hold a text says in its place what is wrong; all is told by `TrainingJob.damage`, and such a job is not handed over.
 */
const number = z.number();
const texts = z.record(z.string(), z.string());

/** Members that orders of jobs launched by an earlier Weftline lack. */
const order: z.ZodType<JobOrder> = z.object({
  command: z.array(z.string()),
  environment: texts,
  parameters: z.record(z.string(), z.unknown()),
  resources: z.object({ gpus: number, cpus: number.nullable(), memoryBytes: number.nullable() }),
  image: z.string().nullable().default(null),
  queue: z.string().nullable().default(null),
  secrets: texts.default({}),
  limits: z.object({
    runSeconds: number.nullable(),
    graceSeconds: number,
    outputBytes: number,
    logBytes: number,
  }),
});

const policy: z.ZodType<JobPolicy> = z.object({
  queueSeconds: number.nullable(),
  retryOnExitCodes: z.array(number),
});

const handle: z.ZodType<JobHandle> = z.looseObject({
  launcher: z.string(),
  id: z.string(),
  attempt: z.string().optional(),
}) as z.ZodType<JobHandle>;

const spending = z.looseObject({
  gpuSeconds: number,
  cpuSeconds: number.nullable(),
  maxMemoryBytes: number.nullable(),
  account: z
    .looseObject({
      joules: number.nullable(),
      method: z.string().nullable(),
      coverage: number,
      note: z.string().nullable(),
    })
    .optional(),
}) as unknown as z.ZodType<JobSpending>;

const failure = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
}) as unknown as z.ZodType<JobFailure>;

/** What jobs have that were launched when a policy, or limits, were not kept yet. */
const NO_POLICY: JobPolicy = { queueSeconds: null, retryOnExitCodes: [] };
const NO_LIMITS: JobOrder['limits'] = { runSeconds: null, graceSeconds: 30, outputBytes: 0, logBytes: 0 };
/** What the failure of a job is called that cannot be read. */
const UNREADABLE: FailureCode = 'UNREADABLE';

/** Reads what is stored of one job or attempt, and keeps what could not be read. */
export class StoredParts {
  private readonly damaged: string[] = [];

  /** What could not be read, and why; null: all could. */
  get damage(): string | null {
    return this.damaged.length === 0 ? null : this.damaged.join(' ');
  }

  order(text: string): JobOrder {
    return readStoredAs(text, order, (why) => {
      this.note('order', why);
      const told = { $unreadable: why };
      return {
        ...{ command: [why], environment: told, parameters: told, image: null, queue: null, secrets: {} },
        ...{ resources: { gpus: 0, cpus: null, memoryBytes: null }, limits: NO_LIMITS },
      };
    });
  }

  policy(text: string | null): JobPolicy {
    return text === null ? NO_POLICY : readStoredAs(text, policy, (why) => this.note('policy', why, NO_POLICY));
  }

  handle(text: string | null): JobHandle | null {
    return text === null ? null : readStoredAs<JobHandle | null>(text, handle, (why) => this.note('handle', why, null));
  }

  /** `gpuSeconds`: what is kept of it beside, for quotas. */
  usage(text: string | null, gpuSeconds = 0): JobSpending | null {
    if (text === null) return null;
    return readStoredAs(text, spending, (note) => {
      this.note('usage', note);
      return {
        ...{ gpuSeconds, cpuSeconds: null, maxMemoryBytes: null },
        account: { joules: null, method: null, coverage: 0, note },
      };
    });
  }

  failure(text: string | null): JobFailure | null {
    if (text === null) return null;
    return readStoredAs(text, failure, (message) =>
      this.note('failure', message, { code: UNREADABLE, message, retryable: false }),
    );
  }

  private note(member: string, why: string): void;
  private note<T>(member: string, why: string, standIn: T): T;
  private note<T>(member: string, why: string, standIn?: T): T | undefined {
    this.damaged.push(`Its ${member} cannot be read: ${why}`);
    return standIn;
  }
}
