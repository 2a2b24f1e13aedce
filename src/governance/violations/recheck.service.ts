import { systemActor } from '../../auth/actor.js';
import { recordAudit } from '../../audit/record/record.js';
import { newId } from '../../ids.js';
import type { Graph, WriteTransaction } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import type { PolicyDecision } from '../decisions/decision.js';
import type { DecisionRepository } from '../decisions/decision.repository.js';
import { decisionOf, factsInTheWay } from '../decisions/made.js';
import type { FactsGatherer } from '../decisions/facts.service.js';
import { type ActiveSet, activeSet } from '../gate/gate.js';
import type { PolicyFinding, Verdict } from '../policies/engine.js';
import type { PolicySet } from '../policies/policy-set.js';
import type { LoadedSets } from '../sets/loaded-sets.js';
import type { LiveDeployment } from '../standing/standing.js';
import type { StandingRepository } from '../standing/standing.repository.js';
import { type Found, type StandingVerdicts, verdictOf } from '../standing/verdicts.service.js';
import type { TellsOfViolations } from './telling.port.js';
import type { Closing, Violation } from './violation.js';
import { VIOLATION_ACTIONS } from './violation.feed.js';
import type { PolicyCheck, WatchRepository } from './watch.repository.js';

const SYSTEM = systemActor('policy-watch');

/** The active set; null: none is. */
type Active = { is: ActiveSet; set: PolicySet } | null;

/** What serves there, and what the active set says of it now. */
interface Asked {
  live: LiveDeployment | null;
  verdict: Verdict | null;
  decision: PolicyDecision | null;
}

/** Decides anew about what serves, and keeps what is violated: it begins and ends, and what serves is left alone. */
export class Rechecks {
  constructor(
    private readonly graph: Graph,
    private readonly rows: { watch: WatchRepository; decisions: DecisionRepository; standing: StandingRepository },
    private readonly sets: LoadedSets,
    private readonly by: { verdicts: StandingVerdicts; gatherer: FactsGatherer },
    private readonly tells: TellsOfViolations,
    private readonly now: () => Date,
  ) {}

  /** Decides about the deployments of these checks, and ends the checks, in one transaction. Throws LeaseLost. */
  async check(checks: readonly PolicyCheck[]): Promise<void> {
    const ids = [...new Set(checks.map(({ deploymentId }) => deploymentId))];
    const reader = this.graph.reader(SYSTEM.origin);
    const is = await activeSet(reader);
    const active = is && { is, set: await this.sets.active(reader, is) };
    const live = await this.rows.standing.liveOn(reader, ids);
    const asked = new Map(ids.map((id): [string, Asked] => [id, NOTHING_SERVES]));
    const found: Found<LiveDeployment>[] = [];
    await this.by.verdicts.each(reader, [...live.values()], (each) => void found.push(each));
    for (const each of found) asked.set(each.standing.id, await this.ask(reader, active, each));
    await this.rows.watch.holding(async (tx) => {
      const open = await this.rows.watch.openOn(tx, ids);
      for (const [id, of] of asked) {
        const before = open.filter(({ deploymentId }) => deploymentId === id);
        await this.keep(tx, active, of, before);
      }
      await this.rows.watch.ended(
        tx,
        checks.map(({ id }) => id),
      );
    });
  }

  private async ask(reader: Statements, active: Active, found: Found<LiveDeployment>): Promise<Asked> {
    const live = found.standing;
    const verdict = verdictOf(active?.set ?? null, found);
    if (active === null || verdict === null || wrongOf(verdict, live).size === 0)
      return { live, verdict, decision: null };
    const read = factsInTheWay(active.set, verdict);
    const witnesses = await this.by.gatherer.witnesses(reader, found.gathered, read, this.now());
    const about = { ...live.asked, resourceUrn: live.resourceUrn };
    const decision = decisionOf({ ...found, about, active: active.is, verdict, witnesses, now: this.now() });
    return { live, verdict, decision };
  }

