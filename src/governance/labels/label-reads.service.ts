import type { Actor } from '../../auth/actor.js';
import type { Declaration, LabelClocks } from './label.js';
import type { LabelRepository } from './label.repository.js';
import { clocksOf } from '../../catalog/model/as-of.js';

/** What was declared, for who asks. */
export class LabelReads {
  constructor(
    private readonly rows: LabelRepository,
    private readonly now: () => Date,
  ) {}

  /** By the id of the asset, or the version. Throws BAD_USER_INPUT for a clock in the future. */
  async declaredOf(actor: Actor, ids: readonly string[], asked: LabelClocks): Promise<Map<string, Declaration[]>> {
    const { asOf, knownAt } = clocksOf(actor, { asOf: asked.validAt, knownAt: asked.knownAt }, this.now());
    const found = await this.rows.declaredOf(actor, ids, { validAt: asOf, knownAt });
    return new Map(ids.map((id) => [id, found.get(id) ?? []]));
  }
}
