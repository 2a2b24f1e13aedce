import type { Actor } from '../../auth/actor.js';
import { conflict, type WeftlineError } from '../../errors.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { AssetName } from './name-keys.js';
import type { NearTwinRepository } from './near-twins.repository.js';

/**
 * Whether a name may come in that could be taken for another: it may, and is told (`Asset.nearTwins`); where it is asked to be
 * strict about it, it may not. What the caller may not see counts as not there, or the refusal would tell it.
 */
export class NearTwinPolicy {
  constructor(private readonly twins: NearTwinRepository) {}

  /** The ids of the near twins of each asset, of those that the actor may see: twenty at most. */
  of(actor: Actor, ids: readonly string[]): Promise<Map<string, string[]>> {
    return this.twins.of(actor, ids);
  }

  /** Of the names that are to come together, the refusal, by its urn, of each that has a near twin. */
  async refusals(
    tx: WriteTransaction,
    actor: Actor,
    names: readonly (AssetName & { id?: string })[],
  ): Promise<Map<string, WeftlineError>> {
    if (names.length === 0) return new Map();
    const found = await this.twins.ofNames(tx, actor, names);
    return new Map([...found].map(([urn, twin]) => [urn, nearTwin(urn, twin)]));
  }
}

export const nearTwin = (urn: string, twin: string): WeftlineError =>
  conflict(
    `${urn} could be taken for ${twin}: they differ in case, a "/" at the end, or letters that look alike. Use that one, choose another name, or leave \`strict\` out.`,
  );
