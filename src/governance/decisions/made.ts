import { newId } from '../../ids.js';
import type { ActiveSet } from '../gate/gate.js';
import type { Verdict } from '../policies/engine.js';
import type { PolicySet } from '../policies/policy-set.js';
import type { PolicyDecision, Witness } from './decision.js';
import { type Asked, type Gathered, sha256Of } from './facts.service.js';

/** All that a decision is made of. */
interface Made {
  about: Asked & { resourceUrn: string };
  gathered: Gathered;
  active: ActiveSet;
  verdict: Verdict;
  witnesses: readonly Witness[];
  now: Date;
}

/** A decision with all that it takes to make it again. It let nothing through yet. */
export function decisionOf({ about, gathered, active, verdict, witnesses, now }: Made): PolicyDecision {
  const { action, resourceId, resourceUrn, requesterId, given } = about;
  const { facts, subjects, subjectsDigest, breakGlassId } = gathered;
  return {
    ...{ __typename: 'PolicyDecision', id: newId(), action, outcome: verdict.outcome },
    ...{ policySetId: active.id, policySetDigest: active.digest, resourceId, resourceUrn, actorId: requesterId },
    ...{ subjects, subjectsDigest, facts, factsDigest: sha256Of(facts), given },
    ...{ findings: verdict.policies, reasons: verdict.reasons, witnesses, engine: verdict.engine },
    ...{ validAt: now, decidedAt: now, allowedId: null, approvalId: null, breakGlassId },
  };
}

/** What the policies that are in the way read. */
export function factsInTheWay(set: PolicySet, verdict: Verdict): ReadonlySet<string> {
  const ids = new Set(verdict.policies.filter(({ verdict: each }) => each !== 'PASS').map(({ id }) => id));
  return new Set(set.policies.filter(({ id }) => ids.has(id)).flatMap(({ facts }) => facts));
}
