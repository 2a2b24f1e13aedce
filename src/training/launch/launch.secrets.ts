import type { Actor } from '../../auth/actor.js';
import { badInput, forbidden } from '../../errors.js';
import type { JobOrder } from '../jobs/job.js';
import type { Launcher } from '../../launchers/port/launcher.js';

/**
 * Refuses secrets that the launcher does not have, or that are kept for teams the actor is not in. Throws BAD_USER_INPUT
 * or FORBIDDEN, naming the secret and never more than its name.
 */
export function refuseSecretUse(actor: Actor, launcher: Launcher, { secrets }: JobOrder): void {
  const offered = launcher.secrets ?? [];
  for (const name of Object.values(secrets)) {
    const secret = offered.find((each) => each.name === name);
    if (!secret) {
      const known = offered.map((each) => each.name).join(', ');
      throw badInput(
        `The launcher "${launcher.name}" has no secret "${name}". It has: ${known === '' ? 'none' : known}.`,
      );
    }
    if (secret.teams?.some((team) => actor.principalIds.includes(team)) === false && actor.role !== 'ADMIN')
      throw forbidden(
        `The secret "${name}" is kept for teams you are not in. Ask who runs the launcher "${launcher.name}".`,
      );
  }
}
