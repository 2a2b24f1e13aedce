import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { JobOrder } from '../jobs/job.js';
import { refuseSecretUse } from './launch.secrets.js';
import type { LauncherChoice } from '../../launchers/choice.js';

/**
 * Refuses a launch that names what its launcher is known not to have: a queue, an image, a secret. What no launcher can
 * tell, such as whether an image is in its registry, the engine says later. Throws BAD_USER_INPUT, or FORBIDDEN for a
 * secret of others.
 */
export function refuseMissing(actor: Actor, { launcher, missing }: LauncherChoice, order: JobOrder): void {
  if (missing !== null) throw badInput(missing);
  refuseSecretUse(actor, launcher, order);
}
