import type { Integrity } from './integrity.js';
import type { AuditOutcome } from '../record/record.js';

export interface AuditEntry {
  __typename: 'AuditEntry';
  id: string;
  /** Its number in the sealed log, from 0; null until it is sealed. */
  seq: bigint | null;
  at: Date;
  actorId: string | null;
  /** "erased" when the person was erased. */
  actorName: string;
  action: string;
  outcome: AuditOutcome;
  targetId: string | null;
  targetName: string | null;
  requestId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  /** It concerns an asset the reader may not see: only who, what kind of act and when are told. */
  hidden: boolean;
  integrity: Integrity;
}

/** null in a member: no such condition. */
export interface AuditConditions {
  actorId: string | null;
  targetId: string | null;
  /** Id of an asset that is concerned. */
  assetId: string | null;
  requestId: string | null;
  actions: readonly string[] | null;
  outcome: string | null;
  from: Date | null;
  until: Date | null;
}

/** What happened to assets, for those who follow the catalog. */
export interface AssetEvent {
  seq: number;
  at: Date;
  action: string;
  /** Id of what it was done to. */
  targetId: string;
  assetIds: string[];
}
