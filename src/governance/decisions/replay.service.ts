import type { Actor } from '../../auth/actor.js';
import type { Graph } from '../../neo4j/graph.js';
import { decide } from '../policies/decide.js';
import type { Outcome, PolicyFinding } from '../policies/engine.js';
import type { LoadedSets } from '../sets/loaded-sets.js';
import type { DecisionRepository, SeenDecision } from './decision.repository.js';
import { type FactsGatherer, sha256Of } from './facts.service.js';

/** What comes of a decision that is made again. */
export interface Replay {
  decision: SeenDecision;
  /** The facts are those of their digest, and the policies those of theirs. */
  isIntact: boolean;
  outcome: Outcome;
  findings: readonly PolicyFinding[];
  reasons: readonly string[];
  /** Outcome, verdicts and reasons are the same. */
  isSame: boolean;
  /** Names of facts that are others today. */
  changedFacts: readonly string[];
}

/** Makes decisions again, from what was kept of them alone: the text of the policies, and the facts. */
export class Replays {
  constructor(
    private readonly graph: Graph,
    private readonly decisions: DecisionRepository,
    private readonly sets: LoadedSets,
    private readonly gatherer: FactsGatherer,
    private readonly now: () => Date,
  ) {}

  /** null: there is no such decision, or the actor may not know of it. */
  async replay(actor: Actor, id: string): Promise<Replay | null> {
    const decision = (await this.decisions.byIds(actor, [id])).get(id);
    if (!decision) return null;
    const { set } = await this.sets.byId(this.graph.reader(actor.origin), decision.policySetId);
    const { action, actorId: principal, resourceId: resource, facts } = decision;
    const { outcome, policies, reasons } = decide(set, { action, principal, resource, facts });
    const isIntact = set.digest === decision.policySetDigest && sha256Of(facts) === decision.factsDigest;
    const told = { outcome, findings: policies, reasons };
    const before = { outcome: decision.outcome, findings: decision.findings, reasons: decision.reasons };
    const isSame = isIntact && sha256Of(told) === sha256Of(before);
    return { decision, isIntact, ...told, isSame, changedFacts: await this.changedFacts(actor, decision) };
  }

  private async changedFacts(actor: Actor, decision: SeenDecision): Promise<string[]> {
    const { action, given, subjects, resourceId, actorId: requesterId } = decision;
    const reader = this.graph.reader(actor.origin);
    const asked = { action, given, subjects, resourceId, requesterId };
    const { facts } = await this.gatherer.gather(reader, asked, this.now());
    return differing(flat(decision.facts), flat(facts));
  }
}

/** Facts that are told as seconds differ each time: of these it counts whether their time is over. */
const IN_SECONDS = new Set(
  ['inputs.oldestQualitySeconds', 'labels.retainUntil', 'labels.deleteBy', 'labels.embargo', 'model.ageSeconds'].concat(
    ['model.evaluationAgeSeconds', 'breakGlass.secondsLeft'],
  ),
);

function flat(value: unknown, name = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const isTime = IN_SECONDS.has(name) && typeof value === 'number';
    return new Map([[name, JSON.stringify(isTime ? value > 0 : value)]]);
  }
  const of = ([key, each]: [string, unknown]) => [...flat(each, name === '' ? key : `${name}.${key}`)];
  return new Map(Object.entries(value).flatMap(of));
}

function differing(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.filter((name) => before.get(name) !== after.get(name));
}
