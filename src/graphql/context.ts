import type { Actor } from '../auth/actor.js';
import type { Loaders } from './loaders.js';

/** What every resolver is handed. Made anew for each request, and for each event of a subscription. */
export interface Context {
  actor: Actor;
  loaders: Loaders;
  /** Aborted when the client has gone away: streams stop reading. */
  signal: AbortSignal;
}
