import type { DenialReason } from './denial.js';

/** What a dry run answers, as the schema tells it. */
export interface ShownDryRun {
  __typename: 'DryRun';
  accepted: boolean;
  reasons: readonly DenialReason[];
  wouldAskApproval: boolean;
}

/** As the schema tells it. */
export function shownDryRun({
  reasons,
  wouldAskApproval,
}: Pick<ShownDryRun, 'reasons' | 'wouldAskApproval'>): ShownDryRun {
  return { __typename: 'DryRun', accepted: reasons.length === 0, reasons, wouldAskApproval };
}
