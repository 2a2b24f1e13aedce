import type { AuthorizationAnswer } from '@cedar-policy/cedar-wasm/nodejs';
import { CEDAR, CedarBroke } from './cedar.js';
import type { Outcome, Policy, PolicyFinding, PolicyRequest, PolicyVerdict, Verdict } from './engine.js';
import { ACTIONS } from './facts.js';
import { isKnown, type KnownContext, knownFacts } from './known-facts.js';
import type { PolicySet } from './policy-set.js';

const EMPTY = 'The set of policies has no policy, and what no policy permits is denied. Activate a set that has some.';

/**
 * Decides a request by a set of policies. Everything that is not clearly allowed is forbidden: no policy permits it, one
 * forbids it, one reads a fact that nobody knows or fails, the request or a fact is no valid one, the engine breaks.
 */
export function decide(set: PolicySet, request: PolicyRequest): Verdict {
  if (set.policies.length === 0) return forbidden([EMPTY]);
  const { action, principal, resource } = request;
  if (!ACTIONS.includes(action)) return forbidden([`There is no action ${JSON.stringify(action)}.`]);
  if (![principal, resource].every((id) => typeof id === 'string' && id !== '' && id.isWellFormed()))
    return forbidden(['The request does not name who asks and what it is about.']);
  const { context, faults } = knownFacts(set.factsOf(action), request.facts);
  if (faults.length > 0) return forbidden(faults);
  try {
    return decided(set, { action, principal, resource, context });
  } catch (error) {
    if (error instanceof CedarBroke) return forbidden([`${error.message} Nothing is allowed that it cannot decide.`]);
    throw error;
  }
}

type Call = Parameters<PolicySet['authorize']>[1];

/** What the engine says of the policies it was asked about, by their ids. */
interface Answer {
  isAllowed: boolean;
  deciding: ReadonlySet<string>;
  errors: ReadonlySet<string>;
}

function decided(set: PolicySet, call: Call): Verdict {
  const all = answerOf(set.authorize('all', call));
  // Where some forbid, the engine names these alone, and those that permit are asked by themselves.
  const permits = all.isAllowed ? all : answerOf(set.authorize('permits', call));
  const about = set.policies.filter(({ actions }) => actions === null || actions.some((each) => each === call.action));
  const findings = about.flatMap((policy) => {
    const given = policy.effect === 'permit' ? permitVerdict(policy, permits, all) : forbidVerdict(policy, all);
    return given === null ? [] : [findingOf(policy, given, call.context)];
  });
  const isPermitted = permits.isAllowed && permits.deciding.size > 0;
  const hasStray = [...all.errors].some((id) => !about.some((policy) => policy.id === id));
  return verdictOf(findings, [
    ...(isPermitted ? [] : [`No policy permits ${call.action} here, and what none permits is denied.`]),
    ...(hasStray ? ['A policy that is not about this action failed.'] : []),
  ]);
}

function answerOf(answer: AuthorizationAnswer): Answer {
  if (answer.type === 'failure')
    throw new CedarBroke(
      `The policy engine refuses the request: ${answer.errors.map(({ message }) => message).join('; ')}.`,
    );
  const { decision, diagnostics } = answer.response;
  const errors = new Set(diagnostics.errors.map(({ policyId }) => policyId));
  return { isAllowed: decision === 'allow', deciding: new Set(diagnostics.reason), errors };
}

function forbidVerdict({ id, severity }: Policy, { isAllowed, deciding, errors }: Answer): PolicyVerdict {
  if (errors.has(id)) return 'UNKNOWN';
  if (isAllowed || !deciding.has(id)) return 'PASS';
  return severity === 'fail' ? 'FAIL' : 'WARN';
}

/** null: it permits nothing here, which is told only where no other does either. */
function permitVerdict({ id }: Policy, permits: Answer, { errors }: Answer): PolicyVerdict | null {
  if (errors.has(id) || permits.errors.has(id)) return 'UNKNOWN';
  return permits.isAllowed && permits.deciding.has(id) ? 'PASS' : null;
}

function findingOf(
  { id, reason, severity, facts }: Policy,
  verdict: PolicyVerdict,
  context: KnownContext,
): PolicyFinding {
  const unknownFacts = verdict === 'UNKNOWN' ? facts.filter((fact) => !isKnown(context, fact)) : [];
  return { id, verdict, reason, severity, unknownFacts };
}

function verdictOf(findings: readonly PolicyFinding[], denials: readonly string[]): Verdict {
  const isForbidden = denials.length > 0 || findings.some(({ verdict }) => verdict === 'FAIL' || verdict === 'UNKNOWN');
  const asks = findings.some(({ verdict, severity }) => verdict === 'WARN' && severity === 'approval');
  const outcome: Outcome = isForbidden ? 'FORBID' : asks ? 'NEEDS_APPROVAL' : 'PERMIT';
  const policies = findings.toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict]);
  const told = policies.filter(({ verdict }) => verdict !== 'PASS').map(sentenceOf);
  return { outcome, policies, reasons: [...denials, ...told], engine: CEDAR };
}

/** What decided stands first. */
const RANK: Readonly<Record<PolicyVerdict, number>> = { FAIL: 0, UNKNOWN: 1, WARN: 2, PASS: 3 };

function sentenceOf({ id, verdict, reason, unknownFacts }: PolicyFinding): string {
  if (verdict !== 'UNKNOWN') return `${id}: ${reason}`;
  const why = unknownFacts.length === 0 ? 'it failed' : `nobody knows ${unknownFacts.join(', ')}`;
  return `${id}: cannot be decided, since ${why}, and so it forbids. ${reason}`;
}

const forbidden = (reasons: string[]): Verdict => ({ outcome: 'FORBID', policies: [], reasons, engine: CEDAR });
