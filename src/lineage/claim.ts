import type { AssetKind } from '../catalog/urn.js';

/** One source's statement that data flows from one asset to another. */
export interface Claim {
  id: string;
  source: string;
  runId: string | null;
  byId: string | null;
  validFrom: Date;
  validUntil: Date | null;
  recordedAt: Date;
  retractedAt: Date | null;
}

/** Data flows from one asset to another: their ids. */
export interface Flow {
  source: string;
  target: string;
}

/** Who states flows, and about when. */
export interface Statement {
  claimSource: string;
  runId: string | null;
  byId: string | null;
  validFrom: Date;
  validUntil: Date | null;
}

/** Which kinds can feed which: the way data flows. */
export const FEEDS: Record<AssetKind, readonly AssetKind[]> = {
  DATASET: ['TRANSFORMATION'],
  TRANSFORMATION: ['DATASET', 'MODEL'],
  MODEL: ['TRANSFORMATION', 'DEPLOYMENT'],
  DEPLOYMENT: ['DATASET'],
};

/** Claim sources that only Weftline itself uses. */
export const RUN_CLAIMS = 'weftline/runs';
export const RELEASE_CLAIMS = 'weftline/releases';

/** Most flows of one request. */
export const MAX_FLOWS = 1_000;
