import type { ReportedAsset } from './ingest.repository.js';
import type { Reading } from './reading.js';

/** An event that is to be taken in, and which of those that came it is. */
export interface Taken {
  place: number;
  /** Of the event as this source says it. */
  key: string;
  reading: Reading;
}

/** The assets of a transaction by their urns. */
export type AssetsByUrn = ReadonlyMap<string, ReportedAsset>;
