import type { Statements } from '../../neo4j/statements.js';
import { Turn } from '../../turn.js';
import type { FactsGatherer, Gathered } from '../decisions/facts.service.js';
import { decide } from '../policies/decide.js';
import type { Verdict } from '../policies/engine.js';
import type { PolicySet } from '../policies/policy-set.js';
import type { Standing } from './standing.js';

/** As many are looked up side by side, each with some seven statements at once: the engine decides meanwhile. */
const AT_ONCE = 2;

/** What stands, with the facts of this moment. */
export interface Found<T extends Standing> {
  standing: T;
  gathered: Gathered;
}

/** Asks policies anew of what stands: by the facts as a decision gathers them, of which nothing is kept from before. */
export class StandingVerdicts {
  constructor(
    private readonly gatherer: FactsGatherer,
    private readonly now: () => Date,
  ) {}

  async find<T extends Standing>(statements: Statements, standing: T): Promise<Found<T>> {
    return { standing, gathered: await this.gatherer.gather(statements, standing.asked, this.now()) };
  }

  /** The work on each of them, some side by side, with turns for others between; as long as `goesOn` says so. How many were done. */
  async each<T extends Standing>(
    statements: Statements,
    all: readonly T[],
    work: (found: Found<T>) => void,
    goesOn: () => boolean = () => true,
  ): Promise<number> {
    const open = [...all];
    const turn = new Turn();
    let done = 0;
    const lane = async (): Promise<void> => {
      while (goesOn()) {
        const next = open.shift();
        if (next === undefined) return;
        work(await this.find(statements, next));
        done += 1;
        await turn.give();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return done;
  }
}

/** The verdict of a set; null: none is active, and nothing is enforced. */
export function verdictOf(set: PolicySet | null, { standing, gathered }: Found<Standing>): Verdict | null {
  const { action, requesterId: principal, resourceId: resource } = standing.asked;
  return set && decide(set, { action, principal, resource, facts: gathered.facts });
}
