import { readFile } from 'node:fs/promises';
import { hasErrno } from '../machine/errno.js';
import type { RunFolder, RunOrder } from './run-folder.js';
import type { Allocation } from './allocation.js';

const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ'];
/** What libraries look at before they start a thread for each CPU of the machine. */
const THREADS = ['OMP', 'MKL', 'OPENBLAS', 'NUMEXPR'].map((library) => `${library}_NUM_THREADS`);
const FALLBACK_PATH = '/usr/local/bin:/usr/bin:/bin';

/** What may pass from the server to the processes it starts, and nothing else: its environment holds passwords. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: FALLBACK_PATH, ...Object.fromEntries(kept) };
}

/**
 * The whole environment of the program (docs/training-protocol.md). The order may add to it but not replace what tells
 * the program who it is. Throws SecretMissing.
 */
export async function programEnvironment(
  run: RunFolder,
  order: RunOrder,
  grant: Allocation,
): Promise<NodeJS.ProcessEnv> {
  return {
    ...cleanEnvironment(),
    ...(order.runAs === null ? {} : { HOME: run.work }),
    ...threadsFor(grant),
    ...order.spec.environment,
    ...(await secretsOf(order)),
    WEFTLINE_JOB_ID: order.key.jobId,
    WEFTLINE_ATTEMPT: String(order.key.attempt),
    WEFTLINE_INPUTS: run.inputs,
    WEFTLINE_PARAMETERS: run.parameters,
    WEFTLINE_OUTPUT: run.output,
    WEFTLINE_EVENTS: run.events,
    // Empty hides all GPUs: a job that asked for none must not use one that was given to another.
    CUDA_VISIBLE_DEVICES: grant.gpus.join(','),
  };
}

function threadsFor({ cpus }: Allocation): Record<string, string> {
  return cpus.length === 0 ? {} : Object.fromEntries(THREADS.map((name) => [name, String(cpus.length)]));
}

/** Read when the program starts and kept nowhere. A line end at the end is no part of a secret. */
async function secretsOf({ spec, secretFiles, inherited }: RunOrder): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [variable, secret] of Object.entries(spec.secrets)) {
    const file = secretFiles[variable];
    const value = inherited.includes(variable) ? process.env[variable] : file && (await readSecret(file));
    if (!value) throw new SecretMissing(secret);
    found[variable] = value;
  }
  return found;
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

/** A secret the program was to be given is not there, or is empty. */
export class SecretMissing extends Error {
  override readonly name = 'SecretMissing';
  constructor(readonly secret: string) {
    super(`The secret "${secret}" cannot be read where the program runs. Ask who runs the launcher to put it there.`);
  }
}
