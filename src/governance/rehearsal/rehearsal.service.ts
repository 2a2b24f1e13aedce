import type { Actor } from '../../auth/actor.js';
import { badInput } from '../../errors.js';
import type { Graph } from '../../neo4j/graph.js';
import type { Statements } from '../../neo4j/statements.js';
import { policyState } from '../gate/gate.js';
import { faultLine } from '../policies/policy-faults.js';
import type { PolicySet } from '../policies/policy-set.js';
import type { LoadedSets } from '../sets/loaded-sets.js';
import type { PolicySetService } from '../sets/policy-set.service.js';
import { STANDING_KINDS, type StandingKind } from '../standing/standing.js';
import type { StandingRepository } from '../standing/standing.repository.js';
import { type StandingVerdicts, verdictOf } from '../standing/verdicts.service.js';
import { changeOf, type Rehearsal, type RehearsedChange, type RehearsedCount } from './rehearsal.js';

/** Of each kind so many are asked at most, and of all no longer than this: what is left out is told. */
const MOST = 5_000;
const LONGEST_MS = 20_000;
const AT_ONCE = 200;

/** Tries a set of policies on all that stands, before it is activated. Nothing is kept, and nobody is asked. */
export class Rehearsals {
  constructor(
    private readonly graph: Graph,
    private readonly sets: { service: PolicySetService; loaded: LoadedSets },
    private readonly standing: StandingRepository,
    private readonly verdicts: StandingVerdicts,
  ) {}

  /** null: there is no such set. Throws BAD_USER_INPUT for a faulty one. */
  async rehearse(actor: Actor, id: string): Promise<Rehearsal | null> {
    const policySet = (await this.sets.service.byIds(actor, [id])).get(id);
    if (!policySet) return null;
    const [fault] = policySet.faults;
    if (fault)
      throw badInput(
        `The set ${policySet.id} has ${policySet.faults.length} fault(s), so nothing can be decided by it: ${faultLine(fault)} Mend the files and upload them anew.`,
      );
    const statements = this.graph.reader(actor.origin);
    const { activeId } = await policyState(statements);
    const draft = (await this.sets.loaded.byId(statements, id)).set;
    const active = activeId === null ? null : (await this.sets.loaded.byId(statements, activeId)).set;
    const endsAt = performance.now() + LONGEST_MS;
    const made = { changes: [] as RehearsedChange[], isComplete: true };
    const counted: Partial<Record<StandingKind, RehearsedCount>> = {};
    for (const kind of STANDING_KINDS) {
      const of = await this.ofKind(statements, kind, { active, draft }, () => performance.now() < endsAt);
      made.changes.push(...of.changes);
      made.isComplete &&= of.isComplete;
      const denied = of.changes.filter((change) => change.active === 'PERMIT').length;
      counted[kind] = { checked: of.checked, changed: of.changes.length, denied };
    }
    const changes = made.changes.sort((a, b) => (a.id < b.id ? -1 : 1));
    return { policySet, activeId, counts: counted as Rehearsal['counts'], changes, isComplete: made.isComplete };
  }

  private async ofKind(
    statements: Statements,
    kind: StandingKind,
    sets: { active: PolicySet | null; draft: PolicySet },
    goesOn: () => boolean,
  ): Promise<{ changes: RehearsedChange[]; checked: number; isComplete: boolean }> {
    const changes: RehearsedChange[] = [];
    let checked = 0;
    let behind = '';
    while (checked < MOST) {
      const part = await this.standing.of(statements, kind, { behind, limit: AT_ONCE });
      const done = await this.verdicts.each(
        statements,
        part,
        (found) => {
          const [was, is] = [verdictOf(sets.active, found), verdictOf(sets.draft, found)];
          const change = is && changeOf(found.standing, was, is);
          if (change) changes.push(change);
        },
        goesOn,
      );
      checked += done;
      if (done < part.length) return { changes, checked, isComplete: false };
      if (part.length < AT_ONCE) return { changes, checked, isComplete: true };
      behind = part.at(-1)?.id ?? '';
    }
    const more = await this.standing.of(statements, kind, { behind, limit: 1 });
    return { changes, checked, isComplete: more.length === 0 };
  }
}
