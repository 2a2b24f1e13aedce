import type { Actor } from '../../auth/actor.js';
import type { WriteTransaction } from '../../neo4j/graph.js';
import type { ReportedAsset } from './ingest.repository.js';
import type { Reading } from '../reading/reading.js';

/** An event that is to be taken in, and which of those that came it is. */
export interface Taken {
  place: number;
  /** Of the event as this source says it. */
  key: string;
  reading: Reading;
}

/** The assets of a transaction by their urns. */
export type AssetsByUrn = ReadonlyMap<string, ReportedAsset>;

/** What is there once assets, runs and versions are written: ids of runs and versions by their keys. */
export interface Known {
  assets: AssetsByUrn;
  runs: ReadonlyMap<string, string>;
  versions: ReadonlyMap<string, string>;
}

/** Keeps something that events say of assets and runs, which are there by then. */
export interface SaidWriter {
  write(tx: WriteTransaction, actor: Actor, taken: readonly Taken[], known: Known): Promise<void>;
}
