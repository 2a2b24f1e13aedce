import { createJson } from './json-file.js';
import type { RunFolder } from './local-run.js';
import type { Turn } from './turn.js';

/**
 * The turn of a program that an engine has started: now, on the GPUs the engine gave the runner, which it tells by
 * CUDA_VISIBLE_DEVICES as indices or as ids of cards. Without the variable there are none. CPUs and memory are
 * the engine's affair.
 */
export function engineTurn(run: RunFolder, environment: NodeJS.ProcessEnv): Turn {
  const given = (environment['CUDA_VISIBLE_DEVICES'] ?? '').split(',').map((gpu) => gpu.trim());
  const gpus = given.filter((gpu) => gpu !== '' && gpu !== '-1' && gpu !== 'NoDevFiles');
  return {
    claim: async (owner) => ((await createJson(run.claim, { owner })) ? { gpus, cpus: [], memoryBytes: null } : null),
    release: () => Promise.resolve(),
  };
}
