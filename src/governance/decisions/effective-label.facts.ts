import type { Statements } from '../../neo4j/statements.js';
import type { EffectiveLabels } from '../labels/label.js';
import { labelFacts } from '../policies/label-facts.js';
import type { LabelFacts, LabelsOfInputs } from './label-facts.port.js';

/** Who tells what labels follow: within the caller's transaction, of all there is. */
interface ReadsLabels {
  ofVersions(
    statements: Statements,
    ids: readonly string[],
    clocks: { validAt: Date | null; knownAt: Date | null },
  ): Promise<EffectiveLabels>;
}

/** The labels of what goes in, as policies are told: followed up the line at this moment, and kept nowhere. */
export class EffectiveLabelFacts implements LabelFacts {
  constructor(
    private readonly labels: ReadsLabels,
    /** Of the classification, from the lowest to the highest. */
    private readonly levels: readonly string[],
  ) {}

  async of(statements: Statements, versionIds: readonly string[], now: Date): Promise<LabelsOfInputs> {
    const effective = await this.labels.ofVersions(statements, versionIds, { validAt: null, knownAt: null });
    const { labels, unknown } = labelFacts(effective, { levels: this.levels, now });
    const origins = Object.entries(effective).flatMap(([dimension, { origins: of }]) =>
      of.map(({ at }) => ({ fact: `labels.${dimension}`, at })),
    );
    return { labels, unknown: [...unknown, 'writeDown'], origins };
  }
}
