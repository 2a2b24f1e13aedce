import type { DenialReason, PolicyWarning } from './denial.js';

/** What a dry run answers, as the schema tells it. */
export interface ShownDryRun {
  __typename: 'DryRun';
  accepted: boolean;
  reasons: readonly DenialReason[];
  wouldAskApproval: boolean;
  warnings: readonly PolicyWarning[];
}

/** As the schema tells it. */
export function shownDryRun({
  reasons,
  wouldAskApproval,
  warnings,
}: Pick<ShownDryRun, 'reasons' | 'wouldAskApproval' | 'warnings'>): ShownDryRun {
  return { __typename: 'DryRun', accepted: reasons.length === 0, reasons, wouldAskApproval, warnings };
}
