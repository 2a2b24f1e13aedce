import type { Statements } from '../../neo4j/statements.js';
import type { Declaration, EffectiveLabels, Origin } from '../labels/label.js';
import { labelFacts } from '../policies/label-facts.js';
import type { LabelFacts, LabelsOfInputs } from './label-facts.port.js';

/** Who tells what labels follow: within the caller's transaction, of all there is. */
interface ReadsLabels {
  ofVersions(
    statements: Statements,
    ids: readonly string[],
    clocks: { validAt: Date | null; knownAt: Date | null },
  ): Promise<EffectiveLabels>;
  ofAsset(
    statements: Statements,
    id: string,
    clocks: { validAt: Date | null; knownAt: Date | null },
  ): Promise<EffectiveLabels>;
  declaredOf(statements: Statements, target: string): Promise<Declaration[]>;
  writtenDown(declared: readonly Declaration[], above: EffectiveLabels): readonly string[] | null;
}

const NOW = { validAt: null, knownAt: null };

/** The labels of what goes in, as policies are told: followed up the line at this moment, and kept nowhere. */
export class EffectiveLabelFacts implements LabelFacts {
  constructor(
    private readonly labels: ReadsLabels,
    /** Of the classification, from the lowest to the highest. */
    private readonly levels: readonly string[],
  ) {}

  async of(statements: Statements, versionIds: readonly string[], target: string, now: Date): Promise<LabelsOfInputs> {
    const [effective, declared] = await Promise.all([
      this.labels.ofVersions(statements, versionIds, NOW),
      this.labels.declaredOf(statements, target),
    ]);
    return this.told({ effective, declared, now }, ({ at }) => ({ at, assetId: null }));
  }

  async ofAsset(statements: Statements, assetId: string, now: Date): Promise<LabelsOfInputs> {
    const [effective, declared] = await Promise.all([
      this.labels.ofAsset(statements, assetId, NOW),
      this.labels.declaredOf(statements, assetId),
    ]);
    // No way leads from what went in: what is told is where it was said.
    const place = ({ versionId, assetId: of }: Origin) => ({ at: versionId ?? of, assetId: of });
    return this.told({ effective, declared, now }, place);
  }

  private told(
    { effective, declared, now }: { effective: EffectiveLabels; declared: readonly Declaration[]; now: Date },
    place: (origin: Origin) => { at: string; assetId: string | null },
  ): LabelsOfInputs {
    const { labels, unknown } = labelFacts(effective, { levels: this.levels, now });
    const origins = Object.entries(effective).flatMap(([dimension, { origins: of }]) =>
      of.map((origin) => ({
        fact: `labels.${dimension}`,
        ...place(origin),
        ...(origin.way ? { way: origin.way } : {}),
      })),
    );
    return { labels, writeDown: this.labels.writtenDown(declared, effective), unknown, origins };
  }
}
