import { createJson } from '../files/json-file.js';
import type { RunFolder } from '../run-folder/run-folder.js';
import type { Allocator } from '../run-folder/allocation.js';

/**
 * The turn of a program that an engine has started: now, on the GPUs the engine gave the runner, which it tells by
 * CUDA_VISIBLE_DEVICES as indices or as ids of cards. Without the variable there are none. CPUs and memory are
 * the engine's affair.
 */
export function engineTurn(run: RunFolder, environment: NodeJS.ProcessEnv): Allocator {
  const given = (environment['CUDA_VISIBLE_DEVICES'] ?? '').split(',').map((gpu) => gpu.trim());
  const gpus = given.filter((gpu) => gpu !== '' && gpu !== '-1' && gpu !== 'NoDevFiles');
  return {
    claim: async (owner) => ((await createJson(run.claim, { owner })) ? { gpus, cpus: [], memoryBytes: null } : null),
    release: () => Promise.resolve(),
  };
}
