/** What events are made of that tell others of what is here. */
import type { Asset, AssetField } from '../../catalog/model/asset.js';
import type { AssetKind } from '../../catalog/model/urn.js';
import type { QualityResult } from '../../catalog/quality/quality.js';
import type { Release } from '../../deployment/releases/release.js';
import type { FieldTransformation } from '../../lineage/fields/field-claim.js';
import type { Run } from '../../lineage/runs/run.js';
import type { TrainingJob } from '../../training/jobs/job.js';

export interface NamedAsset {
  id: string;
  kind: AssetKind;
  namespace: string;
  name: string;
}

export interface VersionFact extends NamedAsset {
  version: string;
  /** When it came about, as far as is known. */
  madeAt: Date;
  digest: string | null;
  rowCount: bigint | null;
  bytes: bigint | null;
  /** Nobody said that it was read: it was the one that was there. */
  inferred: boolean;
}

export interface RunFacts {
  run: Run;
  job: Asset;
  read: readonly VersionFact[];
  made: readonly VersionFact[];
  training: TrainingJob | null;
  /** The run that began it, where that is known and may be told. */
  parent: { runId: string; namespace: string; name: string } | null;
}

export interface ReleaseFacts {
  release: Release;
  deployment: Asset;
  /** null: it may not be told. */
  version: VersionFact | null;
}

export interface AssetFacts {
  asset: Asset;
  fields: readonly AssetField[];
}

/** What flows through a transformation or into a deployment. */
export interface FlowFacts {
  inputs: readonly NamedAsset[];
  outputs: readonly NamedAsset[];
  /** When the first of them began; null: nothing flows. */
  since: Date | null;
}

/** A column that goes into a column. */
export interface ColumnFact extends FieldTransformation {
  source: { id: string; namespace: string; name: string; field: string };
  field: string;
}

export interface QualityFact {
  result: QualityResult;
  /** The name of the version it is of; null: of which is not known. */
  version: string | null;
}
