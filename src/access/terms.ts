import { type Action, GRANTABLE } from '../auth/rights.js';
import { badInput } from '../errors.js';

/** What is asked for or granted must be something, for something, until some later time. Throws BAD_USER_INPUT. */
export function checkTerms(terms: { actions: readonly Action[]; purpose: string; until: Date }, now: Date): void {
  if (terms.actions.length === 0) throw badInput('Name at least one action.');
  const beyond = terms.actions.find((action) => !GRANTABLE.includes(action));
  if (beyond) throw badInput(`${beyond} cannot be granted; it comes with owning. Name of ${GRANTABLE.join(', ')}.`);
  if (terms.purpose.trim() === '') throw badInput('Say for which purpose: owners decide by it, and it is kept.');
  if (terms.until <= now)
    throw badInput(`\`until\` is ${terms.until.toISOString()}, which is in the past. Give the end of the time needed.`);
}
