/** When a wish to stop, which the runner of a task reads in its folder, has to be put to the engine as well. */
import type { EngineView } from './engine.js';
import type { CancelRequest } from '../run-folder/run-folder.js';

/** How long a runner may take beyond the grace before the engine is asked to end it. */
const RUNNER_MARGIN_MS = 15_000;

/**
 * One whose program cannot have begun is stopped by the engine, again with each look: Ray forgets the wish. So is one whose
 * runner hangs. All others are left to their runner, which keeps the grace better than an engine.
 */
export function needsEngine(wish: CancelRequest, { view, claimed }: { view: EngineView; claimed: boolean }): boolean {
  if (view.state === 'ENDED') return false;
  if (view.state === 'QUEUED' || (view.state === 'STARTING' && !claimed)) return true;
  return endOf(wish) + RUNNER_MARGIN_MS < Date.now();
}

/** Whether the wish ends the program sooner than the one before; one that does not must not put off what is overdue. */
export function isSooner(wish: CancelRequest, before: CancelRequest | null): boolean {
  return before === null || endOf(wish) < endOf(before);
}

function endOf({ requestedAt, graceSeconds }: CancelRequest): number {
  return requestedAt.getTime() + graceSeconds * 1000;
}