  private async keep(
    tx: WriteTransaction,
    active: Active,
    { live, verdict, decision }: Asked,
    before: readonly Violation[],
  ): Promise<void> {
    const wrong = verdict && live ? wrongOf(verdict, live) : new Map<string, string[]>();
    const goesOn = (each: Violation): boolean => each.releaseId === live?.releaseId && wrong.has(each.policy);
    for (const each of before.filter((one) => !goesOn(one)))
      await this.close(tx, each, closingOf(each, live, active?.set ?? null));
    const known = new Set(before.filter(goesOn).map(({ policy }) => policy));
    const began = [...wrong].filter(([policy]) => !known.has(policy));
    if (began.length === 0 || !live || !decision) return;
    await this.rows.decisions.create(tx, decision);
    for (const [policy, reasons] of began) await this.open(tx, live, decision, policy, reasons);
  }

  private async open(
    tx: WriteTransaction,
    { id, resourceUrn, releaseId }: LiveDeployment,
    decision: PolicyDecision,
    policy: string,
    reasons: readonly string[],
  ): Promise<void> {
    const openedAt = this.now();
    const violation: Violation = {
      ...{ __typename: 'Violation', id: newId(), deploymentId: id, deploymentUrn: resourceUrn, releaseId, policy },
      ...{ reasons, decisionId: decision.id, openedAt, closedAt: null, closing: null },
    };
    await this.rows.watch.open(tx, violation);
    await this.tells.violationChanged(tx, violation, 'OPENED', openedAt);
    await this.account(tx, violation, VIOLATION_ACTIONS.OPENED, { policy, release: releaseId, decision: decision.id });
  }

  private async close(tx: WriteTransaction, violation: Violation, closing: Closing): Promise<void> {
    await this.rows.watch.close(tx, violation.id, closing);
    await this.tells.violationChanged(tx, violation, 'CLOSED', this.now());
    await this.account(tx, violation, VIOLATION_ACTIONS.CLOSED, { policy: violation.policy, closing });
  }

  private account(
    tx: WriteTransaction,
    { id, deploymentId, deploymentUrn, policy }: Violation,
    action: string,
    after: Record<string, unknown>,
  ): Promise<void> {
    const targetName = policy === '' ? `violation on ${deploymentUrn}` : `violation of ${policy} on ${deploymentUrn}`;
    return recordAudit(tx, SYSTEM, {
      ...{ action, targetId: id, targetName, assetIds: [deploymentId], after, at: this.now() },
    });
  }
}

const NOTHING_SERVES: Asked = { live: null, verdict: null, decision: null };

/**
 * The policies that forbid it with their sentences; an empty name: what no policy says, such as that none permits it. A lack of approval
 * is wrong where an emergency stood for it.
 */
function wrongOf({ policies, reasons }: Verdict, { owesWord }: LiveDeployment): Map<string, string[]> {
  const isMissed = (of: PolicyFinding): boolean => owesWord && of.verdict === 'WARN' && of.severity === 'approval';
  const wrong = new Map(
    policies
      .filter((of) => of.verdict === 'FAIL' || of.verdict === 'UNKNOWN' || isMissed(of))
      .map(({ id, reason }) => [
        id,
        reasons
          .filter((each) => each.startsWith(`${id}: `))
          .concat(reason)
          .slice(0, 1),
      ]),
  );
  const others = reasons.filter((each) => !policies.some(({ id }) => each.startsWith(`${id}: `)));
  return others.length > 0 ? wrong.set('', others) : wrong;
}

function closingOf({ releaseId, policy }: Violation, live: LiveDeployment | null, set: PolicySet | null): Closing {
  if (live?.releaseId !== releaseId) return 'RELEASE_ENDED';
  const isThere = set !== null && (policy === '' || set.policies.some(({ id }) => id === policy));
  return isThere ? 'CAUSE_GONE' : 'POLICY_GONE';
}
