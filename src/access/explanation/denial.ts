import type { Actor } from '../../auth/actor.js';
import { type Action, may } from '../../auth/rights.js';
import type { Asset } from '../../catalog/model/asset.js';
import type { LockedAsset } from '../../catalog/assets/asset.repository.js';

/** One reason why something was denied: the rule, in words a program can tell apart, and a sentence for a person. */
export interface DenialReason {
  rule: 'ACTION_NOT_GRANTED' | 'ASSET_RETIRED' | 'QUOTA' | 'POLICY' | `POLICY:${string}`;
  message: string;
  /** Which asset it is about; null when none. */
  asset: Asset | null;
  /** Id of the decision by policies that says so; absent: it is none of theirs. */
  policyDecision?: string | null;
  /** Id of the approval that is waited for; absent: none is. */
  policyApproval?: string | null;
}

/** What a policy tells, and lets through. */
export interface PolicyWarning {
  /** Its id. */
  policy: string;
  message: string;
}

/** Why the actor may not do this with the asset: the right they lack, or that it is retired; [] when nothing is in the way. */
export function denialsOf(actor: Actor, { asset, rights }: LockedAsset, action: Action): DenialReason[] {
  const reasons: DenialReason[] = [];
  if (asset.retiredAt) {
    reasons.push({
      rule: 'ASSET_RETIRED',
      asset,
      message: `${asset.urn} is retired since ${asset.retiredAt.toISOString()}; nothing new uses it.`,
    });
  }
  if (!may(actor, rights, action)) {
    const message = `You may not ${action} ${asset.urn}: you neither own it nor hold a grant. Ask its owners with requestAccess.`;
    reasons.push({ rule: 'ACTION_NOT_GRANTED', asset, message });
  }
  return reasons;
}
