import type { Statements } from '../../neo4j/statements.js';
import type { ActiveSet } from '../gate/gate.js';
import { PolicySet } from '../policies/policy-set.js';
import type { StoredPolicySet } from './policy-set.js';
import type { PolicySetRepository } from './policy-set.repository.js';

const MOST_KEPT = 8;

/** Sets as the engine reads them. What is kept follows from the digest alone: nothing of a set ever changes. */
export class LoadedSets {
  private readonly kept = new Map<string, PolicySet>();

  constructor(private readonly sets: PolicySetRepository) {}

  /** The active one, which is asked for only where it is not kept. Throws as `byId` does. */
  async active(statements: Statements, { id, digest }: ActiveSet): Promise<PolicySet> {
    return this.kept.get(digest) ?? (await this.byId(statements, id)).set;
  }

  /** Throws when there is none, or its text is not that of its digest: nothing is decided by what was changed behind its back. */
  async byId(statements: Statements, id: string): Promise<{ stored: StoredPolicySet; set: PolicySet }> {
    const stored = await this.sets.byId(statements, id);
    if (!stored) throw new Error(`The set of policies ${id} is gone from the database.`);
    return { stored, set: await this.load(stored) };
  }

  private async load(stored: StoredPolicySet): Promise<PolicySet> {
    const known = this.kept.get(stored.digest);
    if (known) return known;
    const set = await PolicySet.loadInTurns(stored);
    if (set.digest !== stored.digest)
      throw new Error(`The text of the set of policies ${stored.id} is not what its digest ${stored.digest} says.`);
    this.kept.set(stored.digest, set);
    for (const oldest of this.kept.keys()) if (this.kept.size > MOST_KEPT) this.kept.delete(oldest);
    return set;
  }
}
