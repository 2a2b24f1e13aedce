import type { Logger } from 'pino';
import { systemActor } from '../../auth/actor.js';
import { factsSchema } from '../policies/facts-schema.js';
import { faultLine } from '../policies/policy-faults.js';
import { readSetFolder } from './policy-folder.js';
import type { PolicySetService } from './policy-set.service.js';

/**
 * Takes the policies of a folder at the start of a server: the set is kept, and active from then on. A faulty one is kept with its faults and
 * changes nothing: what was active stays so, and where nothing was, a set without a policy is made active, which denies all.
 * What is wrong is told; null: nothing is.
 */
export async function adoptFolder(sets: PolicySetService, folder: string, logger: Logger): Promise<string | null> {
  const actor = systemActor('policies');
  const read = readSetFolder(folder);
  const kept = typeof read === 'string' ? null : await sets.keep(actor, read, 'FOLDER', null);
  if (kept?.faults.length === 0) {
    if (Object.keys(kept.policies).length === 0)
      logger.warn({ folder }, 'There is no policy in this folder: all that policies decide is denied.');
    await sets.adopt(actor, kept);
    return null;
  }
  const faults = typeof read === 'string' ? [read] : (kept?.faults ?? []).map(faultLine);
  for (const fault of faults) logger.error({ folder }, `The policies cannot be used: ${fault}`);
  if ((await sets.state(actor)).activeId === null) {
    const nothing = await sets.keep(actor, { policies: {}, schema: factsSchema() }, 'FOLDER', null);
    await sets.adopt(actor, nothing);
    logger.error({ folder }, 'No set of policies was active before, so all is denied until one is activated.');
  }
  return `The policies in ${folder} cannot be used, and the set that was active before stays so: ${faults[0] ?? ''}`;
}
