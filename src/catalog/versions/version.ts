import type { ShownThen } from '../model/as-of.js';

/** An exact state of a data set or model. It never changes; a new state is a new version. */
export interface Version extends ShownThen {
  __typename: 'DatasetVersion' | 'ModelVersion';
  id: string;
  assetId: string;
  version: string;
  /** "<algorithm>:<hex>"; null when the publisher gave none. */
  digest: string | null;
  uri: string | null;
  /** Data sets only. */
  rowCount: bigint | null;
  bytes: bigint | null;
  /** Models only; {} otherwise. */
  metrics: Record<string, unknown>;
  parameters: Record<string, unknown>;
  /** What else is known of how it came about, by its name; {} when nothing is. Shown by who knows what it means. */
  facets: Record<string, unknown>;
  createdAt: Date;
}
