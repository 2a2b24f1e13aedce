import type { RunFolder, RunOrder } from './local-run.js';

const INHERITED = ['PATH', 'HOME', 'LANG', 'TZ'];
const FALLBACK_PATH = '/usr/local/bin:/usr/bin:/bin';

/** What may pass from the server to the processes it starts, and nothing else: its environment holds passwords. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = INHERITED.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { PATH: FALLBACK_PATH, ...Object.fromEntries(kept) };
}

/** The whole environment of the program (docs/training-protocol.md). The order may add to it but not replace what tells the program who it is. */
export function programEnvironment(run: RunFolder, order: RunOrder, gpus: readonly number[]): NodeJS.ProcessEnv {
  return {
    ...cleanEnvironment(),
    ...order.spec.environment,
    WEFTLINE_JOB_ID: order.key.jobId,
    WEFTLINE_ATTEMPT: String(order.key.attempt),
    WEFTLINE_INPUTS: run.inputs,
    WEFTLINE_PARAMETERS: run.parameters,
    WEFTLINE_OUTPUT: run.output,
    WEFTLINE_EVENTS: run.events,
    // Empty hides all GPUs: a job that asked for none must not use one that was given to another.
    CUDA_VISIBLE_DEVICES: gpus.join(','),
  };
}
