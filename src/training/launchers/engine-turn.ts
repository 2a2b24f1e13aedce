import type { Turn } from './local-slots.js';

/**
 * The turn of a program that an engine has started: now, on the GPUs the engine gave the runner, which it tells by
 * CUDA_VISIBLE_DEVICES as indices or as ids of cards. Without the variable there are none.
 */
export function engineTurn(environment: NodeJS.ProcessEnv): Turn {
  const given = (environment['CUDA_VISIBLE_DEVICES'] ?? '').split(',').map((gpu) => gpu.trim());
  const gpus = given.filter((gpu) => gpu !== '' && gpu !== '-1' && gpu !== 'NoDevFiles');
  return {
    wait: async (isWanted) => ((await isWanted()) ? gpus : null),
    release: () => Promise.resolve(),
  };
}
