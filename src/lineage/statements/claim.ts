import type { AssetKind } from '../../catalog/model/urn.js';

/** One source's claim that data flows, as follows from all it stated: the record a walk goes over. */
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

export type FlowFacts = Readonly<Record<string, string | boolean>>;

/** Data flows from one asset or field to another: their ids, and the facts that tell flows between the same two apart. */
export interface Flow {
  source: string;
  target: string;
  facts?: FlowFacts;
}

/**
 * What kind of flow claims are about. For another kind add one here and keep to three rules: both ends carry the label
 * Node, `facts` names what else makes a flow that flow (never null; each is kept as a property of the claim), and
 * every flow has one transformation or deployment that it is about.
 */
export interface FlowKind {
  relationship: 'FEEDS' | 'FEEDS_FIELD';
  facts: readonly string[];
}

export const ASSET_FLOWS: FlowKind = { relationship: 'FEEDS', facts: [] };
export const FIELD_FLOWS: FlowKind = {
  relationship: 'FEEDS_FIELD',
  facts: ['via', 'type', 'subtype', 'description', 'masking'],
};

export const REPORT_SCOPES = ['FLOWS', 'RUN', 'TRANSFORMATION'] as const;
/** What a report leaves out: nothing is said of it (FLOWS), or it is said to be no more (the other two). */
export type ReportScope = (typeof REPORT_SCOPES)[number];

/** What a source says at once about one transformation or deployment, its subject. */
export interface Report {
  claimSource: string;
  subjectId: string;
  runId: string | null;
  byId: string | null;
  scope: ReportScope;
  validFrom: Date;
  validUntil: Date | null;
  flows: readonly Flow[];
}

/** One flow of one report, as it is kept. */
export interface StatementRecord {
  id: string;
  source: string;
  scope: ReportScope;
  runId: string | null;
  byId: string | null;
  validFrom: Date;
  validUntil: Date | null;
  /** When a complete report begins that covers it and does not repeat it; null: none does. */
  coveredFrom: Date | null;
  recordedAt: Date;
  retractedAt: Date | null;
}

/** A flow with what its source claims of it now, the newest first. */
export interface ClaimedFlow extends Flow {
  claims: Claim[];
}

/** What of a source's statements about one subject is taken back: on some flows, of one run, or all. */
export interface Retraction {
  claimSource: string;
  subjectId: string;
  of: { flows: readonly Flow[] } | { runId: string } | 'everything';
  /** They were true until then; null: they never were. */
  from: Date | null;
}

export const CLAIM_METHODS = ['OBSERVED', 'DECLARED'] as const;
export type ClaimMethod = (typeof CLAIM_METHODS)[number];

/** How the source came to say it: seen in a run or by Weftline itself, or declared without one. */
export function methodOf({ source, runId }: Pick<Claim, 'source' | 'runId'>): ClaimMethod {
  return runId !== null || source.startsWith(OWN_SOURCES) ? 'OBSERVED' : 'DECLARED';
}

/** Which kinds can feed which: the way data flows. */
export const FEEDS: Record<AssetKind, readonly AssetKind[]> = {
  DATASET: ['TRANSFORMATION'],
  TRANSFORMATION: ['DATASET', 'MODEL'],
  MODEL: ['TRANSFORMATION', 'DEPLOYMENT'],
  DEPLOYMENT: ['DATASET'],
};

/** Claim sources that only Weftline itself uses. */
export const OWN_SOURCES = 'weftline/';
export const RUN_CLAIMS = 'weftline/runs';
export const RELEASE_CLAIMS = 'weftline/releases';

/** How many statements were taken back altogether, and how many got an earlier end. */
export interface Retracted {
  retracted: number;
  ended: number;
}

/** Most flows of one request. */
export const MAX_FLOWS = 1_000;
