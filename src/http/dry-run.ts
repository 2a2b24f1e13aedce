/** Dry runs of what is asked for by address, told as those of GraphQL are (`DryRun`). */
import type { DryRun } from '../catalog/model/denied.js';
import { badInput } from '../errors.js';

/** Whether the address asks for a dry run: `dryRun=true`. Throws BAD_USER_INPUT for anything but true and false. */
export function asksDryRun({ dryRun = 'false' }: Readonly<Record<string, unknown>>): boolean {
  if (dryRun === 'true' || dryRun === 'false') return dryRun === 'true';
  throw badInput('`dryRun` must be true or false.');
}

/** The body of the answer. */
export const dryRunBody = ({ reasons, wouldAskApproval, warnings }: DryRun) => ({
  accepted: reasons.length === 0,
  reasons: reasons.map(({ rule, message }) => ({ rule, message })),
  ...{ wouldAskApproval, warnings },
});
