import type { Page, PageRows } from '../../graphql/page.js';
import { cutPage } from '../../graphql/page.js';
import type { Outcome, PolicyFinding, PolicyVerdict, Verdict } from '../policies/engine.js';
import type { Action } from '../policies/facts.js';
import type { StoredPolicySet } from '../sets/policy-set.js';
import { type Standing, STANDING_KINDS, type StandingKind } from '../standing/standing.js';

/** A policy that says something else in one set than in the other. */
interface PolicyDifference {
  policy: string;
  /** null: the set has no such policy about this, or it permits nothing here. */
  active: PolicyVerdict | null;
  draft: PolicyVerdict | null;
  reason: string;
}

/** Something that stands and would be decided otherwise. */
export interface RehearsedChange {
  /** Its place in the list. */
  id: string;
  kind: StandingKind;
  subjectId: string;
  action: Action;
  resourceId: string;
  resourceUrn: string;
  active: Outcome;
  draft: Outcome;
  differences: readonly PolicyDifference[];
  /** All that the draft has against it, in sentences. */
  reasons: readonly string[];
}

/** How many of a kind there are, and would be decided otherwise. */
export interface RehearsedCount {
  checked: number;
  changed: number;
  /** Of these, what is permitted now and would not be. */
  denied: number;
}

export interface Rehearsal {
  policySet: StoredPolicySet;
  /** Id of the active set; null: none is. */
  activeId: string | null;
  counts: Readonly<Record<StandingKind, RehearsedCount>>;
  changes: readonly RehearsedChange[];
  /** All that stands was asked. */
  isComplete: boolean;
}

/** What nothing is enforced on is permitted. */
const FREE: Pick<Verdict, 'outcome' | 'policies' | 'reasons'> = { outcome: 'PERMIT', policies: [], reasons: [] };

/** null: the verdict stays. */
export function changeOf(
  { kind, id, resourceUrn, asked: { action, resourceId } }: Standing,
  active: Verdict | null,
  draft: Verdict,
): RehearsedChange | null {
  const was = active ?? FREE;
  if (was.outcome === draft.outcome) return null;
  return {
    ...{ id: `${STANDING_KINDS.indexOf(kind)}:${id}`, kind, subjectId: id, action, resourceId, resourceUrn },
    ...{ active: was.outcome, draft: draft.outcome, reasons: draft.reasons },
    differences: differencesOf(was.policies, draft.policies),
  };
}

/** What permits in the one and is not in the other makes a difference only where nothing else permits: that is a reason of its own. */
function differencesOf(active: readonly PolicyFinding[], draft: readonly PolicyFinding[]): PolicyDifference[] {
  const by = (findings: readonly PolicyFinding[]) => new Map(findings.map((each) => [each.id, each]));
  const [old, now] = [by(active), by(draft)];
  return [...new Set([...now.keys(), ...old.keys()])].flatMap((policy) => {
    const [was, is] = [old.get(policy), now.get(policy)];
    const isSame = (was?.verdict ?? 'PASS') === (is?.verdict ?? 'PASS');
    const reason = (is ?? was)?.reason ?? '';
    return isSame ? [] : [{ policy, active: was?.verdict ?? null, draft: is?.verdict ?? null, reason }];
  });
}

/** A page of a list that is in order of its ids. */
export function pageWithin<T extends { id: string }>(all: readonly T[], page: Page): PageRows<T> {
  const within = all.filter(
    ({ id }) => (page.after === null || id > page.after) && (page.before === null || id < page.before),
  );
  return cutPage(page.backward ? within.toReversed() : within, page);
}
