/**
 * The folder of one attempt: everything the launcher knows about it. The API and the supervisor speak to each other only
 * through these files, so either may die at any moment and nothing but its own work is lost.
 *
 *   spec.json        the order; its folder appears with it, in one rename        written by submit
 *   claim.json       who has the job; created once, for ever      supervisor, cancel of one that waits, or observe when none came
 *   program.json     the running program                                         supervisor
 *   alive            touched every few seconds, of runs on engines               supervisor
 *   abandoned        the run was given up: its runner, should it live, must end  observe
 *   cancel.json      the wish to stop                                            cancel
 *   exit.json        the verdict; nothing changes after it                       whoever created claim.json
 *   reserve          room on a disk that may get full, for exit.json                supervisor
 *   log, events.jsonl, supervisor.log
 *   inputs.json, parameters.json, work/, output/                                 what the program meets
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { jsonObject } from '../../json/object.js';
import { declaredSchema } from '../port/declared.js';
import { hasErrno } from '../machine/errno.js';
import { whyNotKept } from './kept-metrics.js';
import { inputCheckSchema } from '../port/input-check.js';
import type { JobObservation, JobSpec } from '../port/launcher.js';
import { readJson } from '../files/json-file.js';
import { capacitySchema } from './slots.js';
import { jobUserSchema } from '../machine/job-user.js';
import { processIdentitySchema } from '../machine/process-identity.js';

const specSchema = z.object({
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  parameters: jsonObject(),
  inputs: z.array(
    z.object({
      id: z.string(),
      urn: z.string(),
      kind: z.enum(['DATASET', 'MODEL']),
      version: z.string(),
      digest: z.string().nullable(),
      uri: z.string().nullable(),
      path: z.string().nullable(),
      format: z.string().nullable(),
      bytes: z.string().nullable(),
      rowCount: z.string().nullable(),
      madeBy: z.string().nullable().optional(),
    }),
  ),
  resources: z.object({ gpus: z.number(), cpus: z.number().nullable(), memoryBytes: z.number().nullable() }),
  image: z.string().nullable().default(null),
  queue: z.string().nullable().default(null),
  secrets: z.record(z.string(), z.string()).default({}),
  limits: z.object({
    runSeconds: z.number().nullable(),
    graceSeconds: z.number(),
    outputBytes: z.number(),
    logBytes: z.number(),
  }),
}) satisfies z.ZodType<JobSpec>;

const orderSchema = z.object({
  key: z.object({ jobId: z.string(), attempt: z.number() }),
  submittedAt: z.string(),
  /** What the launcher had to give when the job was submitted; null: an engine gives turns and GPUs. */
  capacity: capacitySchema.nullable(),
  /** The file each secret is read from when the program starts, by environment variable. */
  secretFiles: z.record(z.string(), z.string()).default({}),
  /** Variables of the runner's own environment that go on to the program: secrets an engine has put there. */
  inherited: z.array(z.string()).default([]),
  /** How often the supervisor touches `alive`, in seconds; null: never, for who asks sees the processes themselves. */
  aliveSeconds: z.number().positive().nullable().default(null),
  /** Whom the program runs as; null: as the supervisor. */
  runAs: jobUserSchema.nullable().default(null),
  spec: specSchema,
});

const claimSchema = z.object({
  /** Null: no supervisor would start, or the job was cancelled while it waited; none may any more. */
  owner: processIdentitySchema.nullable(),
});

const programSchema = z.object({
  identity: processIdentitySchema,
  startedAt: z.coerce.date(),
  inputs: z.array(inputCheckSchema).optional(),
});

const cancelSchema = z.object({ requestedAt: z.coerce.date(), graceSeconds: z.number() });

const failureCodes = [
  'EXIT_CODE',
  'SIGNAL',
  'START_FAILED',
  'RUN_TIMEOUT',
  'CANCELLED_BY_USER',
  'RESULT_MISSING',
  'RESULT_INVALID',
  'OUTPUT_TOO_LARGE',
  'OUT_OF_MEMORY',
  'SECRET_MISSING',
  'INPUT_CHANGED',
  'INPUT_MISSING',
] as const;

const readingSchema = z.object({
  joules: z.number().nullable(),
  coverage: z.number(),
  model: z.string().nullable(),
  note: z.string().nullable(),
});

const exitSchema = z.object({
  state: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'CANCELLED']),
  startedAt: z.coerce.date().nullable(),
  endedAt: z.coerce.date(),
  exitCode: z.number().nullable(),
  signal: z.string().nullable(),
  failure: z.object({ code: z.enum(failureCodes), message: z.string().max(20_000), retryable: z.boolean() }).nullable(),
  output: z
    .object({
      uri: z.string(),
      digest: z.string(),
      bytes: z.number(),
      metrics: jsonObject().refine((metrics) => whyNotKept(metrics) === null, 'are more than is kept of a job'),
      declared: declaredSchema.optional(),
      note: z.string().max(2_000).optional(),
    })
    .nullable(),
  usage: z
    .object({
      gpuSeconds: z.number(),
      cpuSeconds: z.number().nullable(),
      maxMemoryBytes: z.number().nullable(),
      // Records from before energy was measured have none.
      energy: z.object({ gpu: readingSchema, cpu: readingSchema }).optional(),
    })
    .nullable(),
  // Records from before inputs were checked have none.
  inputs: z.array(inputCheckSchema).optional(),
}) satisfies z.ZodType<JobObservation>;

/** As large and as deep as the API takes launches. It is written before any program of the run begins. */
const ORDER_LIMITS = { bytes: 64 * 1024 * 1024, depth: 1_000 };

export type RunOrder = z.infer<typeof orderSchema>;
export type RunClaim = z.infer<typeof claimSchema>;
export type RunningProgram = z.infer<typeof programSchema>;
export type CancelRequest = z.infer<typeof cancelSchema>;
export type RunVerdict = z.infer<typeof exitSchema>;

export class RunFolder {
  readonly order = this.file('spec.json');
  readonly claim = this.file('claim.json');
  readonly program = this.file('program.json');
  readonly alive = this.file('alive');
  readonly abandoned = this.file('abandoned');
  readonly cancel = this.file('cancel.json');
  readonly exit = this.file('exit.json');
  readonly reserve = this.file('reserve');
  readonly log = this.file('log');
  readonly events = this.file('events.jsonl');
  readonly supervisorLog = this.file('supervisor.log');
  readonly inputs = this.file('inputs.json');
  readonly parameters = this.file('parameters.json');
  readonly work = this.file('work');
  readonly output = this.file('output');

  constructor(readonly path: string) {}

  exists = (): Promise<boolean> => isThere(this.order);
  isAbandoned = (): Promise<boolean> => isThere(this.abandoned);

  /** Each of these is null while there is no such file, and throws `DamagedFile` where it is not what Weftline wrote. */
  readOrder = (): Promise<RunOrder | null> => readJson(this.order, orderSchema, ORDER_LIMITS);
  readClaim = (): Promise<RunClaim | null> => readJson(this.claim, claimSchema);
  readProgram = (): Promise<RunningProgram | null> => readJson(this.program, programSchema);
  readCancel = (): Promise<CancelRequest | null> => readJson(this.cancel, cancelSchema);
  readVerdict = (): Promise<RunVerdict | null> => readJson(this.exit, exitSchema);

  private file(name: string): string {
    return join(this.path, name);
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return false;
    // A program has closed the folder to us: who reads on in it is told.
    if (hasErrno(error, 'EACCES', 'ELOOP')) return true;
    throw error;
  }
}
