import { type Action, GRANTABLE } from '../../auth/rights.js';
import { badInput } from '../../errors.js';

/** Grants that run at once for one principal: they are read whenever it signs in, and sent with what it asks. */
export const MAX_RUNNING_GRANTS = 1_000;

const DAY_MS = 86_400_000;

/** What is asked for or granted must be something, for something, until some later time that is not too far. Throws BAD_USER_INPUT. */
export function validateGrantTerms(
  terms: { actions: readonly Action[]; purpose: string; until: Date },
  { now, maxDays }: { now: Date; maxDays: number },
): void {
  if (terms.actions.length === 0) throw badInput('Name at least one action.');
  const beyond = terms.actions.find((action) => !GRANTABLE.includes(action));
  if (beyond) throw badInput(`${beyond} cannot be granted; it comes with owning. Name of ${GRANTABLE.join(', ')}.`);
  if (terms.purpose.trim() === '') throw badInput('Say for which purpose: owners decide by it, and it is kept.');
  if (terms.until <= now)
    throw badInput(`\`until\` is ${terms.until.toISOString()}, which is in the past. Give the end of the time needed.`);
  const last = new Date(now.getTime() + maxDays * DAY_MS);
  if (terms.until > last)
    throw badInput(
      `\`until\` is ${terms.until.toISOString()}; access is given for ${maxDays} days at most, so until ${last.toISOString()}. Give an earlier end: it can be given again.`,
    );
}
