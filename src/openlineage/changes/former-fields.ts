import type { Actor } from '../../auth/actor.js';
import type { NewField } from '../../catalog/assets/dataset-fields.repository.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { IngestRepository, NamedField } from '../ingest/ingest.repository.js';
import { mayTellOf } from '../ingest/reporting-rights.js';
import { isLater, type Stamp } from '../reading/stamp.js';
import type { AssetsByUrn, Known, SaidWriter, Taken } from '../ingest/taken.js';

/**
 * Keeps the fields that a data set had by a schema which is older than the latest: told of in their order they would be there as those
 * that were removed, and told of late they are so as well.
 */
export class FormerFields implements SaidWriter {
  constructor(private readonly rows: IngestRepository) {}

  async write(tx: WriteTransaction, actor: Actor, taken: readonly Taken[], { assets }: Known): Promise<void> {
    const latest = latestIn(taken, assets);
    const former = new Map<string, NamedField & NewField>();
    for (const { reading } of taken) {
      for (const [urn, { schemas }] of reading.datasets) {
        const asset = assets.get(urn);
        const isOld = isLater(latest.get(urn) ?? '', reading.stamp);
        if (!asset || asset.kind !== 'DATASET' || !isOld || !mayTellOf(actor, asset)) continue;
        for (const field of schemas.flat())
          former.set(JSON.stringify([urn, field.name]), { dataset: asset.id, ...field });
      }
    }
    await this.rows.keepFormerFields(tx, [...former.values()]);
  }
}

/** By urn, when the schema was said that holds. */
function latestIn(taken: readonly Taken[], assets: AssetsByUrn): Map<string, Stamp> {
  const latest = new Map<string, Stamp>();
  for (const { reading } of taken) {
    for (const [urn, { schemas }] of reading.datasets) {
      if (schemas.length === 0) continue;
      const before = latest.get(urn) ?? assets.get(urn)?.record?.stamp ?? null;
      latest.set(urn, isLater(reading.stamp, before) ? reading.stamp : (before ?? reading.stamp));
    }
  }
  return latest;
}
