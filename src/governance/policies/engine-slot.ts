import type { AuthorizationAnswer, PolicySet, SchemaJson } from '@cedar-policy/cedar-wasm/nodejs';
import { askCedar, CedarBroke, cedarGeneration } from './cedar.js';
import type { Policy } from './engine.js';
import type { KnownContext } from './known-facts.js';

/**
 * The engine keeps what it has read under a name, and never forgets one: so sets share a few names, and the one that was not
 * asked for longest gives its name away and is read again when it is asked.
 */
const SLOTS = 16;
const holders: (EngineSlot | null)[] = Array.from({ length: SLOTS }, () => null);
let turn = 0;

/** What the engine is asked. */
export interface EngineCall {
  action: string;
  principal: string;
  resource: string;
  context: KnownContext;
}

/** A set of policies as the engine holds it. */
export class EngineSlot {
  lastUsed = 0;
  private place = -1;
  private generation = -1;

  constructor(
    private readonly digest: string,
    private readonly schema: SchemaJson<string>,
    private readonly policies: readonly Policy[],
  ) {}

  /** Asks all policies, or those alone that permit. Throws CedarBroke where the engine breaks: never an answer. */
  authorize(which: 'all' | 'permits', call: EngineCall): AuthorizationAnswer {
    const name = this.held();
    return askCedar((cedar) =>
      cedar.statefulIsAuthorized({
        principal: { type: 'Actor', id: call.principal },
        action: { type: 'Action', id: call.action },
        resource: { type: 'Asset', id: call.resource },
        context: call.context,
        preparsedSchemaName: name,
        validateRequest: true,
        preparsedPolicySetId: `${name} ${which}`,
        entities: [],
      }),
    );
  }

  /** Lets the engine read the set now, and not with the first request. Throws CedarBroke. */
  readAhead(): void {
    this.held();
  }

  /** The name under which the engine holds it now. */
  private held(): string {
    this.lastUsed = turn += 1;
    if (holders[this.place] === this && this.generation === cedarGeneration()) return `slot ${this.place}`;
    const free = holders.findIndex((holder) => holder === null || holder === this);
    this.place = free >= 0 ? free : oldest();
    holders[this.place] = null;
    const name = `slot ${this.place}`;
    const permits = this.policies.filter(({ effect }) => effect === 'permit');
    for (const answer of [
      askCedar((cedar) => cedar.preparseSchema(name, this.schema)),
      askCedar((cedar) => cedar.preparsePolicySet(`${name} all`, byId(this.policies))),
      askCedar((cedar) => cedar.preparsePolicySet(`${name} permits`, byId(permits))),
    ])
      if (answer.type === 'failure') throw new CedarBroke(`The policy engine does not take the set ${this.digest}.`);
    holders[this.place] = this;
    this.generation = cedarGeneration();
    return name;
  }
}

function oldest(): number {
  const used = holders.map((holder) => holder?.lastUsed ?? 0);
  return used.indexOf(Math.min(...used));
}

function byId(policies: readonly Policy[]): PolicySet {
  return { staticPolicies: Object.fromEntries(policies.map(({ id, text }) => [id, text])) };
}
